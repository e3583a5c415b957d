"""How long a line stood for each stop: a minute under several stops belongs to the one that began first.

When one stop of a line changes, so may those that overlap it; only they are worked out again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.reports.rollup import FOREVER, Row
from threenos_server.reports.tables import CellRow, Fact

Span = tuple[int, int]
_fact, _cell = bulk.raw(Fact), bulk.raw(CellRow)
_OVERLAPPING = (
    sa.select(*_fact.c)
    .join_from(_fact, _cell, sa.and_(_cell.c.site == _fact.c.site, _cell.c.id == _fact.c.cell))
    .where(
        _fact.c.site == sa.bindparam("site"), _fact.c.stop_until.is_not(None),
        _fact.c.stop_until >= sa.bindparam("since"), _fact.c.stop_from <= sa.bindparam("until"),
        _cell.c.line == sa.bindparam("line"),
    )
)  # fmt: skip


def touched(before: Row | None, after: Row | None) -> Span | None:
    """The time in which a changed fact may change what others stood for; None when its stop is as it was."""
    spans = [_span(row) for row in (before, after)]
    if spans[0] == spans[1]:
        return None
    known = [span for span in spans if span is not None]
    return min(begin for begin, _ in known), max(end for _, end in known)


def recharged(session: Session, site: str, line: str, span: Span) -> Iterable[tuple[Row, int]]:
    """The facts of a line that stood in that time for another length than is stored, each with the new one in ms."""
    here = _overlapping(session, site, line, span)
    if not here:
        return
    hull = min(r["stop_from"] for r in here), max(r["stop_until"] for r in here)
    around = _overlapping(session, site, line, hull)
    for row in here:
        charged = charge(row, around)
        if charged != row["stop_ms"]:
            yield row, charged


def charge(row: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> int:
    """How many ms of a stop belong to it and to none that began before. Nothing yet as long as the line stands."""
    begin, end = row["stop_from"], row["stop_until"]
    if end == FOREVER:
        return 0
    earlier = sorted(
        (max(o["stop_from"], begin), min(o["stop_until"], end))
        for o in others
        if (o["stop_from"], o["complaint"]) < (begin, row["complaint"]) and o["stop_until"] > begin
    )
    free, reached = 0, begin
    for since, until in earlier:
        free += max(0, since - reached)
        reached = max(reached, until)
    return int(free + max(0, end - reached))


def _span(row: Row | None) -> Span | None:
    return None if row is None or row["stop_from"] is None else (row["stop_from"], row["stop_until"])


def _overlapping(session: Session, site: str, line: str, span: Span) -> list[Row]:
    asked = {"site": site, "line": line, "since": span[0], "until": span[1]}
    return [dict(row) for row in session.connection().execute(_OVERLAPPING, asked).mappings()]
