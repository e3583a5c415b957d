"""The life of a complaint as one table: (kind, state, command) → state. Every pair not in it is refused. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from threenos_wire.events import Reason


class ComplaintKind(StrEnum):
    REJECT = "reject"
    STOP = "stop"
    CALL = "call"
    LATE_RESPONSE = "late-response"


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ARRIVED = "arrived"
    CONTAINED = "contained"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Command(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    CONTAIN = "contain"
    DISPOSE = "dispose"
    ANSWER = "answer"
    ACCEPT = "accept"
    DECLINE = "decline"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    DISPUTE = "dispute"
    RULE = "rule"
    MERGE = "merge"
    COMMENT = "comment"
    DETAIL = "detail"
    OVERRIDE = "override"
    RELEASE = "release"


class Clock(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    CONTAIN = "contain"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something was not done: told to whoever asked, and journalled."""

    reason: Reason
    detail: str


def not_allowed(detail: str) -> Refused:
    return Refused(Reason.NOT_ALLOWED, detail)


#: Not contained yet: a second press for the same adds to the first.
UNCONTAINED = frozenset({State.OPEN, State.ACKNOWLEDGED, State.ARRIVED})
#: Nothing more is expected of anybody; the board lets it go.
OVER = frozenset({State.CLOSED, State.WITHDRAWN, State.MERGED})

_Rule = tuple[str, str, Command, State | None]
_PRODUCT = "reject stop"
_ALIVE = "open acknowledged arrived contained answered"
#: kinds, states from, command, state to (None: it stays).
_RULES: tuple[_Rule, ...] = (
    (f"{_PRODUCT} call", "open", Command.ACKNOWLEDGE, State.ACKNOWLEDGED),
    (f"{_PRODUCT} call", "open acknowledged", Command.ARRIVE, State.ARRIVED),
    (_PRODUCT, "arrived", Command.CONTAIN, State.CONTAINED),
    (_PRODUCT, "contained answered closed", Command.DISPOSE, None),
    (_PRODUCT, "contained", Command.ANSWER, State.ANSWERED),
    ("late-response", "open", Command.ANSWER, State.ANSWERED),
    (f"{_PRODUCT} late-response", "answered", Command.ACCEPT, State.CLOSED),
    ("call", "arrived", Command.ACCEPT, State.CLOSED),
    (_PRODUCT, "answered", Command.DECLINE, State.CONTAINED),
    ("late-response", "answered", Command.DECLINE, State.OPEN),
    (_PRODUCT, "closed", Command.REOPEN, State.CONTAINED),
    ("late-response", "closed", Command.REOPEN, State.OPEN),
    (f"{_PRODUCT} call", "open acknowledged", Command.WITHDRAW, State.WITHDRAWN),
    ("late-response", "open", Command.WITHDRAW, State.WITHDRAWN),
    (f"{_PRODUCT} late-response", _ALIVE, Command.DISPUTE, None),
    (f"{_PRODUCT} late-response", f"{_ALIVE} closed withdrawn merged", Command.RULE, None),
    (_PRODUCT, "open acknowledged arrived contained", Command.MERGE, State.MERGED),
    (f"{_PRODUCT} call late-response", f"{_ALIVE} closed withdrawn merged", Command.COMMENT, None),
    (f"{_PRODUCT} call late-response", _ALIVE, Command.DETAIL, None),
    ("stop", "open acknowledged arrived contained", Command.OVERRIDE, None),
    ("stop", "contained answered closed", Command.RELEASE, None),
)


def _spread() -> Iterator[tuple[tuple[ComplaintKind, State, Command], State]]:
    for kinds, states, command, to in _RULES:
        for kind in map(ComplaintKind, kinds.split()):
            for state in map(State, states.split()):
                yield (kind, state, command), to or state


TABLE: dict[tuple[ComplaintKind, State, Command], State] = dict(_spread())


def move(kind: ComplaintKind, state: State, command: Command) -> State | Refused:
    """The state after a command, or why it cannot be given now."""
    to = TABLE.get((kind, state, command))
    if to is not None:
        return to
    possible = [s for s in State if (kind, s, command) in TABLE]
    if not possible:
        return not_allowed(f"{command} is not for a complaint of kind {kind}")
    return not_allowed(f"{command} is not possible when {state}; only when {', '.join(possible)}")
