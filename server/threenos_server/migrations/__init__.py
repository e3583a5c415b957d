"""The tables as they change from version to version, for SQLite and PostgreSQL alike. Run by `threenos db upgrade`."""

from functools import cache
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from threenos_server.db import Base, Database

#: Any number that nothing else in the database locks.
_ADVISORY_LOCK = 0x7433_6E6F
_HERE = Path(__file__).parent
_VERSION = sa.text("SELECT version_num FROM alembic_version")


def metadata() -> sa.MetaData:
    """Every table of the system: each domain declares its own in its `tables.py`."""
    for path in sorted(_HERE.parent.glob("*/tables.py")):
        import_module(f"threenos_server.{path.parent.name}.tables")
    import_module("threenos_server.beats")
    return Base.metadata


def upgrade(db: Database) -> str:
    """Bring the tables to this version, in one transaction, and return it. Two that do so at once take turns."""
    with db.engine.connect().execution_options(threenos_write=True) as connection, connection.begin():
        if not db.sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY_LOCK})
        command.upgrade(_config(connection), "head")
        return str(connection.scalar(_VERSION))


def is_empty(db: Database) -> bool:
    """Whether nothing of ours is in it yet."""
    return not sa.inspect(db.engine).has_table("alembic_version")


def is_current(db: Database) -> bool:
    """Whether the tables are those of this version. Cheap enough to be asked by every probe."""
    with db.engine.connect() as connection:
        return bool(connection.scalar(_VERSION) == newest())


@cache
def newest() -> str | None:
    """The revision that the tables of this version have."""
    return ScriptDirectory(str(_HERE)).get_current_head()


def new_revision(db: Database, message: str) -> Path:
    """Write the revision that brings an upgraded, empty `db` to what the tables of the code say; its file."""
    with db.engine.connect() as connection:
        script = command.revision(_config(connection), message, autogenerate=True)
    if script is None or isinstance(script, list):
        raise RuntimeError("alembic wrote no revision")
    return Path(script.path)


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
