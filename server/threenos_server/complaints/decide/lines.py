"""The state of a line: it runs only when every stop on it is released. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from threenos_server.access import Role
from threenos_server.complaints.decide.decision import By, Decision, Said, about, touch
from threenos_server.complaints.life import Command, Refused, move, not_allowed
from threenos_server.complaints.model import Complaint, Patch, Stop
from threenos_server.complaints.view import Plant
from threenos_wire.events import Reason, Severity
from threenos_wire.instants import format_instant
from threenos_wire.messages import LineState

MAY_RELEASE = frozenset({Role.TEAM_LEADER, Role.SUPERVISOR, Role.QUALITY_ENGINEER})
MAY_RELEASE_CRITICAL = frozenset({Role.QUALITY_ENGINEER})
_UNSAID: Any = object()


class StopState(StrEnum):
    PENDING = "pending"
    STOPPED = "stopped"
    OVERRIDDEN = "overridden"
    RELEASED = "released"


def begin(plant: Plant, said: Said) -> Stop:
    """The stop that a press begins: at once, or at the fixed position when the line has a grace time.

    A press that comes late, from beyond the grace, has stopped the line already; so has one at a line that stands.
    """
    line = plant.line(said.station.line)
    grace = timedelta(seconds=plant.chain.grace_s(said.station.line))
    if line.state == LineState.STOPPED or not grace:
        return _stop(StopState.STOPPED, format_instant(said.occurred_at))
    if line.state == LineState.STOP_PENDING and line.stop_at is not None:
        return _stop(StopState.PENDING, line.stop_at)
    if said.occurred_at + grace <= said.received_at:
        return _stop(StopState.STOPPED, format_instant(said.occurred_at + grace))
    return _stop(StopState.PENDING, format_instant(said.received_at + grace))


def end(stop: Stop, state: StopState, at: str) -> Stop:
    """The stop when it is over. One that was still pending never stopped the line: it has no length."""
    began = at if stop["state"] == StopState.PENDING else min(stop["from"], at)
    return {"state": str(state), "from": began, "until": at}


def line_then(
    plant: Plant, line: str, changed: Mapping[str, Stop], at: str, first_piece: str | None = _UNSAID
) -> dict[str, Patch]:
    """The patch of the line (`{}` when nothing changes) after these stops, by complaint, have changed at an instant."""
    stops = {named: c.stop for named, c in plant.stops.get(line, {}).items() if c.stop} | dict(changed)
    live = [s for s in stops.values() if s["until"] is None]
    stopped = [s for s in live if s["state"] == StopState.STOPPED]
    pending = [s for s in live if s["state"] == StopState.PENDING]
    state = LineState.STOPPED if stopped else LineState.STOP_PENDING if pending else LineState.RUNNING
    wanted: Patch = {
        "state": str(state),
        "stop_at": min(s["from"] for s in pending) if state == LineState.STOP_PENDING else None,
    }
    now = plant.line(line)
    if first_piece is not _UNSAID:
        wanted["first_piece"] = first_piece if state != LineState.STOPPED else None
    patch = {k: v for k, v in wanted.items() if getattr(now, k) != v}
    if "state" in patch:
        patch["since"] = at
    return {line: patch} if patch else {}


def release(plant: Plant, complaint: Complaint, roles: frozenset[Role], at: datetime) -> Decision | Refused:
    """The line may run again, as far as this complaint goes; its first good piece is still to be confirmed."""
    to = move(complaint.kind, complaint.state, Command.RELEASE)
    if isinstance(to, Refused):
        return to
    if complaint.stop is None or complaint.stop["until"] is not None:
        return not_allowed("nothing is stopped by this complaint any more")
    critical = complaint.severity == Severity.CRITICAL
    needed = MAY_RELEASE_CRITICAL if critical else MAY_RELEASE
    if not roles & needed:
        who = " or ".join(sorted(needed))
        return Refused(Reason.NOT_AUTHORIZED, f"a stop of severity {complaint.severity} is released by {who}")
    instant = format_instant(at)
    stop = end(complaint.stop, StopState.RELEASED, instant)
    lines = line_then(plant, complaint.line, {complaint.id: stop}, instant, complaint.id)
    return about("release", complaint, touch(complaint, stop=stop), lines=lines)


def confirm_first_piece(plant: Plant, complaint: Complaint) -> Decision | None:
    """The first good piece after a release was seen at the station; None when none is waited for."""
    if plant.line(complaint.line).first_piece != complaint.id:
        return None
    return Decision("first-piece", complaint.id, {"lines": {complaint.line: {"first_piece": None}}})


def override(plant: Plant, complaint: Complaint, by: By) -> Decision | Refused:
    """During the grace a team leader lets the line run on; the complaint stays."""
    to = move(complaint.kind, complaint.state, Command.OVERRIDE)
    if isinstance(to, Refused):
        return to
    if complaint.stop is None or complaint.stop["state"] != StopState.PENDING:
        return not_allowed("override is only possible during the grace, before the line has stopped")
    at = format_instant(by.now)
    stop = end(complaint.stop, StopState.OVERRIDDEN, at)
    lines = line_then(plant, complaint.line, {complaint.id: stop}, at)
    return about("override", complaint, touch(complaint, stop=stop), lines=lines)


def line_stop_due(plant: Plant, line: str, now: datetime) -> list[Decision]:
    """The rows `line-stopped` of a line whose grace is over, one for each complaint that stops it."""
    present = plant.line(line)
    at = present.stop_at
    if present.state != LineState.STOP_PENDING or at is None or at > format_instant(now):
        return []
    stopped = {
        named: _stop(StopState.STOPPED, at)
        for named, c in plant.stops.get(line, {}).items()
        if c.stop is not None and c.stop["state"] == StopState.PENDING
    }
    lines = line_then(plant, line, stopped, at)
    decisions = []
    for named, stop in stopped.items():
        complaint = plant.complaints[named]
        decisions.append(about("line-stopped", complaint, touch(complaint, stop=stop), lines=lines))
        lines = {}
    return decisions


def drill(line: str, *, armed: bool) -> Decision:
    """A drill of the line is armed or ended; what was pressed in it stays a drill."""
    return Decision("drill-armed" if armed else "drill-ended", None, {"lines": {line: {"drill": armed}}})


def _stop(state: StopState, since: str) -> Stop:
    return {"state": str(state), "from": since, "until": None}
