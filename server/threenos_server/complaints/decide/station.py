"""What a station says about a complaint that is there: detail, arrive, release, accept, decline, withdraw. Pure.

A station carries no version: it is judged by the table as it stands.
"""

from collections.abc import Callable
from typing import Any

from threenos_server.access import Role
from threenos_server.complaints.attribution import Attribution, Basis, charge, way
from threenos_server.complaints.decide.clocks import next_round
from threenos_server.complaints.decide.decision import Decision, Said, about, touch
from threenos_server.complaints.decide.lines import StopState, confirm_first_piece, end, line_then, release
from threenos_server.complaints.decide.press import additions, total
from threenos_server.complaints.life import Command, ComplaintKind, Refused, State, move, not_allowed
from threenos_server.complaints.model import Complaint, Patch, Stop, known_defect, names, raised
from threenos_server.complaints.view import Plant
from threenos_wire.events import Kind, Reason
from threenos_wire.instants import format_instant

Verdict = Decision | Refused
#: Who stands at a station says there that somebody came, and takes back what was pressed there.
_OWN = frozenset({Kind.ARRIVE, Kind.WITHDRAW})


def follow(plant: Plant, said: Said, complaint: Complaint) -> Verdict:
    """What a dependent event does to its complaint, or why it does nothing."""
    strange = _not_yours(plant, said, complaint)
    return strange or _FOLLOW[said.event.kind](plant, said, complaint)


def _not_yours(plant: Plant, said: Said, complaint: Complaint) -> Refused | None:
    """The line is released anywhere on it; the rest is said by the process that complained, or by the station alone."""
    station, kind = said.station, said.event.kind
    same_line = complaint.line == station.line
    if same_line and (complaint.customer == station.process or kind == Kind.RELEASE):
        at = _pressed_at(plant, said, complaint)
        if kind not in _OWN or at == station.id:
            return None
        return Refused(Reason.NOT_YOURS, f"it was pressed at {at}, and {kind} is said there")
    detail = f"the complaint is of {complaint.customer} on line {complaint.line}, not of {station.id}"
    return Refused(Reason.NOT_YOURS, detail)


def _pressed_at(plant: Plant, said: Said, complaint: Complaint) -> str:
    """The station of what the event names: a press that was merged elsewhere stays its own station's."""
    named = str(said.event.complaint)
    press = plant.presses.get(named)
    pressed = plant.complaints.get(press.complaint if press else named)
    return (pressed or complaint).station


def _detail(plant: Plant, said: Said, complaint: Complaint) -> Verdict:
    to = move(complaint.kind, complaint.state, Command.DETAIL)
    if isinstance(to, Refused):
        return to
    event = said.event
    patch: Patch = additions(complaint, said)
    patch.update({k: v for k, v in (("part", event.part), ("lot", event.lot)) if v})
    patch.update(_charged_anew(plant, said, complaint))
    known = plant.chain.defects.get(event.defect or "")
    severity = raised(raised(complaint.severity, event.severity), known.severity if known else None)
    if severity != complaint.severity:
        patch["severity"] = severity
    presses = _counted_anew(plant, said, complaint, patch)
    return about(event.kind, complaint, touch(complaint, **patch), presses=presses)


def _counted_anew(plant: Plant, said: Said, complaint: Complaint, patch: Patch) -> dict[str, Any]:
    """A quantity belongs to the press that it is said of."""
    qty, named = said.event.qty, str(said.event.complaint)
    press = plant.presses.get(named)
    if qty is None or (press is not None and press.withdrawn):
        return {}
    patch["qty"] = total(complaint, press.qty if press else complaint.qty, qty)
    return {named: {"qty": qty}} if press else {}


def _charged_anew(plant: Plant, said: Said, complaint: Complaint) -> Patch:
    """The defect or the cause said later. Who is charged follows, as long as it is suspected only."""
    event, chain = said.event, plant.chain
    if (event.defect is None and event.supplier is None) or complaint.kind == ComplaintKind.LATE_RESPONSE:
        return {}
    is_call = complaint.kind == ComplaintKind.CALL
    defect = complaint.defect if event.defect is None or is_call else known_defect(chain, event.defect)
    patch: Patch = {"defect": defect}
    supplier = complaint.supplier
    if complaint.attribution != Attribution.SUSPECTED:
        patch["passed_by"] = list(way(chain, complaint.made_at, complaint.customer, defect)[0])
    else:
        said_before = complaint.supplier if complaint.basis in (Basis.OPERATOR, Basis.CAUSE) else None
        touched = event.supplier or said_before
        charged = charge(chain, complaint.customer, touched, defect, complaint.kind, complaint.line)
        supplier = charged.supplier
        patch |= {
            "supplier": supplier, "made_at": charged.made_at, "basis": charged.basis,
            "passed_by": list(charged.passed_by), "stages": charged.stages, "relation": charged.relation,
        }  # fmt: skip
    patch["names"] = names(
        chain, station=complaint.station, line=complaint.line, customer=complaint.customer,
        supplier=supplier, defect=defect,
    )  # fmt: skip
    return {k: v for k, v in patch.items() if getattr(complaint, k) != v}


