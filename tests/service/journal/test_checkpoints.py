"""Checkpoints leave the machine, and a tail that was cut behind the system's back shows against them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from homes import unguard
from listening import Quiet, leading_inside, serving

from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.db import Database
from threenos_server.journal import service as journal
from threenos_server.journal.checkpoints import Checkpoints
from threenos_server.journal.model import Break, Entry
from threenos_server.journal.verify import verify_every
from threenos_server.journal.witness import read_witnesses
from threenos_server.outward import Redirected

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Outside(Quiet):
    """Somebody who keeps what is sent."""

    kept: list[bytes] = []  # noqa: RUF012 - one server, emptied by its fixture

    def do_POST(self) -> None:
        self.kept.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()


@pytest.fixture
def outside() -> Iterator[str]:
    """A URL that keeps what is posted to it."""
    Outside.kept.clear()
    with serving(Outside) as server:
        yield f"{server.url}/"


@pytest.fixture
def plant(db: Database) -> Database:
    with db.write() as session:
        import_chain(session, example.text(), None, NOON)
    return db


def grow(db: Database) -> None:
    """One row more."""
    with db.write() as session:
        journal.append(session, "lakeside", [Entry("comment", {"then": {}}, NOON)], NOON)


def test_a_file_grows_by_a_line_an_hour(plant: Database, tmp_path: Path) -> None:
    """Only when there is something new to remember."""
    now, file = [NOON], tmp_path / "heads.jsonl"
    checkpoints = Checkpoints(plant, str(file), lambda: now[0])
    assert checkpoints.round() == 1
    grow(plant)
    assert checkpoints.round() == 0
    now[0] += timedelta(hours=1)
    assert (checkpoints.round(), checkpoints.round()) == (1, 0)
    now[0] += timedelta(hours=1)
    assert checkpoints.round() == 0
    assert [head.seq for head in read_witnesses(file.read_bytes().splitlines())["lakeside"]] == [1, 2]


def test_a_tail_that_was_cut_shows(plant: Database, outside: str) -> None:
    """The chain alone is whole; what was sent away is not."""
    grow(plant)
    assert Checkpoints(plant, outside, lambda: NOON).round() == 1
    with plant.engine.begin() as connection:
        unguard(connection)
        connection.exec_driver_sql("DELETE FROM witness")
        connection.exec_driver_sql("DELETE FROM journal WHERE seq = 2")
        first = connection.scalar(sa.text("SELECT hash FROM journal WHERE seq = 1"))
        connection.execute(sa.text("UPDATE site SET seq = 1, hash = :h"), {"h": first})
    with plant.read() as session:
        assert not isinstance(verify_every(session, {})["lakeside"], Break)
        assert isinstance(verify_every(session, read_witnesses(Outside.kept))["lakeside"], Break)


def test_a_head_that_is_sent_on_has_not_arrived(plant: Database) -> None:
    """It would come there as a question without it, and count as given out."""
    with leading_inside() as (url, inside):
        checkpoints = Checkpoints(plant, url, lambda: NOON)
        for _ in range(2):
            with pytest.raises(Redirected, match="answered 302 to /inside, which is not followed"):
                checkpoints.round()
        assert inside == []


def test_what_does_not_arrive_is_given_again(plant: Database, tmp_path: Path) -> None:
    """An hour is not waited for it."""
    file = tmp_path / "away" / "heads.jsonl"
    checkpoints = Checkpoints(plant, str(file), lambda: NOON)
    with pytest.raises(FileNotFoundError):
        checkpoints.round()
    file.parent.mkdir()
    assert checkpoints.round() == 1
