"""What a command over HTTP does. That its giver may, and saw the present version, is settled before. Pure."""

from collections.abc import Callable
from typing import Any

import msgspec

from threenos_server.access import Role
from threenos_server.complaints.attribution import Attribution, ruled
from threenos_server.complaints.bodies import (
    Accept,
    AnswerBody,
    Body,
    Contain,
    Dispose,
    Dispute,
    Merge,
    Reasoned,
    Rule,
)
from threenos_server.complaints.decide.clocks import next_round
from threenos_server.complaints.decide.decision import By, Decision, about, touch
from threenos_server.complaints.decide.lines import StopState, end, line_then
from threenos_server.complaints.decide.station import Verdict, accepted, arrived, withdrawn
from threenos_server.complaints.life import Command, ComplaintKind, Refused, State, move, not_allowed
from threenos_server.complaints.model import Complaint, Patch, names, raised
from threenos_server.complaints.view import Plant
from threenos_wire.events import Reason
from threenos_wire.instants import format_instant


def give(plant: Plant, complaint: Complaint, command: Command, body: Body, by: By) -> Verdict:
    """The decision about one command, or why it is refused."""
    to = move(complaint.kind, complaint.state, command)
    if isinstance(to, Refused):
        return to
    return _GIVE[command](plant, complaint, body, by, to)


def _acknowledge(_plant: Plant, complaint: Complaint, _body: Body, by: By, to: State) -> Verdict:
    patch = touch(complaint, state=to, acknowledged_at=_first(complaint.acknowledged_at, by))
    return about(Command.ACKNOWLEDGE, complaint, patch | {"acknowledged_role": _role(by.role)})


def _arrive(_plant: Plant, complaint: Complaint, _body: Body, by: By, _to: State) -> Verdict:
    return arrived(complaint, format_instant(by.now), by.role)


def _contain(_plant: Plant, complaint: Complaint, body: Any, by: By, to: State) -> Verdict:
    said: Contain = body
    patch = touch(complaint, state=to, contained_at=_first(complaint.contained_at, by), containment=_fields(said))
    return about(Command.CONTAIN, complaint, patch)


def _dispose(_plant: Plant, complaint: Complaint, body: Any, by: By, _to: State) -> Verdict:
    said: Dispose = body
    if said.concession_by is not None and said.concession_by != complaint.customer:
        return not_allowed(f"a concession is granted by the process that receives the product, {complaint.customer}")
    step = {**_fields(said), "at": format_instant(by.now)}
    return about(Command.DISPOSE, complaint, touch(complaint, disposition=[*complaint.disposition, step]))


def _answer(plant: Plant, complaint: Complaint, body: Any, by: By, to: State) -> Verdict:
    """Made-at that answers without having disputed accepts that it made it."""
    said: AnswerBody = body
    patch = touch(complaint, state=to, answered_at=_first(complaint.answered_at, by), answer=_fields(said))
    if complaint.attribution == Attribution.SUSPECTED and complaint.made_at in plant.chain.processes:
        patch["attribution"] = Attribution.ACCEPTED
    return about(Command.ANSWER, complaint, patch)


def _accept(_plant: Plant, complaint: Complaint, body: Any, by: By, _to: State) -> Verdict:
    said: Accept = body
    return accepted(complaint, format_instant(by.now), said.rating, by.role)


def _decline(plant: Plant, complaint: Complaint, body: Any, by: By, to: State) -> Verdict:
    said: Reasoned = body
    patch = touch(complaint, state=to, decline_reason=said.reason, **next_round(plant.chain, complaint, by.now))
    return about(Command.DECLINE, complaint, patch)


def _reopen(plant: Plant, complaint: Complaint, body: Any, by: By, to: State) -> Verdict:
    said: Reasoned = body
    patch = touch(complaint, state=to, reopen_reason=said.reason, **next_round(plant.chain, complaint, by.now))
    return about(Command.REOPEN, complaint, patch)


def _withdraw(plant: Plant, complaint: Complaint, body: Any, by: By, to: State) -> Verdict:
    said: Reasoned = body
    return withdrawn(plant, complaint, to, format_instant(by.now), said.reason, {})


