"""From journal rows to the figures: what a complaint added is taken away, and what it adds now is added.

A press of today costs one row, or one changed number when it adds to a complaint: the facts of a day get into the sums
when the day is over (`rollup_sums.close`), and only what changes after that changes sums as well. It reads complaints
as they stood before the batch, so it is applied before the complaints' own fold.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.chain import service as chains
from threenos_server.chain.model import Chain
from threenos_server.complaints import load
from threenos_server.complaints.model import Complaint, Patch, document
from threenos_server.journal.folding import Fold
from threenos_server.journal.model import Row
from threenos_server.reports import rollup_ripe as ripe
from threenos_server.reports import rollup_stops as stops
from threenos_server.reports import rollup_sums as sums
from threenos_server.reports.actions_service import fold as documents
from threenos_server.reports.fold_batch import Batch
from threenos_server.reports.fold_output import write_alarms, write_output
from threenos_server.reports.rollup import Cell, catch_fact, complaint_fact, units_of
from threenos_server.reports.rollup import Row as FactRow
from threenos_server.reports.rollup_days import Days, days_of, utc_day
from threenos_server.reports.tables import DERIVED, CellRow, Fact

#: Days of UTC after which a production day is over in every time zone.
OVER = 2
#: Stands for the version that counts now.
_NEWEST = -1
#: What a repeat changes of a fact.
_GROWN = frozenset({"qty", "presses"})
#: What else changes one.
_FOLLOWED = frozenset({
    "state", "made_at", "attribution", "passed_by", "stages", "defect", "severity", "part", "supplier", "stop",
    "disposition", "rating", "acknowledged_at", "arrived_at", "contained_at", "answered_at", "closed_at",
})  # fmt: skip
#: Told by the stored fact: they depend on other complaints.
_TOLD = ("stop_ms", "ripe", "recurred")
_fact, _cell = bulk.raw(Fact), bulk.raw(CellRow)
_HERE = (_fact.c.site == sa.bindparam("site"), _fact.c.day == sa.bindparam("day"))
_STORED = sa.select(_fact.c.complaint, *(_fact.c[name] for name in _TOLD)).where(
    *_HERE, _fact.c.complaint == sa.bindparam("complaint")
)
_DELETE = sa.delete(_fact).where(*_HERE, _fact.c.complaint == sa.bindparam("complaint"))
_KNOWN = sa.select(_cell.c.id).where(
    _cell.c.site == sa.bindparam("site"), _cell.c.id.in_(sa.bindparam("ids", expanding=True))
)
#: Both databases limit how many parameters a statement may have.
_MOST = 5000

Pair = tuple[FactRow | None, FactRow | None]
"""A fact as it was and as it is; None: there was, or is, none."""


def apply(session: Session, rows: Sequence[Row]) -> None:
    """Take over the rows of one site, in their order."""
    if not rows:
        return
    documents(session, rows)
    batch = Batch(rows)
    closed = sums.closed_day(session, batch.site)
    if batch.followed:
        work = _Work(session, batch, closed)
        work.complaints()
        work.catches()
        work.write()
        write_output(session, batch, work.chain_at)
        write_alarms(session, batch, work.stored, work.chain_at)
    over = utc_day(max(row.at for row in rows)) - OVER
    if over > closed:
        sums.close(session, batch.site, closed, over)
        _rewrite(session, batch.site, over, _ripe_pairs(ripe.ripened(session, batch.site, over)))


class _Work:
    """The facts that one batch changes."""

    def __init__(self, session: Session, batch: Batch, closed: int) -> None:
        self.session, self.batch, self.site, self.closed = session, batch, batch.site, closed
        self.pairs: list[Pair] = []
        self.lines: dict[str, str] = {}
        self.grown: list[FactRow] = []
        self.cells: dict[int, Cell] = {}
        self._chains: dict[int | None, Chain] = {}
        self._days: dict[int | None, Days] = {}
        self.stored = load.stored(session, batch.site, batch.known(_GROWN | _FOLLOWED))

    def chain_at(self, version: int | None) -> Chain:
        """The chain of a version; None is the one that counted before this batch."""
        found = self._chains.get(version)
        if found is None:
            first = self.batch.first_chain
            asked = first - 1 if version is None and first is not None else version
            # Nearly always it is the one that counts: then one question is asked for the whole batch.
            newest = self._chains.get(_NEWEST) or chains.current(self.session, self.site)
            other = asked is not None and asked != newest.version
            found = chains.at_version(self.session, self.site, asked or 0) if other else newest
            self._chains |= {_NEWEST: newest, version: found}
        return found

    def days_at(self, version: int | None) -> Days:
        """The production days of that chain."""
        found = self._days.get(version)
        if found is None:
            found = self._days[version] = days_of(self.chain_at(version))
        return found

    def complaints(self) -> None:
        for named, patch in self.batch.complaints.items():
            if named in self.batch.opened:
                self._keep(None, patch)
            elif named in self.stored:
                before = self.stored[named][1]
                if not _FOLLOWED.isdisjoint(patch):
                    said = document(before)
                    self._keep(said, said | patch)
                elif not _GROWN.isdisjoint(patch):
                    self._grow(before, patch)

    def catches(self) -> None:
        for named, at, version, said in self.batch.catches:
            row, cell = catch_fact(self.site, named, at, said, self.days_at(version))
            self.cells[row["cell"]] = cell
            self.pairs.append((None, row))

    def write(self) -> None:
        """Write what changed, then what changes of other facts because of that."""
        for before, after in self.pairs:
            if before is not None and (before["stop_from"] is not None or before["closed_at"] is not None):
                self._tell(before, after)
        self._write_cells()
        bulk.change(self.session, Fact, ("units", "unsaid"), self.grown)
        _rewrite(self.session, self.site, self.closed, self.pairs)
        self._charge_stops()
        self._decide_ripe()

    def _keep(self, before: Patch | None, after: Patch) -> None:
        chain, days = self.chain_at(after["chain"]), self.days_at(after["chain"])
        was = None if before is None else complaint_fact(self.site, before, chain, days)
        now = complaint_fact(self.site, after, chain, days)
        if now is not None:
            self.cells[now[0]["cell"]] = now[1]
        for found in (was, now):
            if found is not None and found[0]["stop_from"] is not None:
                self.lines[found[0]["complaint"]] = found[1].line
        pair = (was and was[0], now and now[0])
        if pair[0] != pair[1]:
            self.pairs.append(pair)

    def _grow(self, before: Complaint, patch: Patch) -> None:
        """A repeat changes one number, as long as its day is not in the sums."""
        units, unsaid = units_of(patch.get("qty", before.qty), patch.get("presses", before.presses))
        if (units, unsaid) == units_of(before.qty, before.presses):
            return
        day = self.days_at(before.chain).day_of(before.occurred_at)
        if day <= self.closed:
            said = document(before)
            self._keep(said, said | patch)
        else:
            key = {"site": self.site, "day": day, "complaint": before.id}
            self.grown.append({**key, "units": units, "unsaid": unsaid})

    def _tell(self, before: FactRow, after: FactRow | None) -> None:
        """Take over from the stored fact what does not stand in the complaint's document."""
        stored = self.session.connection().execute(_STORED, {k: before[k] for k in ("site", "day", "complaint")})
        told = {name: value for name, value in stored.mappings().one().items() if name in _TOLD}
        before.update(told)
        if after is not None:
            same = (before["key"], before["closed_at"]) == (after["key"], after["closed_at"])
            after.update(told if same else {"stop_ms": told["stop_ms"]})

    def _write_cells(self) -> None:
        ids = sorted(self.cells)
        for start in range(0, len(ids), _MOST):
            asked = {"site": self.site, "ids": ids[start : start + _MOST]}
            for known in self.session.connection().execute(_KNOWN, asked).scalars():
                del self.cells[known]
        new = [{"site": self.site, "id": named, **cell._asdict()} for named, cell in self.cells.items()]
        bulk.insert(self.session, CellRow, new)

    def _charge_stops(self) -> None:
        spans: dict[str, stops.Span] = {}
        for before, after in self.pairs:
            span = stops.touched(before, after)
            if span is not None:
                line = self.lines[(after or before or {})["complaint"]]
                known = spans.get(line, span)
                spans[line] = min(known[0], span[0]), max(known[1], span[1])
        for line, span in spans.items():
            charged = list(stops.recharged(self.session, self.site, line, span))
            _rewrite(self.session, self.site, self.closed, [(row, row | {"stop_ms": ms}) for row, ms in charged])

    def _decide_ripe(self) -> None:
        upto = ripe.ripe_until(self.closed)
        moved = [r for b, a in self.pairs if (b and b["key"]) != (a and a["key"]) for r in (b, a) if r is not None]
        again = ripe.decided_again(self.session, self.site, moved, self.closed)
        _rewrite(self.session, self.site, self.closed, _ripe_pairs(again))
        if any(a and not a["ripe"] and a["closed_at"] is not None and a["closed_at"] <= upto for _, a in self.pairs):
            late = ripe.ripened(self.session, self.site, self.closed)
            _rewrite(self.session, self.site, self.closed, _ripe_pairs(late))


def _ripe_pairs(decided: Sequence[FactRow]) -> list[Pair]:
    return [(row.pop("before"), row) for row in decided]


def _rewrite(session: Session, site: str, closed: int, pairs: Sequence[Pair]) -> None:
    """Write facts; those of days that are in the sums change the sums."""
    if not pairs:
        return
    bulk.insert(session, Fact, [after for before, after in pairs if before is None and after is not None])
    bulk.put(session, Fact, [after for before, after in pairs if before is not None and after is not None])
    for before, after in pairs:
        if before is not None and after is None:
            session.connection().execute(_DELETE, {k: before[k] for k in ("site", "day", "complaint")})
    signed: list[tuple[Any, int]] = []
    for before, after in pairs:
        signed += [(row, sign) for row, sign in ((before, -1), (after, 1)) if row is not None and row["day"] <= closed]
    if signed:
        sums.change(session, site, signed)


FOLD = Fold("reports", apply, DERIVED)
