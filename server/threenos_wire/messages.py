"""What the server and the stations tell each other besides events. Shapes as they stand on the topic."""

from enum import StrEnum
from typing import Any

import msgspec

from threenos_wire.events import Reason


class LineState(StrEnum):
    RUNNING = "running"
    STOP_PENDING = "stop-pending"
    STOPPED = "stopped"


class Refusal(msgspec.Struct, frozen=True):
    id: str | None
    reason: Reason
    detail: str


class Ack(msgspec.Struct, frozen=True):
    """Sent on `…/ack` only after the database commit: one message per station and commit."""

    accepted: list[str] = []
    refused: list[Refusal] = []


class Presence(msgspec.Struct, frozen=True):
    """What a station says of itself every 10 s, and by its will (`online` false)."""

    online: bool
    boot: str
    version: str
    outbox: int


class ServerBeat(msgspec.Struct, frozen=True):
    """Each 2 s from every live intake: the head of the site's journal, which makes every agent its witness.

    `intake` names the intake's connection: a new name hears what is sent from now on, and nothing that was sent before.
    """

    at: str
    seq: int
    hash: str
    intake: str = ""


class LineStatus(msgspec.Struct, frozen=True):
    """`_line/{line}`: for stack lights, PLC gateways and dashboards; `level` is the highest escalation level."""

    state: LineState
    since: str
    seq: int
    complaint: str | None
    supplier: str | None
    level: int | None


def to_json(message: Any) -> bytes:
    """The bytes of any message of this module."""
    return msgspec.json.encode(message)
