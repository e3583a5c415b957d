"""How patches of a complaint change its deadlines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from threenos_server.escalation.model import Deadlines, DeadlineState, follow, key_from, key_text, mark
from threenos_wire.instants import format_instant

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
OPEN, MET, FIRED, CANCELLED = DeadlineState.OPEN, DeadlineState.MET, DeadlineState.FIRED, DeadlineState.CANCELLED


def after(seconds: float) -> str:
    return format_instant(NOW + timedelta(seconds=seconds))


def opening(**more: Any) -> dict[str, Any]:
    """The first patch of a stop with the default standard."""
    due = {"acknowledge": after(60), "arrive": after(180), "contain": after(900), "answer": after(86_400)}
    roles = ("team-leader", "supervisor", "director")
    ladder = [
        {"level": n, "at": after(s), "role": role} for n, (s, role) in enumerate(zip((0, 180, 600), roles, strict=True))
    ]
    return {"round": 1, "state": "open", "due": due, "ladder": ladder, "stop": None, "answer": None, **more}


def opened(**more: Any) -> Deadlines:
    deadlines: Deadlines = {}
    follow(deadlines, opening(**more), NOW)
    return deadlines


def states(deadlines: Deadlines) -> dict[str, str]:
    return {f"{key[0]}/{key[1]}/{key[2]}": d.state.value for key, d in deadlines.items()}


def in_state(deadlines: Deadlines, state: DeadlineState) -> set[str]:
    return {name for name, s in states(deadlines).items() if s == state}


LADDER = {"1/ladder/0", "1/ladder/1", "1/ladder/2"}
EVERY = {"1/acknowledge/0", "1/arrive/0", "1/contain/0", "1/answer/0"} | LADDER


def test_a_complaint_opens_four_clocks_and_its_ladder() -> None:
    """Level 0 of the ladder is due at receipt, like any other step at its time."""
    deadlines = opened()
    assert in_state(deadlines, OPEN) == EVERY
    assert deadlines[1, "ladder", 0].due_at == NOW
    assert deadlines[1, "ladder", 1].role == "supervisor"


@pytest.mark.parametrize(
    ("state", "met"),
    [
        ("acknowledged", {"1/acknowledge/0"}),
        ("arrived", {"1/acknowledge/0", "1/arrive/0"} | LADDER),
        ("contained", EVERY - {"1/answer/0"}),
        ("answered", EVERY),
        ("closed", EVERY),
    ],
)
def test_a_stage_that_is_done_meets_its_clocks(state: str, met: set[str]) -> None:
    """The ladder ends at arrival; each clock at its stage or a later one."""
    deadlines = opened()
    follow(deadlines, {"state": state, "version": 2}, NOW + timedelta(seconds=30))
    assert in_state(deadlines, MET) == met
    assert in_state(deadlines, OPEN) == EVERY - met


@pytest.mark.parametrize("state", ["withdrawn", "merged"])
def test_withdrawn_and_merged_cancel_everything(state: str) -> None:
    """What is withdrawn escalates no more."""
    deadlines = opened()
    follow(deadlines, {"state": state}, NOW)
    assert in_state(deadlines, CANCELLED) == EVERY


def test_what_fired_stays_fired() -> None:
    """A stage that is done later does not undo what was told."""
    deadlines = opened()
    mark(deadlines, (1, "ladder", 0), {"state": "fired"}, NOW)
    follow(deadlines, {"state": "arrived"}, NOW + timedelta(seconds=30))
    assert deadlines[1, "ladder", 0].state is FIRED
    assert deadlines[1, "ladder", 0].fired_at == NOW


def test_a_new_round_starts_its_own_clocks() -> None:
    """A decline asks for the answer again; nothing of the first round runs on."""
    deadlines = opened()
    follow(deadlines, {"state": "answered"}, NOW)
    follow(deadlines, {"state": "contained", "round": 2, "due": {"answer": after(200_000)}, "ladder": []}, NOW)
    assert in_state(deadlines, OPEN) == {"2/answer/0"}


def test_a_reclassified_complaint_moves_its_due_instants() -> None:
    """Other due instants replace those of the round; a clock that is no longer there is cancelled."""
    deadlines = opened()
    follow(deadlines, {"due": {"acknowledge": after(60), "arrive": after(300)}}, NOW)
    assert deadlines[1, "arrive", 0].due_at == NOW + timedelta(seconds=300)
    assert in_state(deadlines, CANCELLED) == {"1/contain/0", "1/answer/0"}


PENDING = {"state": "pending", "from": after(45), "until": None}


@pytest.mark.parametrize(
    ("stop", "becomes"),
    [
        ({"state": "stopped", "from": after(45), "until": None}, FIRED),
        ({"state": "overridden", "from": after(5), "until": after(5)}, CANCELLED),
        ({"state": "released", "from": after(5), "until": after(5)}, CANCELLED),
        (None, CANCELLED),
    ],
)
def test_the_grace_of_a_stop_is_a_deadline(stop: dict[str, Any] | None, becomes: DeadlineState) -> None:
    """It is open while the stop is pending, and ends as the stop does."""
    deadlines = opened(stop=PENDING)
    assert deadlines[1, "grace", 0].due_at == NOW + timedelta(seconds=45)
    assert deadlines[1, "grace", 0].state is OPEN
    follow(deadlines, {"stop": stop}, NOW)
    assert deadlines[1, "grace", 0].state is becomes


def test_a_stop_pressed_again_after_an_override_has_a_grace_again() -> None:
    """The same complaint may stop its line twice."""
    deadlines = opened(stop=PENDING)
    follow(deadlines, {"stop": {"state": "overridden", "from": after(5), "until": after(5)}}, NOW)
    follow(deadlines, {"stop": {**PENDING, "from": after(90)}}, NOW)
    assert deadlines[1, "grace", 0].state is OPEN
    assert deadlines[1, "grace", 0].due_at == NOW + timedelta(seconds=90)


def test_a_countermeasure_is_reminded_of_a_day_before_even_when_closed() -> None:
    """What was promised outlives the complaint."""
    deadlines = opened()
    follow(deadlines, {"state": "answered", "answer": {"due_on": "2026-12-01"}}, NOW)
    follow(deadlines, {"state": "closed"}, NOW)
    assert deadlines[1, "countermeasure", 0].due_at == datetime(2026, 11, 30, tzinfo=UTC)
    assert in_state(deadlines, OPEN) == {"1/countermeasure/0"}


def test_nobody_is_reminded_of_what_was_promised_for_today() -> None:
    """A reminder that would be due at once is none."""
    deadlines = opened()
    follow(deadlines, {"answer": {"due_on": "2026-11-22"}}, NOW)
    assert (1, "countermeasure", 0) not in deadlines


def test_the_name_of_a_deadline_reads_back() -> None:
    """A journal row names a deadline in one text."""
    assert key_from(key_text("c-1", (2, "ladder", 1))) == ("c-1", (2, "ladder", 1))
