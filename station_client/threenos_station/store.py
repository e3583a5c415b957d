"""The agent's SQLite file: what is committed here survives a power cut."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from threenos_station.errors import NotRead, NotSaved
from threenos_station.whole import sync

_FULL = 2
#: Whoever pressed while another program holds the file is told "not saved" after this, and the page waits no longer.
BUSY_S = 3.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS boots (
  boot TEXT PRIMARY KEY, station TEXT NOT NULL, last_seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, station TEXT NOT NULL, boot TEXT NOT NULL,
  seq INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL, at TEXT NOT NULL, scope TEXT NOT NULL,
  ticks INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', reason TEXT, detail TEXT);
CREATE INDEX IF NOT EXISTS events_station ON events (station, state, n);
CREATE TABLE IF NOT EXISTS recorded (
  id TEXT PRIMARY KEY, n INTEGER NOT NULL, station TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL,
  defect TEXT, supplier TEXT, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recorded_station ON recorded (station, n);
CREATE TABLE IF NOT EXISTS kept (station TEXT, leaf TEXT, payload BLOB NOT NULL, PRIMARY KEY (station, leaf));
CREATE TABLE IF NOT EXISTS witness (
  site TEXT, slot TEXT, seq INTEGER NOT NULL, hash TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (site, slot));
CREATE TABLE IF NOT EXISTS codes (
  hash TEXT PRIMARY KEY, until REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tablets (hash TEXT PRIMARY KEY, paired_at TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """One connection shared by the agent's threads. Every commit is on the disk before `write` ends."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise
        sync(path.parent)
        self._seen = self._version()

    def _prepare(self) -> None:
        mode = self._db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        self._db.execute("PRAGMA synchronous = FULL")
        level = self._db.execute("PRAGMA synchronous").fetchone()[0]
        if mode != "wal" or level != _FULL:
            raise NotSaved(
                "not-durable", f"this disk gives journal_mode {mode} and synchronous {level}, not WAL and FULL"
            )
        self._db.executescript(_SCHEMA)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction, committed and fsynced when the block ends; NotSaved when the disk does not take it."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as e:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(e, sqlite3.Error | NotRead):
                    raise NotSaved("disk", f"the agent's disk did not take it: {e}") from e
                raise

    def read(self, sql: str, *values: Any) -> list[Any]:
        """The rows of a SELECT; NotRead when the disk does not give them."""
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as e:
                raise NotRead("disk", f"the agent's disk did not give it: {e}") from e

    def changed_by_others(self) -> bool:
        """Whether another process has written here since the last time this was asked."""
        with self._lock:
            before, self._seen = self._seen, self._version()
        return before != self._seen

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])


def set_aside_if_broken(path: Path) -> Path | None:
    """A file that is no database any more is moved aside and named, so that the station can still raise an alarm."""
    if not path.exists():
        return None
    try:
        db = sqlite3.connect(path, timeout=10)
        try:
            sound = db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        finally:
            db.close()
    except sqlite3.OperationalError:
        raise  # locked, or not to be opened: nothing says that its contents are broken
    except sqlite3.DatabaseError:
        sound = False
    if sound:
        return None
    return _move_aside(path)


def _move_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside
