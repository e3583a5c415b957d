"""Reads what decisions and the fold need, by raw columns and in few selects."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.board.tables import LineRow
from threenos_server.bulk import raw
from threenos_server.complaints.model import Complaint, from_text
from threenos_server.complaints.order import Boot
from threenos_server.complaints.tables import (
    ComplaintRow,
    PressRow,
    StationBoot,
    StopRow,
    WaitingEvent,
)
from threenos_server.complaints.view import LineNow, Plant, Press, Waiting
from threenos_server.db import from_ms
from threenos_server.journal.tables import JournalRow
from threenos_wire.instants import format_instant
from threenos_wire.messages import LineState

Stored = Mapping[str, tuple[int, Complaint]]
"""Complaints by id, each with the number of the journal row that opened it."""

#: Both databases limit how many parameters a statement may have.
_MOST = 5000
_complaint, _press, _boot = raw(ComplaintRow), raw(PressRow), raw(StationBoot)
_line, _stop, _waiting = raw(LineRow), raw(StopRow), raw(WaitingEvent)


def stored(session: Session, site: str, ids: Sequence[str]) -> Stored:
    """These complaints of the site as they are stored, each with the row that opened it."""
    read: Stored = session.info.get(_READ, {})
    found = {named: read[named] for named in ids if named in read}
    missing = [named for named in ids if named not in found]
    return found | {r[0]: (r[1], from_text(r[2])) for r in _by(session, _DOCUMENTS, missing) if r[3] == site}


def one(session: Session, site: str, named: str) -> Complaint | None:
    """The complaint of that id, if it is of that site."""
    found = session.execute(_ONE, {"site": site, "id": named}).first()
    return from_text(found[0]) if found else None


@contextmanager
def already_read(session: Session, read: Stored) -> Iterator[None]:
    """While a batch is folded that was decided in the same transaction: what was read for it is not read again."""
    session.info[_READ] = read
    try:
        yield
    finally:
        del session.info[_READ]


def presses(session: Session, site: str, ids: Sequence[str]) -> dict[str, Press]:
    return {r[0]: Press(r[1], r[2], bool(r[3])) for r in _by(session, _PRESSES, ids, site=site)}


def boots(session: Session, site: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Boot]:
    """What came of these (station, boot)."""
    found = _by(session, _BOOTS, sorted({boot for _, boot in keys}), site=site)
    return {(r[0], r[1]): Boot(r[2], _numbers(r[3]), r[4]) for r in found if (r[0], r[1]) in keys}


def lines(session: Session, site: str) -> dict[str, LineNow]:
    query = sa.select(
        _line.c.line, _line.c.state, _line.c.since, _line.c.stop_at, _line.c.drill, _line.c.first_piece
    ).where(_line.c.site == site)
    found = session.execute(query).all()
    return {r[0]: LineNow(LineState(r[1]), r[2], r[3], bool(r[4]), r[5]) for r in found}


def pending_lines(session: Session, site: str, now: datetime) -> list[str]:
    """The lines whose grace is over but which have not been stopped yet."""
    query = sa.select(_line.c.line).where(
        _line.c.site == site, _line.c.state == LineState.STOP_PENDING, _line.c.stop_at <= format_instant(now)
    )
    return [r[0] for r in session.execute(query)]


def waiting(session: Session, site: str, stations: Collection[str]) -> list[Waiting]:
    """The events that wait at these stations."""
    return [_waiting_of(r) for r in _by(session, _WAITING_AT, sorted(stations), site=site)]


def all_waiting(session: Session, site: str) -> list[Waiting]:
    """Every event of the site that waits: a few, unless somebody sends what can never be."""
    return [_waiting_of(r) for r in session.execute(_WAITING, {"site": site}).all()]


def add_named(session: Session, site: str, plant: Plant, ids: Iterable[str]) -> None:
    """Know what these ids, of complaints or presses, lead to, merges followed."""
    wanted = [i for i in dict.fromkeys(ids) if i not in plant.presses]
    plant.presses.update(presses(session, site, wanted))
    leads = {plant.presses[i].complaint if i in plant.presses else i for i in wanted}
    while leads := {i for i in leads if i not in plant.complaints}:
        found = stored(session, site, sorted(leads))
        plant.take(found)
        leads = {c.merged_into for _, c in found.values() if c.merged_into is not None}


def add_keyed(session: Session, plant: Plant, keys: Collection[str]) -> None:
    """Know the complaints, not yet contained, that presses with these merge keys add to."""
    plant.take({r[0]: (r[1], from_text(r[2])) for r in _by(session, _KEYED, sorted(keys))})


def add_stops(session: Session, site: str, plant: Plant) -> None:
    """Know every stop that stands or is pending, with its complaint, and the lines as they are."""
    plant.lines.update(lines(session, site))
    ids = [r[0] for r in session.execute(_STANDING, {"site": site}).all()]
    plant.take(stored(session, site, ids))


def refusals(session: Session, site: str, seqs: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Of these journal rows those that are refusals, with reason and detail."""
    found = {r[0]: msgspec.json.decode(r[1]) for r in _by(session, _REFUSED, seqs, site=site)}
    return {seq: (body["reason"], body["detail"]) for seq, body in found.items()}


