"""The follower hears what others write, soon, in order and whole. On both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import Queue
from threading import Event

import pytest
from plant import beside, taken, wait_for
from sqlalchemy import text

from threenos_server.db import Database
from threenos_server.journal import follow as following
from threenos_server.journal.follow import follow
from threenos_server.journal.model import Entry, Row
from threenos_server.journal.service import add_site, append

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@contextmanager
def followed(db: Database, seqs: dict[str, int], beat_s: float = 0.2) -> Iterator[Queue[list[Row]]]:
    """A thread that follows and puts what it hears into a queue."""
    heard: Queue[list[Row]] = Queue()
    stop = Event()

    def run() -> None:
        for rows in follow(db, seqs, stop, beat_s=beat_s):
            heard.put(rows)

    with beside(run, stop):
        yield heard


def take(heard: Queue[list[Row]], n: int) -> list[Row]:
    """The next n rows."""
    rows: list[Row] = []

    def enough() -> bool:
        rows.extend(taken(heard, f"row {len(rows) + 1} of {n}"))
        return len(rows) >= n

    wait_for(f"{n} rows", enough)
    return rows


def write(db: Database, site: str, n: int = 1) -> None:
    with db.write() as session:
        append(session, site, [Entry("comment", {"then": {}}, NOW)] * n, NOW)


@pytest.fixture
def two_sites(plain_db: Database) -> Database:
    with plain_db.write() as session:
        add_site(session, "east")
        add_site(session, "west")
    return plain_db


def test_it_begins_after_what_is_known(two_sites: Database) -> None:
    """Rows that are there already come first, from the number that was asked for."""
    write(two_sites, "east", 7)
    with followed(two_sites, {"east": 4}) as heard:
        assert [row.seq for row in take(heard, 3)] == [5, 6, 7]


def test_it_hears_each_site_in_order(two_sites: Database) -> None:
    """Each list is of one site, and nothing is left out."""
    with followed(two_sites, {"east": 0, "west": 0}) as heard:
        for _ in range(10):
            write(two_sites, "east")
            write(two_sites, "west", 2)
        rows = take(heard, 30)
    assert [row.seq for row in rows if row.site == "east"] == list(range(1, 11))
    assert [row.seq for row in rows if row.site == "west"] == list(range(1, 21))


def test_many_rows_come_in_pieces(two_sites: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """No list is longer than a batch."""
    monkeypatch.setattr(following, "BATCH", 4)
    write(two_sites, "east", 10)
    with followed(two_sites, {"east": 0}) as heard:
        lists = [taken(heard, "a list of rows") for _ in range(3)]
    assert [[row.seq for row in rows] for rows in lists] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


def test_it_says_that_it_listens(two_sites: Database) -> None:
    """An empty list at every beat, while nothing is written."""
    with followed(two_sites, {"east": 0}, beat_s=0.05) as heard:
        assert [taken(heard, "a beat") for _ in range(4)] == [[]] * 4


def test_it_hears_soon_even_after_a_silence(two_sites: Database) -> None:
    """Long before the beat: it was woken, or looked."""
    with followed(two_sites, {"east": 0}, beat_s=60) as heard:
        taken(heard, "the first look")
        for _ in range(3):
            Event().wait(0.3)
            write(two_sites, "east")
            take(heard, 1)


def test_a_lost_connection_is_an_error(postgres_db: Database) -> None:
    """Who follows begins again; nobody is deaf without knowing."""
    with postgres_db.write() as session:
        add_site(session, "east")
    heard: Queue[object] = Queue()
    stop = Event()

    def run() -> None:
        try:
            for rows in follow(postgres_db, {"east": 0}, stop):
                heard.put(rows)
        except Exception as e:  # noqa: BLE001 - the loop that follows is the boundary
            heard.put(e)

    with beside(run, stop):
        taken(heard, "the first look")
        _end_other_connections(postgres_db)
        wait_for("the lost connection is told", lambda: "terminat" in str(taken(heard, "the error")))


def _end_other_connections(db: Database) -> None:

    with db.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
