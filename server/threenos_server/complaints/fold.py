"""From journal rows to tables: what a row's `then` says is merged, nothing is decided here.

One batch is gathered first, the patches of one complaint collapsed, and each table is written once.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.bulk import add, change, insert, put
from threenos_server.complaints import load
from threenos_server.complaints.model import Complaint, Patch, opened, patched, to_text
from threenos_server.complaints.order import Boot
from threenos_server.complaints.tables import (
    DERIVED,
    CatchRow,
    ComplaintRow,
    Exposure,
    PeriodCount,
    PressRow,
    StationBoot,
    StopRow,
    WaitingEvent,
)
from threenos_server.complaints.view import Press
from threenos_server.db import to_ms
from threenos_server.journal.folding import Fold
from threenos_server.journal.model import Row
from threenos_wire.instants import parse_instant

_HOUR_MS = 3_600_000
_encode = msgspec.json.Encoder(order="deterministic").encode


class _Batch:
    """What the rows of one batch change, by table and key."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.complaints: dict[str, Patch] = {}
        self.opened: dict[str, int] = {}
        self.presses: dict[str, Patch] = {}
        self.waiting: dict[str, Mapping[str, Any] | None] = {}
        self.units: dict[tuple[str, int], int] = {}
        self.periods: dict[tuple[str, int], dict[str, Any]] = {}
        self.catches: list[dict[str, Any]] = []
        self.heard: dict[tuple[str, str], list[tuple[int, Row]]] = {}

    def gather(self, row: Row) -> None:
        body = row.body
        if row.event_id is not None and row.station is not None:
            event = body["event"]
            self.heard.setdefault((row.station, event["boot"]), []).append((event["seq"], row))
        then = body.get("then")
        if then:
            for part, value in then.items():
                take = _PARTS.get(part)
                if take is not None:
                    take(self, row, value)

    def _complaints(self, row: Row, patches: Mapping[str, Patch]) -> None:
        for named, patch in patches.items():
            known = self.complaints.get(named)
            if known is None:
                self.complaints[named] = dict(patch)
                if "id" in patch:
                    self.opened[named] = row.seq
            else:
                known.update(patch)

    def _presses(self, _row: Row, patches: Mapping[str, Patch]) -> None:
        for named, patch in patches.items():
            self.presses.setdefault(named, {}).update(patch)

    def _waiting(self, row: Row, events: Mapping[str, Mapping[str, Any] | None]) -> None:
        for named, waiting in events.items():
            self.waiting[named] = waiting and {
                "id": named,
                "site": row.site,
                "complaint": waiting["complaint"],
                "station": waiting["station"],
                "boot": waiting["boot"],
                "seq": waiting["seq"],
                "occurred_at": to_ms(row.occurred_at),
                "received_at": to_ms(parse_instant(waiting["received_at"])),
                "actor": row.actor,
                "roles": ",".join(waiting["roles"]),
                "doc": _encode(row.body["event"]).decode(),
            }

    def _counts(self, row: Row, counts: Sequence[Mapping[str, Any]]) -> None:
        for counted in counts:
            process = counted["process"]
            since = to_ms(parse_instant(counted["from"]) if "from" in counted else row.occurred_at)
            key = (process, since - since % _HOUR_MS)
            self.units[key] = self.units.get(key, 0) + round(counted["units"] * 1000)
            if "from" in counted:
                self.periods[process, since] = {
                    "site": row.site,
                    "process": process,
                    "since": since,
                    "until": to_ms(parse_instant(counted["to"])),
                    "units": counted["total"],
                }

    def _catches(self, row: Row, catches: Sequence[Mapping[str, Any]]) -> None:
        for caught in catches:
            self.catches.append({"id": row.event_id, "site": row.site, "occurred_at": to_ms(row.occurred_at), **caught})


_PARTS: dict[str, Callable[[_Batch, Row, Any], None]] = {
    "complaints": _Batch._complaints,
    "presses": _Batch._presses,
    "waiting": _Batch._waiting,
    "counts": _Batch._counts,
    "catches": _Batch._catches,
}


def apply(session: Session, rows: Sequence[Row]) -> None:
    """Merge the rows of one site, in their order, into the tables."""
    if not rows:
        return
    batch = _Batch(rows[0].site)
    for row in rows:
        batch.gather(row)
    _write_complaints(session, batch)
    _write_presses(session, batch)
    _write_boots(session, batch)
    _write_waiting(session, batch)
    units = [{"site": batch.site, "process": p, "hour": h, "units_milli": n} for (p, h), n in batch.units.items()]
    add(session, Exposure, ("units_milli",), units)
    put(session, PeriodCount, list(batch.periods.values()))
    insert(session, CatchRow, batch.catches)


