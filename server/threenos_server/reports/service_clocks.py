"""Clocks: how long it took to acknowledge, arrive, contain and answer; what still waits counts as waiting."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from threenos_server.db import to_ms
from threenos_server.reports.document import Chart, Named, Note, Row, Table, Text
from threenos_server.reports.figures.clocks import Wait, percentile
from threenos_server.reports.filters import Span
from threenos_server.reports.queries import Plan, plan
from threenos_server.reports.rollup import CLOCKS, Cell, bin_of, seconds_of
from threenos_server.reports.rollup_days import month_begins
from threenos_server.reports.service_context import (
    Context,
    Made,
    by_of,
    column,
    dimension,
    linked,
    one_table,
    ordered,
    row_kind,
    series,
)
from threenos_server.reports.tables import MonthSum, PartSum

#: Up to so many complaints of a site in the period, every time is read as it was; above, from bins of 7 %.
EXACT = 5_000
#: Months are read whole once whoever still waits has waited for longer than any clock runs.
SETTLED_DAYS = 35
TITLES = {
    "acknowledge": Text("Acknowledged", "响应"),
    "arrive": Text("Arrived", "到场"),
    "contain": Text("Contained", "围堵"),
    "answer": Text("Answered", "答复"),
}
DEFINITION = Text(
    "Time from what happened to the first acknowledgement, arrival, containment and answer: the time by which half "
    "(p50) and nine tenths (p90) are done, with what still waits counted for as long as it has waited and never left "
    "out (Kaplan & Meier 1958). Within standard: done within the limit of the link's service standard; late: done "
    "later, or waiting for longer. Answers are held against working time. Above 5,000 complaints in the period, times "
    "are read from steps of 7 %, so that a percentile is at most 3.5 % off.",
    "从发生到首次响应、到场、围堵、答复的时间：p50 为一半完成所需时间，p90 为九成完成所需时间；"
    "仍在等待的按已等待时间计入，从不剔除（Kaplan & Meier 1958）。"
    "达标：在服务标准时限内完成；超时：更晚完成或已等待更久。"
    "答复按工作时间计。期内投诉超过 5,000 件时，时间按 7 % 一级读取，百分位误差不超过 3.5 %。",
)


@dataclass
class Held:
    """One clock of one group: how long it took (seconds, or bins), and how long what is not done has waited."""

    n: int = 0
    done: list[float] = field(default_factory=list)
    bins: list[bytes] = field(default_factory=list)
    binned: bytearray = field(default_factory=bytearray)
    waiting: Counter[float] = field(default_factory=Counter)
    late_done: int = 0
    late_waiting: int = 0

    def settled(self) -> "Settled":
        """The same, counted."""
        times: Counter[float] = Counter(self.done)
        for bin_, n in Counter(b"".join([*self.bins, self.binned])).items():
            times[seconds_of(bin_)] += n
        return Settled(self.n, times, self.waiting, self.late_done, self.late_waiting)


@dataclass
class Settled:
    """One clock, counted: how many took so many seconds, how many have waited for so many."""

    n: int = 0
    times: Counter[float] = field(default_factory=Counter)
    waiting: Counter[float] = field(default_factory=Counter)
    late_done: int = 0
    late_waiting: int = 0

    def add(self, other: "Settled") -> None:
        self.n += other.n
        self.times.update(other.times)
        self.waiting.update(other.waiting)
        self.late_done += other.late_done
        self.late_waiting += other.late_waiting

    def cells(self) -> list[Any]:
        """Complaints, p50, p90, within, late, share within, still waiting."""
        waits = [Wait(s, True, None, n) for s, n in self.times.items()]
        waits += [Wait(s, False, None, n) for s, n in self.waiting.items()]
        if not waits:
            return [0, None, None, 0, 0, None, 0]
        within, late = self.times.total() - self.late_done, self.late_done + self.late_waiting
        share = within / (within + late) if within + late else None
        half, most = percentile(waits, 0.5), percentile(waits, 0.9)
        return [self.n, half, most, within, late, share, self.waiting.total()]


class Groups:
    """The clocks of each group, and the complaints by cell."""

    def __init__(self, ctx: Context, by: str) -> None:
        self.ctx, self.by = ctx, by
        self.held: dict[str, dict[str, Held]] = {}
        self.counts: Counter[int] = Counter()
        self._now = to_ms(ctx.now)

    def read(self, *, exact: bool) -> None:
        """Every time as it was; or days that are over by bins, and only the last days exactly."""
        if exact:
            return self._facts(self.ctx.span, exact=True)
        before = self.ctx.now.astimezone(self.ctx.chain.tz).date().toordinal() - SETTLED_DAYS
        found = plan(self.ctx.session, self.ctx.site, self.ctx.span, months_before=before)
        self._sums(found)
        for days in (*(found.days if self.ctx.reading.parts else ()), *([found.open] if found.open else [])):
            self._facts(days, exact=False)
        return None

    def _facts(self, span: Span, *, exact: bool) -> None:
        for row in self.ctx.reading.facts(span, ("at", *CLOCKS, *(f"late_{c}" for c in CLOCKS))):
            id_ = row[0]
            self.counts[id_] += 1
            for i, (clock, held) in enumerate(self._group(id_).items(), start=2):
                took = row[i]
                held.n += 1
                if took is None:
                    self._wait(held, clock, self.ctx.cells[id_], row[1], 1)
                    continue
                held.late_done += row[i + len(CLOCKS)]
                if exact:
                    held.done.append(took / 1000)
                else:
                    held.binned.append(bin_of(took))

    def _sums(self, found: Plan) -> None:
        columns = ("n", *CLOCKS, *(f"late_{c}" for c in CLOCKS))
        ends: dict[int, int] = {}  # numbers of months and of days never meet
        for mapped, row in self.ctx.reading.rows(found, columns):
            id_, bucket, n, *rest = row
            self.counts[id_] += n
            group = self._group(id_)
            until = ends.get(bucket)
            if until is None:
                day = month_begins(bucket + 1) if mapped in (MonthSum, PartSum) else bucket + 1
                until = ends[bucket] = self.ctx.days.bounds(day)
            for i, (clock, held) in enumerate(group.items()):
                bins = rest[i]
                held.n += n
                held.bins.append(bins)
                held.late_done += rest[len(CLOCKS) + i]
                if len(bins) < n:
                    self._wait(held, clock, self.ctx.cells[id_], until, n - len(bins))

    def _group(self, id_: int) -> dict[str, Held]:
        key = str(getattr(self.ctx.cells[id_], self.by))
        found = self.held.get(key)
        if found is None:
            found = self.held[key] = {clock: Held() for clock in CLOCKS}
        return found

    def _wait(self, held: Held, clock: str, cell: Cell, at: int, n: int) -> None:
        held.waiting[max(0, self._now - at) / 1000] += n
        limits = self.ctx.chain.limits(cell.made_at, cell.found_at, cell.kind, cell.severity)
        limit = getattr(limits, f"{clock}_s")
        if limit is None:
            return
        due = self.ctx.days.answer_due(at, limit) if clock == "answer" else at + limit * 1000
        held.late_waiting += n if self._now > due else 0


def clocks(ctx: Context) -> Made:
    """Percentiles and the share within standard, by group and clock."""
    by = by_of(ctx, "made_at")
    exact = ctx.reading.at_most(ctx.span, EXACT)
    groups = Groups(ctx, by)
    groups.read(exact=exact)
    settled = {key: {clock: held.settled() for clock, held in group.items()} for key, group in groups.held.items()}
    keys = ordered(settled, lambda k: float(settled[k]["acknowledge"].n))
    columns = [dimension(by), *_COLUMNS]
    rows = [
        Row(
            [ctx.name(by, key), _named(clock), *settled[key][clock].cells()],
            linked(ctx.link(**{by: key}), len(columns), 0, 2),
            row_kind(key),
        )
        for key in keys
        for clock in CLOCKS
    ]
    everything = one_table(Text("Clocks by group", "分组时钟"), columns, rows)
    whole = Table("all", Text("All together", "合计"), list(_COLUMNS), _whole(settled))
    charts = [
        Chart("clocks", "bars", "all", Text("Time taken", "用时"), "clock", series(_COLUMNS, p50="bar", p90="bar")),
        Chart("within", "bars", "all", Text("Share within standard", "达标率"), "clock", series(_COLUMNS, share="bar")),
    ]
    return Made([whole, everything], charts, [] if exact else [_ROUNDED], dict(groups.counts))


def _whole(settled: Mapping[str, Mapping[str, Settled]]) -> list[Row]:
    rows = []
    for clock in CLOCKS:
        whole = Settled()
        for group in settled.values():
            whole.add(group[clock])
        rows.append(Row([_named(clock), *whole.cells()]))
    return rows


def _named(clock: str) -> Named:
    return Named(clock, TITLES[clock].en, TITLES[clock].zh)


_COLUMNS = (
    column("clock", "Clock", "时钟", "name"),
    column("complaints", "Complaints", "投诉数", "count"),
    column("p50", "Half done in", "半数完成用时", "seconds"),
    column("p90", "Nine tenths done in", "九成完成用时", "seconds"),
    column("within", "Within standard", "达标", "count"),
    column("late", "Late", "超时", "count"),
    column("share", "Share within standard", "达标率", "share", None, 1),
    column("waiting", "Still waiting", "仍在等待", "count"),
)
_ROUNDED = Note("binned", "info", Text(
    "Times are read from steps of 7 %: percentiles are at most 3.5 % off.",
    "时间按 7 % 一级读取：百分位误差不超过 3.5 %。",
))  # fmt: skip
