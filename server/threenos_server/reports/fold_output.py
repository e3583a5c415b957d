"""Exposure and alarms by production day and shift."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.chain.model import Chain
from threenos_server.complaints.load import Stored
from threenos_server.complaints.tables import PeriodCount
from threenos_server.db import to_ms
from threenos_server.reports.fold_batch import Batch, Climbed, Counted
from threenos_server.reports.rollup_days import days_of, split_units
from threenos_server.reports.tables import Alarms, Output
from threenos_wire.instants import parse_instant

ChainAt = Callable[[int | None], Chain]
TEN_MINUTES_MS = 600_000
_period = bulk.raw(PeriodCount)
_SAID = sa.select(_period.c.until, _period.c.units).where(
    _period.c.site == sa.bindparam("site"), _period.c.process == sa.bindparam("process"),
    _period.c.since == sa.bindparam("since"),
)  # fmt: skip


class _Outputs:
    """Units by production day, process and shift, and what was last said of a period."""

    def __init__(self, session: Session, site: str) -> None:
        self.session, self.site = session, site
        self.units: dict[tuple[int, str, str], int] = {}
        self.periods: dict[tuple[str, int], tuple[int, float]] = {}

    def count(self, counted: Counted, chain: Chain) -> None:
        said, days = counted.said, days_of(chain)
        if "from" not in said:
            self._add(*days.at(counted.at), said["process"], round(said["units"] * 1000))
            return
        process, since, until = said["process"], _ms(said["from"]), _ms(said["to"])
        before = self.periods.get((process, since)) or self._stored(process, since)
        for period, sign in ((before, -1), ((until, said["total"]), 1)):
            if period is not None:
                for day, shift, units in split_units(round(period[1] * 1000), days.pieces(since, period[0])):
                    self._add(day, shift, process, sign * units)
        self.periods[process, since] = until, said["total"]

    def _add(self, day: int, shift: str, process: str, units: int) -> None:
        key = (day, process, shift)
        self.units[key] = self.units.get(key, 0) + units

    def _stored(self, process: str, since: int) -> tuple[int, float] | None:
        """What was said before this batch: the complaints' fold, which comes after, keeps it."""
        asked = {"site": self.site, "process": process, "since": since}
        found = self.session.connection().execute(_SAID, asked).one_or_none()
        return (found.until, found.units) if found else None


def write_output(session: Session, batch: Batch, chain_at: ChainAt) -> None:
    """Add what was counted."""
    if not batch.counts:
        return
    outputs = _Outputs(session, batch.site)
    for counted in batch.counts:
        outputs.count(counted, chain_at(counted.chain))
    rows = [
        {"site": batch.site, "day": day, "process": process, "shift": shift, "units": units}
        for (day, process, shift), units in outputs.units.items()
    ]
    bulk.add(session, Output, ("units",), rows)


def write_alarms(session: Session, batch: Batch, stored: Stored, chain_at: ChainAt) -> None:
    """Count the rungs that were climbed, by role, in the ten minutes in which that was; never those of a drill."""
    found: dict[tuple[int, str, str, str, int], int] = {}
    for climbed in batch.climbed:
        said = _said(stored, climbed)
        role = next((r["role"] for r in said.get("ladder", ()) if r["level"] == climbed.level), None)
        if role is None or said["drill"]:
            continue
        day, shift = days_of(chain_at(climbed.chain)).at(climbed.at)
        key = (climbed.at - climbed.at % TEN_MINUTES_MS, role, said["line"], shift, day)
        found[key] = found.get(key, 0) + 1
    rows = [
        {"site": batch.site, "at": at, "role": role, "line": line, "shift": shift, "day": day, "n": n}
        for (at, role, line, shift, day), n in found.items()
    ]
    bulk.add(session, Alarms, ("n",), rows)


def _said(stored: Stored, climbed: Climbed) -> Mapping[str, Any]:
    """The complaint's line, ladder and drill as they were at that moment: a later round has no ladder."""
    known = stored.get(climbed.complaint)
    before = {name: getattr(known[1], name) for name in ("line", "ladder", "drill")} if known else {}
    return before | climbed.patch


def _ms(instant: str) -> int:
    return to_ms(parse_instant(instant))
