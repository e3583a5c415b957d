"""The SQLite file that is moved: while it is read nobody else has it open, and nobody can open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from threenos_server.errors import Conflict
from threenos_server.moving.left import behind
from threenos_server.whole import sync

#: Who has just looked at the file has closed it by then.
PATIENCE_S = 2.0


@contextmanager
def alone(file: Path) -> Iterator[sa.Connection]:
    """The file on one connection, which is the only one there is until the block ends.

    A connection that has used a file in WAL mode holds a lock on it for as long as it lives; leaving that mode needs
    that there is none. So an idle web server is noticed as well. Raises Conflict when somebody has the file open.
    """
    options = {"isolation_level": None, "timeout": PATIENCE_S}
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool, connect_args=options)
    try:
        with engine.connect() as connection:
            _claim(connection, file)
            yield connection
    finally:
        engine.dispose()


def leave(file: Path) -> Path:
    """Give a file that was moved the name under which nobody opens it; that name."""
    left = file.rename(behind(file))
    sync(left.parent)
    return left


def _claim(connection: sa.Connection, file: Path) -> None:
    try:
        connection.exec_driver_sql("PRAGMA locking_mode=EXCLUSIVE")
        mode = connection.exec_driver_sql("PRAGMA journal_mode=DELETE").scalar()
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
    except sa.exc.OperationalError as e:
        raise Conflict(f"{file} is in use ({e.orig}); stop everything that runs on it") from e
    if mode != "delete":
        raise Conflict(f"{file} is in use; stop everything that runs on it")
