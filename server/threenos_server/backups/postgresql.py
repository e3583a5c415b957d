"""A PostgreSQL database: dumped while it is written to, and put in the place of another by its own programs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.orm import Session

from threenos_server.errors import Conflict, NotFound, ThreenosError

#: Who has no user is one of PostgreSQL's own workers, which give way by themselves.
_OTHERS = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND usesysid IS NOT NULL")
_OWNER = sa.text("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = :name")


def dump(session: Session, url: str, target: Path) -> None:
    """The moment that `session` sees, into a file for `pg_restore`. It has to be a session of `Database.read`."""
    snapshot = session.scalar(sa.text("SELECT pg_export_snapshot()"))
    _run(make_url(url), "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")


@contextmanager
def beside(url: str, source: Path) -> Iterator[str]:
    """A new database beside that of `url` with what the dump `source` holds: its URL. It is dropped, unless renamed.

    It belongs to whom the present one belongs. Raises Conflict while others are connected to the present one, and
    ThreenosError when the role may not make databases or the dump cannot be read.
    """
    present = make_url(url)
    fresh = present.set(database=f"{present.database}_restoring")
    with _maintenance(present) as connection:
        owner = connection.scalar(_OWNER, {"name": present.database})
        if owner is None:
            raise NotFound(f"there is no database {present.database}; make an empty one, with its owner, first")
        _alone(connection, present)
        _do(connection, f"DROP DATABASE IF EXISTS {_quoted(fresh)} WITH (FORCE)")
        _do(connection, f"CREATE DATABASE {_quoted(fresh)} OWNER {_name(owner)} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        whose = ("--no-owner", f"--role={owner}")
        _run(fresh, "pg_restore", "--exit-on-error", "--single-transaction", *whose, str(source))
        yield fresh.render_as_string(hide_password=False)
    finally:
        with _maintenance(present) as connection:
            _do(connection, f"DROP DATABASE IF EXISTS {_quoted(fresh)} WITH (FORCE)")


def replace(fresh_url: str, url: str, kept: str) -> None:
    """Put the fresh database in the place of the present one, which is kept under the name `kept`: both or neither."""
    fresh, present = make_url(fresh_url), make_url(url)
    with _maintenance(present) as connection:
        _alone(connection, present)
        connection.commit()
        connection.execution_options(isolation_level="READ COMMITTED")
        with connection.begin():
            _do(connection, f"ALTER DATABASE {_quoted(present)} RENAME TO {_name(kept)}")
            _do(connection, f"ALTER DATABASE {_quoted(fresh)} RENAME TO {_quoted(present)}")


def kept_name(url: str, moment: str) -> str:
    """Under which the present database is kept; PostgreSQL cuts names at 63 characters."""
    return f"{str(make_url(url).database)[:30]}_before_restore_{moment.lower()}"


@contextmanager
def _maintenance(present: URL) -> Iterator[Connection]:
    """A connection to a database that is not the one that is renamed."""
    other = "template1" if present.database == "postgres" else "postgres"
    engine = sa.create_engine(_with_driver(present).set(database=other), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.OperationalError as e:
        raise ThreenosError(f"the database {other} does not answer: {e.orig}") from e
    finally:
        engine.dispose()


def _alone(connection: Connection, present: URL) -> None:
    if others := connection.scalar(_OTHERS, {"name": present.database}):
        raise Conflict(
            f"{others} others are connected to the database {present.database}: stop web, intake, clock and what else "
            "reads it first"
        )


def _do(connection: Connection, statement: str) -> None:
    try:
        connection.exec_driver_sql(statement)
    except sa.exc.DBAPIError as e:
        raise ThreenosError(f"{statement}: {str(e.orig).strip()}") from e


def _quoted(url: URL) -> str:
    return _name(str(url.database))


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _with_driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg")


def _run(url: URL, program: str, *arguments: str) -> None:
    """The password goes by the environment: what stands in a command line can be read by everybody on the machine."""
    if shutil.which(program) is None:
        raise ThreenosError(f"{program} is not installed (Debian, Ubuntu: apt-get install postgresql-client)")
    where = url._replace(drivername="postgresql", password=None).render_as_string(hide_password=False)
    password = {} if url.password is None else {"PGPASSWORD": url.password}
    command = [program, f"--dbname={where}", *arguments]
    done = subprocess.run(command, env=os.environ | password, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ThreenosError(f"{program}: {done.stderr.strip()}")