def _arrive(plant: Plant, said: Said, complaint: Complaint) -> Verdict:
    del plant
    return arrived(complaint, _instant(said, complaint), next(iter(sorted(said.roles)), None))


def arrived(complaint: Complaint, at: str, role: Role | None) -> Verdict:
    """The responder is here. Who arrives without a word before has acknowledged by coming."""
    to = move(complaint.kind, complaint.state, Command.ARRIVE)
    if isinstance(to, Refused):
        return to
    patch = touch(complaint, state=to, arrived_at=complaint.arrived_at or at)
    if complaint.acknowledged_at is None:
        patch |= {"acknowledged_at": at, "acknowledged_role": str(role) if role else None}
    return about(Command.ARRIVE, complaint, patch)


def _release(plant: Plant, said: Said, complaint: Complaint) -> Verdict:
    if complaint.stop is not None and complaint.stop["state"] == StopState.RELEASED:
        confirmed = confirm_first_piece(plant, complaint)
        if confirmed is not None:
            return confirmed
    return release(plant, complaint, said.roles, said.occurred_at)


def _accept(plant: Plant, said: Said, complaint: Complaint) -> Verdict:
    del plant
    return accepted(complaint, _instant(said, complaint), said.event.rating)


def accepted(complaint: Complaint, at: str, rating: int | None, role: Role | None = None) -> Verdict:
    """The customer is content. Never made-at, and never while the line still stands for it."""
    to = move(complaint.kind, complaint.state, Command.ACCEPT)
    if isinstance(to, Refused):
        return to
    if complaint.made_at == complaint.customer and role is not Role.QUALITY_ENGINEER:
        return Refused(Reason.NOT_YOURS, "who made it does not accept its own answer; a quality engineer does")
    if complaint.stop is not None and complaint.stop["until"] is None:
        return not_allowed("the line still stands for this complaint; release it first")
    return about(
        Command.ACCEPT, complaint, touch(complaint, state=to, rating=rating, closed_at=complaint.closed_at or at)
    )


def _decline(plant: Plant, said: Said, complaint: Complaint) -> Verdict:
    to = move(complaint.kind, complaint.state, Command.DECLINE)
    if isinstance(to, Refused):
        return to
    again = next_round(plant.chain, complaint, said.received_at)
    return about(Command.DECLINE, complaint, touch(complaint, state=to, decline_reason=said.event.reason, **again))


def _withdraw(plant: Plant, said: Said, complaint: Complaint) -> Verdict:
    """A mistaken press is taken back; with the last one the complaint."""
    event = said.event
    to = move(complaint.kind, complaint.state, Command.WITHDRAW)
    if isinstance(to, Refused):
        return to
    named = str(event.complaint)
    press = plant.presses.get(named)
    if press is None:
        return not_allowed("no press of this station opened it; a supervisor may withdraw it")
    if press.withdrawn:
        return not_allowed("this press is withdrawn already")
    presses: dict[str, Any] = {named: {"withdrawn": True}}
    if complaint.presses <= 1:
        return withdrawn(plant, complaint, to, _instant(said, complaint), event.reason, presses)
    left = complaint.presses - 1
    patch = touch(complaint, presses=left, repeats=left - 1)
    if press.qty is not None:
        patch["qty"] = total(complaint, press.qty, None) or None
    return about(event.kind, complaint, patch, presses=presses)


def withdrawn(
    plant: Plant, complaint: Complaint, to: State, at: str, reason: str | None, presses: dict[str, Any]
) -> Decision:
    """The whole complaint is taken back; it stays visible, and what it stopped is released."""
    patch = touch(complaint, state=to, withdraw_reason=reason, presses=0, repeats=0)
    lines: dict[str, Patch] = {}
    if complaint.stop is not None and complaint.stop["until"] is None:
        patch["stop"] = stop = _released(complaint.stop, at)
        lines = line_then(plant, complaint.line, {complaint.id: stop}, at)
    return about(Command.WITHDRAW, complaint, patch, presses=presses, lines=lines)


def _released(stop: Stop, at: str) -> Stop:
    return end(stop, StopState.RELEASED, at)


def _instant(said: Said, complaint: Complaint) -> str:
    """When it happened; a station's clock never puts it before the complaint."""
    return max(format_instant(said.occurred_at), complaint.occurred_at)


_FOLLOW: dict[Kind, Callable[[Plant, Said, Complaint], Verdict]] = {
    Kind.DETAIL: _detail,
    Kind.ARRIVE: _arrive,
    Kind.RELEASE: _release,
    Kind.ACCEPT: _accept,
    Kind.DECLINE: _decline,
    Kind.WITHDRAW: _withdraw,
}
