"""The words of notices: kinds, states, and a reason for every send and every not-send. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class NoticeKind(StrEnum):
    """What a notice is about; of a drill there is one kind only, so that nothing of it passes for the real thing."""

    STOP = "stop"
    REJECT = "reject"
    CALL = "call"
    ESCALATION = "escalation"
    REMINDER = "reminder"
    LATE = "late"
    DRILL = "drill"
    AUDIT = "audit"


#: At most one message of these per person and minute, listing all; the others go at once.
JOINABLE = frozenset({NoticeKind.REJECT, NoticeKind.REMINDER, NoticeKind.LATE, NoticeKind.AUDIT})


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    NO_ADDRESS = "no-address"


class Reason(StrEnum):
    """Why a notice went out, or why it has not (yet)."""

    NEW = "new"  # written, not looked at yet
    ALONE = "alone"  # sent as a message of its own
    JOINED = "joined"  # sent in one message with others
    HELD_MINUTE = "held-minute"  # the person had such a message less than a minute ago
    HELD_STORM = "held-storm"  # the person had many messages lately; it goes in one that lists all
    TEMPORARY = "temporary-failure"  # will be tried again
    PERMANENT = "permanent-failure"  # trying again cannot help
    GAVE_UP = "gave-up"  # tried as often as is sensible
    NO_ADDRESS = "no-address"  # the person has no address
    NOBODY = "nobody-on-the-roster"  # there was no person to tell


class SendFailed(Exception):
    """A hand-over that did not happen. `permanent` says that trying again cannot help."""

    def __init__(self, detail: str, *, permanent: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is told: the language and the addresses, which live with the person and are never copied here."""

    language: str = "en"
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice to be written. `person` is a person id, None when nobody holds `role`; `params` feed the wording."""

    person: str | None
    kind: NoticeKind
    params: Mapping[str, Any]
    role: str | None = None
    complaint: str | None = None
    line: str | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Pending:
    """A notice of the outbox that waits to be sent."""

    id: str
    person: str
    kind: NoticeKind
    created_at: datetime
    attempts: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    complaint: str | None = None
    line: str | None = None


#: The first tries after a temporary failure; doubled each time up to MAX_BACKOFF.
FIRST_BACKOFF = timedelta(seconds=5)
MAX_BACKOFF = timedelta(minutes=10)
#: With doubling to ten minutes these are about two hours of trying; then the notice is dead and stays visible.
MAX_ATTEMPTS = 18


def backoff(attempts: int, chance: float) -> timedelta:
    """How long to wait after `attempts` failures: exponential, at most ten minutes, `chance` in 0…1 takes off a half.

    Full waits for everybody would bring every notice back at the same instant to a gateway that has just recovered.
    """
    full: timedelta = min(FIRST_BACKOFF * 2 ** min(attempts - 1, 16), MAX_BACKOFF)
    return full * (1 - chance / 2)
