"""The write lock of SQLite: waited for, and given up with the error that everybody expects."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from plant import beside
from service.db.failing import failing_begins

from threenos_server import db as database
from threenos_server.db import Database, sqlite_url


def test_a_writer_waits_for_the_one_before(sqlite_db: Database) -> None:
    """Both commit, one after the other."""
    holding, done = threading.Event(), threading.Event()
    order: list[str] = []

    def second() -> None:
        holding.wait(10)
        with sqlite_db.write() as session:
            session.connection()
            order.append("second")
        done.set()

    with beside(second, holding), sqlite_db.write() as session:
        session.connection()
        holding.set()
        assert not done.wait(0.1)
        order.append("first")
    assert order == ["first", "second"]


def test_a_lock_that_never_comes_is_an_error_of_the_database(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intake keeps its batch on an OperationalError; the connection waits again as before."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    with sqlite_db.write() as session:
        session.connection()
        with pytest.raises(sa.exc.OperationalError, match="locked"), sqlite_db.write() as other:
            other.connection()
    with sqlite_db.write() as session:
        assert session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar() == 20


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN])
def test_a_disk_that_fails_at_begin_is_a_database_that_is_away(sqlite_db: Database, code: int) -> None:
    """Whoever keeps what they have and tries again knows it by the engine's errors, and the next try may go well."""
    with failing_begins(sqlite_db, code) as codes:
        with pytest.raises(sa.exc.OperationalError, match="disk") as thrown, sqlite_db.write() as session:
            session.connection()
        assert codes == []
    assert database.is_away(thrown.value)
    with sqlite_db.write() as session:
        assert session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar() == database.BUSY_TIMEOUT_MS


@pytest.fixture
def first(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """One who makes a database and is not yet done: it holds the lock of a file that nobody has switched to WAL."""
    path = sqlite_url(tmp_path).removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as making:
        making.execute("BEGIN IMMEDIATE")
        yield making


def test_who_comes_while_another_makes_the_database_waits(first: sqlite3.Connection, tmp_path: Path) -> None:
    """SQLite refuses it the switch to WAL at once, without any timeout: two starts on an empty directory met so."""
    second, done = Database(sqlite_url(tmp_path)), threading.Event()
    found: list[str] = []

    def connect() -> None:
        try:
            with second.read() as session:
                found.append(str(session.connection().exec_driver_sql("PRAGMA journal_mode").scalar()))
        finally:
            done.set()

    with beside(connect, done):
        try:
            assert not done.wait(0.1)
        finally:
            first.execute("COMMIT")
        assert done.wait(10)
    second.close()
    assert found == ["wal"]


def test_a_database_that_is_never_made_is_an_error(
    first: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the engine's own kind, when the time is over that everybody waits for a lock."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    second = Database(sqlite_url(tmp_path))
    with pytest.raises(sa.exc.OperationalError, match="locked"), second.read() as session:
        session.connection()
    second.close()
    assert first.in_transaction
