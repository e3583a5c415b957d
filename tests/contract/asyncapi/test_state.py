"""What stations and boards are really sent has the shapes of the document."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from board_story import BEGIN, Day

from threenos_server.board.service import line_status, snapshot
from threenos_server.chain import example
from threenos_server.chain.service import current, import_chain
from threenos_server.db import Database
from threenos_server.intake.state import state_of
from threenos_server.journal.service import append
from threenos_wire.live import Snapshot
from threenos_wire.messages import LineStatus, Refusal
from threenos_wire.station import State


@pytest.fixture
def told(db: Database) -> Database:
    """The example factory and sixty rows, folded by every fold."""
    day = Day(21)
    with db.write() as session:
        import_chain(session, example.text(), None, BEGIN)
        append(session, day.site, day.entries(60), BEGIN)
    return db


def _as_sent(document: Any, shape: type) -> bool:
    said = msgspec.json.decode(msgspec.json.encode(document))
    return bool(msgspec.json.decode(msgspec.json.encode(msgspec.convert(said, shape))) == said)


def test_states_boards_and_lines_are_as_documented(told: Database) -> None:
    """With no key more, for every station and line."""
    with told.read() as session:
        chain, now = current(session, "lakeside"), BEGIN + timedelta(hours=1)
        refused = [Refusal("x", "not-yours", "y")]
        states = [state_of(session, chain, station, 7, now, b"key", refused) for station in chain.stations]
        assert all(_as_sent(state, State) for state in states)
        assert any(state["complaints"] for state in states)
        assert _as_sent(snapshot(session, "lakeside", now), Snapshot)
        assert all(_as_sent(line_status(session, "lakeside", line), LineStatus) for line in chain.lines)
