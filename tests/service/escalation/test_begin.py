"""The first step of a ladder, climbed in the transaction of the press."""

from typing import Any

import pytest

from threenos_server.errors import NotFound
from threenos_server.escalation import decide
from threenos_server.folds import FOLDS
from threenos_server.journal.rebuild import compare
from threenos_wire.events import Kind

SITE = "lakeside"


def test_the_team_leader_is_told_before_any_clock_looks(fast_plant: Any) -> None:
    """The row follows that of the press, its deadline is done, and the clock finds nothing more to do."""
    stop = fast_plant.press("mill-1", Kind.STOP)
    assert fast_plant.told() == [("Ann", "stop")]
    pressed, climbed = fast_plant.rows("stop", "escalated")
    assert (climbed.seq, climbed.body["escalation"]["level"]) == (pressed.seq + 1, 0)
    assert fast_plant.complaint(stop).level == 0
    fast_plant.wait(0)
    assert len(fast_plant.rows("escalated")) == 1
    with fast_plant.db.read() as session:
        assert compare(session, SITE, FOLDS) == []


def test_a_repeat_tells_nobody_again(fast_plant: Any) -> None:
    """It adds to what was told."""
    for _ in range(2):
        fast_plant.press("mill-1", defect="porosity")
    assert [kind for _, kind in fast_plant.told()] == ["reject"]


def test_the_next_steps_are_the_clocks(fast_plant: Any) -> None:
    """Only what is due at receipt is climbed by the intake."""
    fast_plant.press("mill-1", Kind.STOP)
    fast_plant.wait(181)
    assert [row.body["escalation"]["level"] for row in fast_plant.rows("escalated")] == [0, 1]


def test_what_breaks_there_is_left_to_the_clock(fast_plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The press is taken all the same, and somebody is told a moment later."""

    def broken(*_: Any) -> Any:
        raise NotFound("no such place")

    with monkeypatch.context() as patched:
        patched.setattr(decide, "begin", broken)
        fast_plant.press("mill-1", Kind.STOP)
        assert fast_plant.told() == []
    fast_plant.wait(0)
    assert fast_plant.told() == [("Ann", "stop")]
