"""The database: one engine a process, a read or a write at a time, instants as milliseconds.

SQLite runs WAL with synchronous=FULL, read back at each connection, and takes its write lock at BEGIN: a write that
begins can commit. PostgreSQL runs READ COMMITTED for writes (the site's row lock orders them) and REPEATABLE READ for
reads, so that a snapshot and its sequence number belong together.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUSY_TIMEOUT_MS = 15_000
LOCK_LOOK_S = 0.0005
#: A host that hangs in the middle of a write is thrown out by PostgreSQL after this, and its locks with it.
HANGS_MS = 10_000
#: The SQLSTATEs of a write that was thrown out so, and of a server that has become a standby.
_GONE = frozenset({"25P03", "25006"})
#: What is live in a large plant, of each connection's own; SQLite's 2 MiB hold a quarter of it.
CACHE_KIB = 8192
#: A PostgreSQL that is gone without a word is noticed after some ten seconds, and not after the kernel's two hours.
WATCHED: dict[str, Any] = {
    "connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}  # fmt: skip
_BEGIN = "BEGIN IMMEDIATE"
_PAUSE = Event()


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def from_ms(ms: int) -> datetime:
    """The aware UTC instant of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime, kept as milliseconds since 1970 in both databases: small, sortable, never naive."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else from_ms(value)


#: A 64-bit key that SQLite still takes for its rowid.
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class Base(DeclarativeBase):
    """Every table of the system."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Database:
    """An engine with its two ways in: `read()` sees one committed moment, `write()` holds the write lock at once.

    `folds` are what every append to the journal is folded into, in the same transaction.
    """

    def __init__(self, url: str, folds: Sequence[Any] = ()) -> None:
        self.url = url
        self._info = {"folds": tuple(folds)}
        self.sqlite = url.startswith("sqlite")
        self.engine = _engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session in one snapshot; nothing written in it is kept."""
        options: dict[str, Any] = {} if self.sqlite else {"isolation_level": "REPEATABLE READ"}
        connection = self.engine.connect().execution_options(**options)
        with connection, Session(connection, info=self._info) as session:
            yield session

    @contextmanager
    def write(self, *, patient: bool = False) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it does not.

        With `patient` the database waits for as long as it works in Python between two statements, as one that goes
        through a whole journal does.
        """
        connection = self.engine.connect().execution_options(threenos_write=True)
        with connection, Session(connection, info=self._info) as session:
            if not self.sqlite:
                limit_ms = 0 if patient else HANGS_MS
                session.connection().exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {limit_ms}")
            yield session
            session.commit()

    def close(self) -> None:
        self.engine.dispose()


def is_away(error: BaseException) -> bool:
    """Whether an error is the database's own and passes: it was not reached, was busy, or ended the connection.

    The same may be tried again. Other errors are about what was asked of it.
    """
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.TimeoutError):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _GONE


def sqlite_url(directory: Path) -> str:
    """The URL of the database file in a data directory."""
    return f"sqlite:///{directory / 'threenos.db'}"


def _engine(url: str) -> Engine:
    # What goes in stays out of errors, which are logged: hashes and sealed secrets are among it.
    silent = {"hide_parameters": True}
    if url.startswith("sqlite"):
        wait = {"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000}
        engine = sa.create_engine(url, connect_args=wait, **silent)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    # What the URL itself says of these counts more.
    said = _parts(url).query
    watched = {name: value for name, value in WATCHED.items() if name not in said}
    return sa.create_engine(url, pool_pre_ping=True, connect_args=watched, **silent)


def _parts(url: str) -> sa.URL:
    """Raises ArgumentError, which says nothing of what stands in the URL: it may be the password."""
    try:
        return sa.make_url(url)
    except ValueError:
        problem = "its port is no number. In a password write %40 for @, %3A for :, %2F for /"
        raise sa.exc.ArgumentError(problem) from None


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    cursor = raw.cursor()
    mode = _journal_mode(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    cursor.execute("PRAGMA synchronous")
    synchronous = cursor.fetchone()[0]
    cursor.close()
    if (mode, synchronous) not in (("wal", 2), ("memory", 2)):
        raise RuntimeError(f"SQLite runs journal_mode={mode} synchronous={synchronous}; commits would not be durable")


def _journal_mode(cursor: Any) -> Any:
    """Switch to WAL and say what it is now. A new file that another process switches or writes at this very moment is
    refused at once, whatever the busy_timeout: SQLite sees two that wait for one another. So it is asked again.
    """
    until = monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            return cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        except sqlite3.OperationalError as e:
            if not _busy(e) or monotonic() > until:
                raise
        _PAUSE.wait(LOCK_LOOK_S)


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("threenos_write"):
        _take_write_lock(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _take_write_lock(connection: Connection) -> None:
    """Ask for the lock every half millisecond: SQLite itself asks ever less often, up to 100 ms apart, so that a press
    waited much longer than the transaction before it took.
    """
    raw: Any = connection.connection.driver_connection
    until = monotonic() + BUSY_TIMEOUT_MS / 1000
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while not _taken(raw):
            if monotonic() > until:
                connection.exec_driver_sql(_BEGIN)  # Raises as the engine's errors are raised.
                return
            _PAUSE.wait(LOCK_LOOK_S)
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _taken(raw: Any) -> bool:
    """Whether it is ours now. Raises what the engine would: who waits for a database that is away knows only these."""
    try:
        raw.execute(_BEGIN)
    except sqlite3.Error as e:
        if not _busy(e):
            raise sa.exc.DBAPIError.instance(_BEGIN, None, e, sqlite3.Error) from e
        return False
    return True


def _busy(error: sqlite3.Error) -> bool:
    """Whether another holds the lock, in any of the ways in which SQLite says so."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
