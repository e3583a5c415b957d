"""The deadlines of a complaint, and how a patch of the complaint changes them. Pure: rows in, deadlines out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from enum import StrEnum
from typing import Any

from threenos_wire.instants import parse_instant

#: The fields of a complaint that its deadlines follow from; a patch without any of them costs nothing here.
FOLLOWED = frozenset({"round", "due", "ladder", "stop", "state", "answer"})
#: A countermeasure is reminded of this long before the (UTC) day on which it is due.
REMIND_BEFORE = timedelta(days=1)


class DeadlineClock(StrEnum):
    """The four limits of a service standard, and three more things that become due."""

    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    CONTAIN = "contain"
    ANSWER = "answer"
    LADDER = "ladder"
    GRACE = "grace"
    COUNTERMEASURE = "countermeasure"


class DeadlineState(StrEnum):
    OPEN = "open"
    MET = "met"
    FIRED = "fired"
    CANCELLED = "cancelled"


LIMITS = (DeadlineClock.ACKNOWLEDGE, DeadlineClock.ARRIVE, DeadlineClock.CONTAIN, DeadlineClock.ANSWER)

Key = tuple[int, str, int]
"""Round, clock, level: what is unique about a deadline of one complaint."""


@dataclass(slots=True)
class Deadline:
    """When something is due, and what became of it. `role` is whom a step of the ladder tells."""

    due_at: datetime
    role: str | None = None
    state: DeadlineState = DeadlineState.OPEN
    fired_at: datetime | None = None


Deadlines = dict[Key, Deadline]

_COME = (DeadlineClock.ACKNOWLEDGE, DeadlineClock.ARRIVE, DeadlineClock.LADDER)
#: What a state of the complaint has fulfilled. A countermeasure outlives the complaint that was accepted for it.
_MET: dict[str, tuple[DeadlineClock, ...]] = {
    "acknowledged": (DeadlineClock.ACKNOWLEDGE,),
    "arrived": _COME,
    "contained": (*_COME, DeadlineClock.CONTAIN),
    "answered": (*_COME, DeadlineClock.CONTAIN, DeadlineClock.ANSWER),
    "closed": (*_COME, DeadlineClock.CONTAIN, DeadlineClock.ANSWER),
}
_DROPPED = frozenset({"withdrawn", "merged"})


def key_text(complaint: str, key: Key) -> str:
    """How a deadline is named in a journal row: complaint/round/clock/level."""
    return f"{complaint}/{key[0]}/{key[1]}/{key[2]}"


def key_from(text: str) -> tuple[str, Key]:
    """The complaint and the key of a name in a journal row. Raises ValueError."""
    complaint, round_, clock, level = text.split("/")
    return complaint, (int(round_), clock, int(level))


def follow(deadlines: Deadlines, patch: Mapping[str, Any], at: datetime) -> None:
    """Change the deadlines of a complaint in place as a patch of it says; `at` is the instant of its row."""
    present = max((key[0] for key in deadlines), default=1)
    round_ = patch.get("round", present)
    if round_ > present:
        _end((d for key, d in deadlines.items() if key[0] < round_), DeadlineState.CANCELLED)
    state = patch.get("state")
    if state in _MET:
        _end((d for key, d in deadlines.items() if key[1] in _MET[state]), DeadlineState.MET)
    _set_limits(deadlines, round_, patch)
    if "stop" in patch:
        _set_grace(deadlines, round_, patch["stop"], at)
    if patch.get("answer"):
        _set_reminder(deadlines, round_, patch["answer"], at)
    if state in _DROPPED:
        _end(deadlines.values(), DeadlineState.CANCELLED)


def mark(deadlines: Deadlines, key: Key, patch: Mapping[str, Any], at: datetime) -> None:
    """What a row says of one deadline by its name: that it fired, or was dropped."""
    known = deadlines.get(key)
    if known is not None and known.state is DeadlineState.OPEN:
        known.state = DeadlineState(patch["state"])
        known.fired_at = at if known.state is DeadlineState.FIRED else None


def _set_limits(deadlines: Deadlines, round_: int, patch: Mapping[str, Any]) -> None:
    """The limits and the ladder of a round. They are full values: what is no longer among them is cancelled."""
    if "due" in patch:
        for clock in LIMITS:
            _put(deadlines, (round_, clock, 0), patch["due"].get(clock), None)
    if "ladder" in patch:
        steps = {step["level"]: step for step in patch["ladder"]}
        levels = {key[2] for key in deadlines if key[:2] == (round_, DeadlineClock.LADDER)}
        for level in sorted(levels | steps.keys()):
            step = steps.get(level, {})
            _put(deadlines, (round_, DeadlineClock.LADDER, level), step.get("at"), step.get("role"))


def _set_grace(deadlines: Deadlines, round_: int, stop: Mapping[str, Any] | None, at: datetime) -> None:
    key = (round_, DeadlineClock.GRACE, 0)
    if stop is not None and stop["state"] == "pending":
        _put(deadlines, key, stop["from"], None)
    elif stop is not None and stop["state"] == "stopped":
        mark(deadlines, key, {"state": DeadlineState.FIRED}, at)
    else:
        _put(deadlines, key, None, None)


def _set_reminder(deadlines: Deadlines, round_: int, answer: Mapping[str, Any], at: datetime) -> None:
    """Nobody is reminded of what was promised for today."""
    due_on = answer.get("due_on")
    if due_on is None:
        return
    remind_at = datetime.combine(Date.fromisoformat(str(due_on)), time(0), UTC) - REMIND_BEFORE
    if remind_at > at:
        _put(deadlines, (round_, DeadlineClock.COUNTERMEASURE, 0), remind_at, None)


def _put(deadlines: Deadlines, key: Key, due: str | datetime | None, role: str | None) -> None:
    """Set a deadline; another due instant opens it again, the same one changes nothing, None cancels it."""
    known = deadlines.get(key)
    if due is None:
        if known is not None:
            _end([known], DeadlineState.CANCELLED)
        return
    due_at = parse_instant(due) if isinstance(due, str) else due
    if known is None or known.due_at != due_at:
        deadlines[key] = Deadline(due_at, role)


def _end(deadlines: Iterable[Deadline], state: DeadlineState) -> None:
    for deadline in deadlines:
        if deadline.state is DeadlineState.OPEN:
            deadline.state = state
