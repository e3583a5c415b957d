"""Append and read, on both databases."""

import sqlite3
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa
from plant import at_once

from threenos_server.db import Database
from threenos_server.errors import NotFound
from threenos_server.journal import service
from threenos_server.journal.folding import Fold
from threenos_server.journal.model import EMPTY, Entry, Head
from threenos_server.journal.verify import verify

NOW = datetime(2026, 11, 22, 2, 0, 0, 123000, tzinfo=UTC)


class Word(StrEnum):
    YES = "yes"


def test_rows_come_back_as_they_were_appended(journal: Database) -> None:
    """With their numbers, instants to the millisecond, and the hash of the row before."""
    with journal.write() as session:
        written = service.append(session, "plant", [Entry("comment", {"then": {}}, NOW)], NOW)
    with journal.read() as session:
        rows = service.after(session, "plant", 0)
        assert service.after(session, "plant", 8) == written
        assert list(service.every(session, "plant")) == rows
    assert [row.seq for row in rows] == list(range(1, 10))
    assert [row.prev for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert rows[-1] == written[0]
    assert rows[-1].occurred_at == NOW


def test_a_full_batch_is_looked_up_by_a_sqlite_with_usual_limits(journal: Database) -> None:
    """400 messages of 100 events: more ids than a SQLite takes in one statement that no distribution has widened."""
    ids = [f"event-{n}" for n in range(40_000)]
    with journal.read() as session:
        if journal.sqlite:
            connection: Any = session.connection().connection.driver_connection
            connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)
        assert len(service.known_events(session, ids)) == 8


def test_reading_goes_on_in_pieces(journal: Database) -> None:
    """No row twice, none left out."""
    with journal.read() as session:
        first = service.after(session, "plant", 0, limit=5)
        rest = service.after(session, "plant", first[-1].seq, limit=5)
    assert [row.seq for row in first + rest] == list(range(1, 9))


def test_a_complaint_has_its_history(journal: Database) -> None:
    """Its own rows, in order."""
    with journal.write() as session:
        service.append(session, "plant", [Entry("comment", {"then": {}}, NOW, complaint="c3")], NOW)
    with journal.read() as session:
        assert [row.seq for row in service.of_complaint(session, "plant", "c3")] == [3, 9]
        assert service.of_complaint(session, "elsewhere", "c3") == []


def test_an_event_id_is_taken_once(journal: Database) -> None:
    """The second time nothing is written at all."""
    again = Entry("reject", {"digest": "0" * 64, "then": {}}, NOW, event_id="event-3")
    with pytest.raises(sa.exc.IntegrityError), journal.write() as session:
        service.append(session, "plant", [Entry("comment", {"then": {}}, NOW), again], NOW)
    with journal.read() as session:
        assert service.head(session, "plant").seq == 8
        assert service.known_events(session, ["event-3", "event-99"]) == {"event-3": (3, f"{3:064d}")}


def test_an_unknown_site_is_said(plain_db: Database) -> None:
    """For reading its head and for writing alike."""
    with pytest.raises(NotFound), plain_db.read() as session:
        service.head(session, "nowhere")
    with pytest.raises(NotFound), plain_db.write() as session:
        service.append(session, "nowhere", [], NOW)


def test_nothing_to_append_writes_nothing(journal: Database) -> None:
    """The head stays."""
    with journal.write() as session:
        before = service.head(session, "plant")
        assert service.append(session, "plant", [], NOW) == []
        assert service.head(session, "plant") == before
        service.add_site(session, "empty")
        assert service.head(session, "empty") == EMPTY


def test_folds_see_a_body_as_it_is_read_back(either_db: Database) -> None:
    """So a rebuild gives them exactly the same."""
    seen: list[object] = []
    fold = Fold("seen", lambda _session, rows: seen.extend(row.body for row in rows), ())
    db = Database(either_db.url, (fold,))
    with db.write() as session:
        service.add_site(session, "plant")
        service.append(session, "plant", [Entry("x", {"then": {"word": Word.YES, "pair": (1, 2)}}, NOW)], NOW)
    with db.read() as session:
        assert seen == [row.body for row in service.after(session, "plant", 0)]
    assert type(seen[0]["then"]["word"]) is str  # type: ignore[index]
    db.close()


def test_appends_at_once_take_turns(plain_db: Database) -> None:
    """Several writers: the numbers have no hole and the chain is whole."""
    with plain_db.write() as session:
        service.add_site(session, "plant")

    def write() -> None:
        for _ in range(5):
            with plain_db.write() as session:
                service.append(session, "plant", [Entry("comment", {"then": {}}, NOW)] * 3, NOW)

    at_once(*[write] * 4)
    with plain_db.read() as session:
        found = verify(session, "plant")
    assert isinstance(found, Head)
    assert found.seq == 60