def live(session: Session, site: str, station: str | None, newest: int | None) -> list[Complaint]:
    """The complaints that are not over, newest first: all of the site, or those of one station."""
    query = sa.select(_complaint.c.doc).where(_complaint.c.site == site, _complaint.c.live.is_not(None))
    if station is not None:
        query = query.where(_complaint.c.station == station)
    return [from_text(r[0]) for r in session.execute(query.order_by(_complaint.c.seq.desc()).limit(newest))]


def count_live(session: Session, site: str, station: str) -> int:
    """How many complaints of a station are not over."""
    here = (_complaint.c.site == site, _complaint.c.live.is_not(None), _complaint.c.station == station)
    return int(session.scalar(sa.select(sa.func.count()).select_from(_complaint).where(*here)) or 0)


def _waiting_of(r: Any) -> Waiting:
    roles = tuple(r[6].split(",")) if r[6] else ()
    return Waiting(r[0], r[1], r[2], r[3], r[4], msgspec.json.decode(r[5]), roles, _at(r[7]), _at(r[8]), r[9])


def _at(ms: int) -> datetime:
    return from_ms(ms)


def _numbers(text: str) -> dict[int, int]:
    return {} if text == "{}" else {int(seq): at for seq, at in msgspec.json.decode(text).items()}


def _by(session: Session, query: sa.Select[*tuple[Any, ...]], values: Sequence[Any], **fixed: Any) -> list[Any]:
    """The rows of a query for these `values`, in as many statements as their number needs."""
    rows: list[Any] = []
    connection = session.connection()
    for start in range(0, len(values), _MOST):
        rows.extend(connection.execute(query, {"values": values[start : start + _MOST], **fixed}).all())
    return rows


def _among(column: Any) -> Any:
    return column.in_(sa.bindparam("values", expanding=True))


#: Built once: putting a query together costs as much as asking it.
_READ = "complaints already read"
_SITE: sa.BindParameter[str] = sa.bindparam("site")
#: Asked by the key alone: told the site as well, SQLite would rather look through every complaint of the site.
_DOCUMENTS = sa.select(_complaint.c.id, _complaint.c.seq, _complaint.c.doc, _complaint.c.site).where(
    _among(_complaint.c.id)
)
_ONE = sa.select(_complaint.c.doc).where(_complaint.c.id == sa.bindparam("id"), _complaint.c.site == _SITE)
_KEYED = sa.select(_complaint.c.id, _complaint.c.seq, _complaint.c.doc).where(_among(_complaint.c.merge_key))
_PRESSES = sa.select(_press.c.id, _press.c.complaint, _press.c.qty, _press.c.withdrawn).where(
    _press.c.site == _SITE, _among(_press.c.id)
)
_BOOTS = sa.select(_boot.c.station, _boot.c.boot, _boot.c.upto, _boot.c.beyond, _boot.c.missing).where(
    _boot.c.site == _SITE, _among(_boot.c.boot)
)
_STANDING = sa.select(_stop.c.complaint).where(_stop.c.site == _SITE, _stop.c.until_at.is_(None))
_REFUSED = sa.select(JournalRow.seq, JournalRow.body).where(
    JournalRow.site == _SITE, JournalRow.kind == "refused", _among(JournalRow.seq)
)
_WAITING = sa.select(
    *(_waiting.c[name] for name in (
        "id", "complaint", "station", "boot", "seq", "doc", "roles", "occurred_at", "received_at", "actor",
    ))
).where(_waiting.c.site == _SITE)  # fmt: skip
_WAITING_AT = _WAITING.where(_among(_waiting.c.station))