def _write_complaints(session: Session, batch: _Batch) -> None:
    old = load.stored(session, batch.site, [named for named in batch.complaints if named not in batch.opened])
    written: list[dict[str, Any]] = []
    grown: list[dict[str, Any]] = []
    stops: list[dict[str, Any]] = []
    for named, patch in batch.complaints.items():
        seq = batch.opened.get(named)
        if seq is not None:
            complaint = opened(patch)
            written.append(_columns(batch.site, seq, complaint))
        else:
            seq, before = old[named]
            complaint = patched(before, patch)
            if _only_grew(before, complaint):
                grown.append({"id": named, "version": complaint.version, "doc": to_text(complaint)})
            else:
                written.append(_columns(batch.site, seq, complaint))
        if complaint.stop is not None and ("stop" in patch or "made_at" in patch):
            stops.append(_stop(batch.site, complaint))
    put(session, ComplaintRow, written)
    change(session, ComplaintRow, ("version", "doc"), grown)
    put(session, StopRow, stops)


def _only_grew(before: Complaint, after: Complaint) -> bool:
    """Whether a repeat or a detail left everything as it is that is looked for: then no index need be touched."""
    return all(getattr(before, name) == getattr(after, name) for name in _LOOKED_FOR)


def _columns(site: str, seq: int, complaint: Complaint) -> dict[str, Any]:
    return {
        "id": complaint.id,
        "site": site,
        "seq": seq,
        "kind": complaint.kind,
        "state": complaint.state,
        "line": complaint.line,
        "station": complaint.station,
        "customer": complaint.customer,
        "supplier": complaint.supplier,
        "made_at": complaint.made_at,
        "defect": complaint.defect,
        "severity": complaint.severity,
        "drill": complaint.drill,
        "version": complaint.version,
        "live": None if complaint.over else 1,
        "merge_key": complaint.merge_key if complaint.uncontained else None,
        "occurred_at": _ms(complaint.occurred_at),
        "received_at": _ms(complaint.received_at),
        "closed_at": complaint.closed_at and _ms(complaint.closed_at),
        "doc": to_text(complaint),
    }


def _stop(site: str, complaint: Complaint) -> dict[str, Any]:
    stop = complaint.stop
    assert stop is not None
    return {
        "complaint": complaint.id,
        "site": site,
        "line": complaint.line,
        "station": complaint.station,
        "made_at": complaint.made_at,
        "state": stop["state"],
        "from_at": _ms(stop["from"]),
        "until_at": stop["until"] and _ms(stop["until"]),
    }


def _write_presses(session: Session, batch: _Batch) -> None:
    new = [
        {**_PRESS, "id": named, "site": batch.site, **patch}
        for named, patch in batch.presses.items()
        if "complaint" in patch
    ]
    insert(session, PressRow, new)
    changed = {named: patch for named, patch in batch.presses.items() if "complaint" not in patch}
    if changed:
        known = load.presses(session, batch.site, list(changed))
        merged = {named: msgspec.structs.replace(known[named], **patch) for named, patch in changed.items()}
        put(
            session,
            PressRow,
            [{"id": named, "site": batch.site, **msgspec.structs.asdict(press)} for named, press in merged.items()],
        )


def _write_boots(session: Session, batch: _Batch) -> None:
    if not batch.heard:
        return
    boots = load.boots(session, batch.site, batch.heard)
    written = []
    for (station, boot), numbers in batch.heard.items():
        known = boots.get((station, boot)) or Boot()
        for seq, row in numbers:
            known.heard(seq, row.at)
        written.append(
            {
                "site": batch.site,
                "station": station,
                "boot": boot,
                "upto": known.upto,
                "beyond": _encode({str(seq): at for seq, at in known.beyond.items()}).decode(),
                "missing": known.missing,
                "heard_at": to_ms(numbers[-1][1].at),
            }
        )
    put(session, StationBoot, written)


def _write_waiting(session: Session, batch: _Batch) -> None:
    insert(session, WaitingEvent, [w for w in batch.waiting.values() if w is not None])
    done = [named for named, waiting in batch.waiting.items() if waiting is None]
    if done:
        session.execute(sa.delete(WaitingEvent).where(WaitingEvent.id.in_(done)))


def _ms(instant: str) -> int:
    return to_ms(parse_instant(instant))


_LOOKED_FOR = ("state", "supplier", "made_at", "defect", "severity", "closed_at")
_PRESS: dict[str, Any] = dict.fromkeys(Press.__struct_fields__) | {"withdrawn": False}

FOLD = Fold("complaints", apply, DERIVED)
