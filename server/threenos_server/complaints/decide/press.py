"""A press: it opens a complaint or adds to one, and is never refused because something is unknown. Pure."""

from typing import Any

from threenos_server.complaints.attribution import Charge, charge
from threenos_server.complaints.decide.clocks import first_round
from threenos_server.complaints.decide.decision import Decision, Said, about, touch
from threenos_server.complaints.decide.lines import StopState, begin, line_then
from threenos_server.complaints.life import ComplaintKind
from threenos_server.complaints.model import (
    Complaint,
    Patch,
    Stop,
    document,
    known_defect,
    merge_key,
    names,
    raised,
)
from threenos_server.complaints.view import Plant
from threenos_wire.events import Kind, Severity
from threenos_wire.instants import format_instant

_KINDS = {
    Kind.REJECT: ComplaintKind.REJECT,
    Kind.STOP: ComplaintKind.STOP,
    Kind.CALL: ComplaintKind.CALL,
}

#: A complaint gathers no more than this of the presses for it, since every row carries full values: a flood of repeats
#: would write the square of what was said. What is left out stands in the row of its own event.
MOST_SERIALS, MOST_PHOTOS, MOST_NOTE = 400, 100, 8000


def press(plant: Plant, said: Said) -> Decision:
    """Reject, stop or call: adds to the complaint for the same that is not yet contained, else opens one."""
    event, station = said.event, said.station
    kind = _KINDS[event.kind]
    defect = None if kind is ComplaintKind.CALL else known_defect(plant.chain, event.defect)
    charged = charge(plant.chain, station.process, event.supplier, defect, kind, station.line)
    drill = _is_drill(plant, said)
    same = plant.repeated(merge_key(station.id, charged.supplier, defect, kind, drill))
    if same is not None:
        return _again(plant, said, same)
    return _open(plant, said, kind, defect, charged, drill)


def catch(plant: Plant, said: Said) -> Decision:
    """An own defect found before it was passed on: a record closed at birth, never a complaint."""
    event, station = said.event, said.station
    if _is_drill(plant, said):
        return Decision(event.kind)
    caught = {
        "process": station.process,
        "station": station.id,
        "line": station.line,
        "defect": known_defect(plant.chain, event.defect),
        "severity": str(_severity(plant, said)),
        "qty": event.qty,
        "part": event.part,
    }
    return Decision(event.kind, None, {"catches": [caught]})


def count(said: Said) -> Decision:
    """Units handed on since the last count."""
    counted = {"process": said.station.process, "station": said.station.id, "units": said.event.qty}
    return Decision(said.event.kind, None, {"counts": [counted]})


def additions(complaint: Complaint, said: Said) -> Patch:
    """What an event adds to what was said of a product before: lists grow, notes follow each other, up to a limit."""
    event = said.event
    after: Patch = {
        "serials": list(dict.fromkeys([*complaint.serials, *(event.serials or ())]))[:MOST_SERIALS],
        "photos": list(dict.fromkeys([*complaint.photos, *(event.photos or ())]))[:MOST_PHOTOS],
        "note": _noted(complaint.note, event.note),
    }
    return {name: value for name, value in after.items() if value != getattr(complaint, name)}


def _noted(before: str | None, note: str | None) -> str | None:
    if not note or not before:
        return before or note or None
    together = f"{before}\n{note}"
    return together if len(together) <= MOST_NOTE else before


def total(complaint: Complaint, before: float | None, after: float | None) -> float | None:
    """The complaint's quantity when one press of it says another. Rounded, so that the order of sums does not show."""
    if before is None and after is None:
        return complaint.qty
    return round((complaint.qty or 0.0) - (before or 0.0) + (after or 0.0), 6)


def _again(plant: Plant, said: Said, same: Complaint) -> Decision:
    event = said.event
    patch = touch(same, presses=same.presses + 1, repeats=same.presses, **additions(same, said))
    if event.qty is not None:
        patch["qty"] = total(same, None, event.qty)
    severity = raised(same.severity, _severity(plant, said))
    if severity != same.severity:
        patch["severity"] = severity
    if event.part and same.part is None:
        patch["part"] = event.part
    if event.lot and same.lot is None:
        patch["lot"] = event.lot
    return about(event.kind, same, patch, presses=_pressed(said, same.id), lines=_stop_again(plant, said, same, patch))


def _stop_again(plant: Plant, said: Said, same: Complaint, patch: Patch) -> dict[str, Patch]:
    """Whoever presses stop again after an override stops the line again."""
    if same.stop is None or same.stop["until"] is None:
        return {}
    patch["stop"] = stop = begin(plant, said)
    return _stopping(plant, said, same.id, stop)


def _stopping(plant: Plant, said: Said, complaint: str, stop: Stop) -> dict[str, Patch]:
    """A line that stops again has its first good piece still before it."""
    at = stop["from"] if stop["state"] == StopState.STOPPED else format_instant(said.occurred_at)
    return line_then(plant, said.station.line, {complaint: stop}, at, None)


def _open(plant: Plant, said: Said, kind: ComplaintKind, defect: str | None, charged: Charge, drill: bool) -> Decision:
    chain, event, station = plant.chain, said.event, said.station
    severity = _severity(plant, said)
    received, occurred = format_instant(said.received_at), format_instant(said.occurred_at)
    due, ladder = first_round(chain, charged.supplier, station.process, kind, severity, said.received_at)
    stop = begin(plant, said) if kind is ComplaintKind.STOP and not drill else None
    complaint = Complaint(
        id=event.id,
        kind=kind,
        line=station.line,
        station=station.id,
        customer=station.process,
        supplier=charged.supplier,
        made_at=charged.made_at,
        basis=charged.basis,
        passed_by=list(charged.passed_by),
        stages=charged.stages,
        relation=charged.relation,
        defect=defect,
        severity=severity,
        qty=event.qty,
        part=event.part,
        lot=event.lot,
        serials=event.serials or [],
        photos=event.photos or [],
        note=event.note,
        drill=drill,
        replay=event.replay,
        occurred_at=occurred,
        received_at=received,
        round_started_at=received,
        due=due,
        ladder=ladder,
        stop=stop,
        names=names(
            chain, station=station.id, line=station.line, customer=station.process,
            supplier=charged.supplier, defect=defect,
        ),
        chain=chain.version,
    )  # fmt: skip
    lines = _stopping(plant, said, event.id, stop) if stop else {}
    return about(event.kind, complaint, document(complaint), presses=_pressed(said, event.id), lines=lines)


def _pressed(said: Said, complaint: str) -> dict[str, dict[str, Any]]:
    return {said.event.id: {"complaint": complaint, "qty": said.event.qty}}


def _severity(plant: Plant, said: Said) -> Severity:
    """What the event said may only raise that of its defect code."""
    known = plant.chain.defects.get(said.event.defect or "")
    return raised(known.severity if known else None, said.event.severity)


def _is_drill(plant: Plant, said: Said) -> bool:
    """A drill counts only while a supervisor has armed one for the line; else it is a real press."""
    return said.event.drill and plant.line(said.station.line).drill


__all__ = ["additions", "catch", "count", "press", "total"]