def _dispute(plant: Plant, complaint: Complaint, body: Any, _by: By, _to: State) -> Verdict:
    said: Dispute = body
    if said.proposed_made_at is not None and said.proposed_made_at not in plant.chain.processes:
        return not_allowed(f"there is no process {said.proposed_made_at!r}")
    patch = touch(complaint, attribution=Attribution.DISPUTED, proposed_made_at=said.proposed_made_at)
    return about(Command.DISPUTE, complaint, patch)


def _rule(plant: Plant, complaint: Complaint, body: Any, _by: By, _to: State) -> Verdict:
    """The same or another made-at, or none at all; what was suspected before stays in the history."""
    said: Rule = body
    if said.made_at is not None and said.made_at not in plant.chain.processes:
        return not_allowed(f"there is no process {said.made_at!r}")
    new = ruled(plant.chain, complaint.customer, complaint.supplier, said.made_at, complaint.defect)
    shown = names(
        plant.chain, station=complaint.station, line=complaint.line, customer=complaint.customer,
        supplier=new.supplier, defect=complaint.defect,
    )  # fmt: skip
    patch = touch(
        complaint, attribution=Attribution.CONFIRMED, made_at=new.made_at, supplier=new.supplier, basis=new.basis,
        passed_by=list(new.passed_by), stages=new.stages, relation=new.relation,
    )  # fmt: skip
    if new.supplier != complaint.supplier:
        patch["names"] = shown
    return about(Command.RULE, complaint, patch)


def _merge(plant: Plant, complaint: Complaint, body: Any, by: By, to: State) -> Verdict:
    """Both histories stay; what was counted here counts there, and this one's stop is that one's."""
    said: Merge = body
    into = plant.find(said.into)
    if into is None:
        return Refused(Reason.UNKNOWN_COMPLAINT, "there is no such complaint to merge into")
    if wrong := _why_not_into(complaint, into):
        return wrong
    patch = touch(complaint, state=to, merged_into=into.id)
    lines: dict[str, Patch] = {}
    if complaint.stop is not None and complaint.stop["until"] is None:
        at = format_instant(by.now)
        patch["stop"] = stop = end(complaint.stop, StopState.RELEASED, at)
        lines = line_then(plant, complaint.line, {complaint.id: stop}, at)
    gained = touch(into, presses=into.presses + complaint.presses, repeats=into.presses + complaint.presses - 1)
    if complaint.qty is not None:
        gained["qty"] = round((into.qty or 0.0) + complaint.qty, 6)
    severity = raised(into.severity, complaint.severity)
    if severity != into.severity:
        gained["severity"] = severity
    decided = about(Command.MERGE, complaint, patch, lines=lines)
    return Decision(decided.kind, decided.complaint, decided.then, (about(Command.MERGE, into, gained),))


def _why_not_into(complaint: Complaint, into: Complaint) -> Refused | None:
    if into.id == complaint.id:
        return not_allowed("a complaint is not merged into itself")
    if into.over:
        return not_allowed(f"the other complaint is {into.state}")
    if into.drill != complaint.drill or into.kind not in (ComplaintKind.REJECT, ComplaintKind.STOP):
        return not_allowed("only complaints about product are merged, and a drill never with a real one")
    stands = complaint.stop is not None and complaint.stop["until"] is None
    if stands and (into.line != complaint.line or into.stop is None or into.stop["until"] is not None):
        return not_allowed("its line still stands for this complaint; release it first")
    return None


def _comment(_plant: Plant, complaint: Complaint, _body: Body, _by: By, _to: State) -> Verdict:
    """Beside the complaint: it changes nothing of it, so it makes nobody's version stale."""
    return Decision(Command.COMMENT, complaint.id)


def _first(before: str | None, by: By) -> str:
    return before or format_instant(by.now)


def _role(role: Role | None) -> str | None:
    return str(role) if role else None


def _fields(body: Body) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    return {name: said.get(name) for name in body.__struct_fields__}


_GIVE: dict[Command, Callable[[Plant, Complaint, Any, By, State], Verdict]] = {
    Command.ACKNOWLEDGE: _acknowledge,
    Command.ARRIVE: _arrive,
    Command.CONTAIN: _contain,
    Command.DISPOSE: _dispose,
    Command.ANSWER: _answer,
    Command.ACCEPT: _accept,
    Command.DECLINE: _decline,
    Command.REOPEN: _reopen,
    Command.WITHDRAW: _withdraw,
    Command.DISPUTE: _dispute,
    Command.RULE: _rule,
    Command.MERGE: _merge,
    Command.COMMENT: _comment,
}
