"""What the tablet draws: one document per station, sent whole on every change."""

from typing import Any

import msgspec

from threenos_station.outbox import Recent
from threenos_wire.messages import LineState


class Heard(msgspec.Struct, frozen=True):
    """`at` is the server's clock as its last beat told it, carried on until now; null while it is not heard."""

    heard: bool
    since: str | None
    at: str | None = None


class Waiting(msgspec.Struct, frozen=True):
    waiting: int
    oldest_at: str | None


class Parked(msgspec.Struct, frozen=True):
    """`event` is the id of what the server would not take."""

    event: str
    kind: str
    at: str
    reason: str
    detail: str


class LinkProblem(msgspec.Struct, frozen=True):
    """`code`: no-connection, not-trusted, certificate, refused, not-authorized, no-answer; `detail` what was said."""

    code: str
    detail: str


class LinkState(msgspec.Struct, frozen=True):
    connected: bool
    problem: LinkProblem | None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """`setup` and `state` are as the server last published them, null when it never has."""

    station: str
    server: Heard
    link: LinkState
    setup: msgspec.Raw | None
    state: msgspec.Raw | None
    outbox: Waiting
    parked: list[Parked]
    presses: list[Recent]


def lit(document: Document) -> frozenset[str]:
    """Which of the lamp states hold: saved, recorded, acknowledged, stopped, not-heard."""
    state: dict[str, Any] = msgspec.json.decode(document.state) if document.state is not None else {}
    complaints = [c for c in state.get("complaints") or () if isinstance(c, dict)]
    states = {c.get("state") for c in complaints}
    line = state.get("line")
    return frozenset(
        name
        for name, holds in (
            ("saved", document.outbox.waiting > 0),
            ("recorded", "open" in states),
            ("acknowledged", bool(states & {"acknowledged", "arrived"})),
            ("stopped", isinstance(line, dict) and line.get("state") == LineState.STOPPED),
            ("not-heard", not document.server.heard),
        )
        if holds
    )
