"""Follow the journal: wait cheaply until somebody has written, then give the new rows in order.

SQLite: `PRAGMA data_version` changes when another connection commits; it is asked every few milliseconds while rows
come, and less often the longer none came. PostgreSQL: LISTEN, which costs nothing while it waits. Neither is trusted
alone: the journal itself is read at every beat.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from threenos_server.db import Database
from threenos_server.journal.model import Row
from threenos_server.journal.service import CHANNEL, after

BATCH = 500
_SHORTEST_S = 0.002
_LONGEST_S = 0.025
#: The pause between two looks is this part of how long it has been quiet.
_PATIENCE = 20
#: How soon a wait on PostgreSQL notices that it should stop.
_SLICE_S = 0.25


class Numbered(Protocol):
    """What of a row is asked for: its number."""

    @property
    def seq(self) -> int: ...


T = TypeVar("T", bound=Numbered)
Read = Callable[[Session, str, int, int], list[T]]
"""(session, site, after which seq, how many at the most) → rows of that site, in order."""


class Bell(Protocol):
    """Rings when the database was written to."""

    def wait(self, timeout_s: float, stop: Event) -> None:
        """Return when it rang, after `timeout_s`, or when `stop` is set."""


def follow(db: Database, seqs: Mapping[str, int], stop: Event, *, beat_s: float = 1.0) -> Iterator[list[Row]]:
    """The rows of each site of `seqs` after its sequence number, in lists of one site, until `stop` is set.

    An empty list says that the journal was read and there was nothing new: at least one every `beat_s`, so that who
    follows can do what is due and knows that the database answers. Raises what the database raises.
    """
    return follow_by(after, db, seqs, stop, beat_s=beat_s)


def follow_by(read: Read[T], db: Database, seqs: Mapping[str, int], stop: Event, *, beat_s: float) -> Iterator[list[T]]:
    """The same for what `read` makes of the rows, for who needs less of them than all."""
    last = dict(seqs)
    with bell(db) as rung:
        while not stop.is_set():
            found = False
            for site in last:
                for rows in _new(read, db, site, last[site], stop):
                    found, last[site] = True, rows[-1].seq
                    yield rows
            if not found:
                yield []
                rung.wait(beat_s, stop)


@contextmanager
def bell(db: Database) -> Iterator[Bell]:
    """What rings for this database, on a connection of its own. To be used by one thread."""
    raw = db.engine.raw_connection()
    connection: Any = raw.driver_connection
    raw.detach()
    try:
        yield _SqliteBell(connection) if db.sqlite else _PostgresqlBell(connection)
    finally:
        connection.close()


def _new(read: Read[T], db: Database, site: str, seq: int, stop: Event) -> Iterator[list[T]]:
    while not stop.is_set():
        with db.read() as session:
            rows = read(session, site, seq, BATCH)
        if rows:
            yield rows
            seq = rows[-1].seq
        if len(rows) < BATCH:
            return


class _SqliteBell:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._seen = self._version()
        self._rang = time.monotonic()

    def wait(self, timeout_s: float, stop: Event) -> None:
        until = time.monotonic() + timeout_s
        while not stop.is_set():
            now, version = time.monotonic(), self._version()
            if version != self._seen:
                self._seen, self._rang = version, now
                return
            if now >= until:
                return
            pause = min(max((now - self._rang) / _PATIENCE, _SHORTEST_S), _LONGEST_S)
            stop.wait(min(pause, until - now))

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])


class _PostgresqlBell:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")

    def wait(self, timeout_s: float, stop: Event) -> None:
        until = time.monotonic() + timeout_s
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            for _ in self._connection.notifies(timeout=min(left, _SLICE_S), stop_after=1):
                return
