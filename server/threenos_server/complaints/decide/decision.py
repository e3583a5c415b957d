"""What a decision is made of, and what it is made about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from threenos_server.access import Role
from threenos_server.chain.model import Station
from threenos_server.complaints.model import Complaint, Patch
from threenos_wire.events import Event


@dataclass(frozen=True, slots=True)
class Decision:
    """What changes: the kind of the journal row, the complaint that it belongs to, and the merge patches of `then`.

    `also` are further rows of the same moment, for the history of another complaint.
    """

    kind: str
    complaint: str | None = None
    then: Mapping[str, Any] = field(default_factory=dict)
    also: tuple["Decision", ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """An event as the server took it, with canonical ids. `roles` are those that a badge or PIN proved at this line."""

    event: Event
    station: Station
    occurred_at: datetime
    received_at: datetime
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class By:
    """Who gives a command, when: `role` is the one that allows it."""

    role: Role | None
    now: datetime


def touch(complaint: Complaint, **changes: Any) -> Patch:
    """A patch of these fields that counts as one more version."""
    changes["version"] = complaint.version + 1
    return changes


def about(kind: str, complaint: Complaint, patch: Patch, **then: Any) -> Decision:
    """A decision that patches one complaint; `then` are the other parts, left out when they are empty."""
    parts: dict[str, Any] = {"complaints": {complaint.id: patch}}
    parts.update((k, v) for k, v in then.items() if v)
    return Decision(kind, complaint.id, parts)
