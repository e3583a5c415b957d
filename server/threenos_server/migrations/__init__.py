"""The tables as they change from version to version, for SQLite and PostgreSQL alike. Run by `threenos db upgrade`."""

from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Event

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from threenos_server.db import Base, Database
from threenos_server.errors import Conflict
from threenos_server.migrations.compat import Step, oldest, why_not

#: Any number that nothing else in the database locks.
_ADVISORY_LOCK = 0x7433_6E6F
#: PostgreSQL: so long a change of a table may wait for those who read it. All others wait behind it meanwhile, the
#: intake among them, so it gives way, and tries again so often.
LOCK_MS, PAUSE_S, TRIES = 1500, 1.0, 40
_HERE = Path(__file__).parent
VERSIONS = _HERE / "versions"
_VERSION = sa.text("SELECT version_num FROM alembic_version")
_WORKS_WITH = sa.text("SELECT works_with FROM alembic_version")


def metadata() -> sa.MetaData:
    """Every table of the system: each domain declares its own in its `tables.py`."""
    for path in sorted(_HERE.parent.glob("*/tables.py")):
        import_module(f"threenos_server.{path.parent.name}.tables")
    import_module("threenos_server.beats")
    return Base.metadata


def upgrade(db: Database) -> str:
    """Bring the tables to this version, in one transaction, and return theirs. Two that do so at once take turns.

    Tables of a newer version that this program works with stay as they are. Raises Conflict for those that it cannot
    work with, and when somebody reads on and on what has to be changed.
    """
    for _ in range(TRIES):
        try:
            return _upgraded(db)
        except sa.exc.OperationalError as e:
            if getattr(e.orig, "sqlstate", None) != "55P03":
                raise
        Event().wait(PAUSE_S)
    raise Conflict("others have been reading the tables that are to be changed all the time; end them, and try again")


def is_empty(db: Database) -> bool:
    """Whether nothing of ours is in it yet."""
    return not sa.inspect(db.engine).has_table("alembic_version")


def misfit(db: Database) -> str | None:
    """Why this program cannot work on the tables, in words; None when it can. Cheap enough for every probe to ask."""
    with db.engine.connect() as connection:
        return _misfit(connection)


def newest() -> str:
    """The revision that the tables of this version have."""
    return steps()[-1].revision


@cache
def steps() -> tuple[Step, ...]:
    """The revisions of this program, first to last. One that does not say `works_with` works with nothing older."""
    scripts = list(ScriptDirectory(str(_HERE), version_locations=[str(VERSIONS)]).walk_revisions())
    return tuple(Step(s.revision, getattr(s.module, "works_with", s.revision)) for s in reversed(scripts))


def new_revision(db: Database, message: str) -> Path:
    """Write the revision that brings an upgraded, empty `db` to what the tables of the code say; its file."""
    with db.engine.connect() as connection:
        script = command.revision(config(connection), message, autogenerate=True)
    if script is None or isinstance(script, list):
        raise RuntimeError("alembic wrote no revision")
    return Path(script.path)


def config(connection: sa.Connection) -> Config:
    """What Alembic's commands need to run on this connection."""
    made = Config()
    made.set_main_option("script_location", str(_HERE))
    made.set_main_option("version_locations", str(VERSIONS))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _upgraded(db: Database) -> str:
    with db.engine.connect().execution_options(threenos_write=True) as connection, connection.begin():
        return upgrade_on(connection)


def upgrade_on(connection: sa.Connection) -> str:
    """As `upgrade`, in the transaction of that connection; tried once."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY_LOCK})
        connection.execute(sa.text(f"SET LOCAL lock_timeout = {LOCK_MS}"))
    found = version(connection)
    if found is not None and found not in _known():
        if reason := _misfit(connection):
            raise Conflict(reason)
        return found
    command.upgrade(config(connection), "head")
    _declare(connection)
    return newest()


def version(connection: sa.Connection) -> str | None:
    """The revision of the tables that are there; None where there are none of ours."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(_VERSION)
    return found


def _declare(connection: sa.Connection) -> None:
    """Write beside the version with which older programs the tables work: these do not know the revisions to come."""
    if not _declares(connection):
        connection.execute(sa.text("ALTER TABLE alembic_version ADD COLUMN works_with VARCHAR(32)"))
    connection.execute(sa.text("UPDATE alembic_version SET works_with = :oldest"), {"oldest": oldest(steps())})


def _declares(connection: sa.Connection) -> bool:
    return "works_with" in {column["name"] for column in sa.inspect(connection).get_columns("alembic_version")}


def _misfit(connection: sa.Connection) -> str | None:
    tables = connection.scalar(_VERSION)
    foreign = tables is not None and tables not in _known() and _declares(connection)
    return why_not(tables, connection.scalar(_WORKS_WITH) if foreign else None, _known())


def _known() -> list[str]:
    return [step.revision for step in steps()]
