"""Reports: one question, one document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from threenos_server.board.model import public
from threenos_server.chain.model import UNCLASSIFIED
from threenos_server.chain.service import current
from threenos_server.complaints import load
from threenos_server.complaints.model import document
from threenos_server.db import from_ms
from threenos_server.errors import Fault, Invalid, NotFound
from threenos_server.reports import service_clocks, service_cost, service_defects, service_others, service_trend
from threenos_server.reports.document import Document, Period, Population, Row, Table, Text
from threenos_server.reports.figures.rates import Verdict, rate_ratio
from threenos_server.reports.filters import Asked, Listed, date_of, said, span_of
from threenos_server.reports.queries import Reading
from threenos_server.reports.rollup_days import days_of
from threenos_server.reports.service_context import UNITS, Context, Made, column
from threenos_wire.instants import format_instant

_EVERY = ("defect", "made_at", "found_at", "line", "part", "shift", "severity", "kind")

#: Times by part would be read one by one from the facts; a part is asked for in the filter.
_NO_PART = tuple(by for by in _EVERY if by != "part")


@dataclass(frozen=True, slots=True)
class Report:
    """A report: how it is called, what it says of itself, how it is made, and what it may be asked by."""

    title: Text
    definition: Text
    make: Callable[[Context], Made]
    by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()


REPORTS: Mapping[str, Report] = {
    "pareto": Report(
        Text("Pareto", "帕累托图"), service_defects.PARETO, service_defects.pareto, _EVERY, ("count", "units", "cost")
    ),
    "matrix": Report(Text("Made at × found at", "产生 × 发现矩阵"), service_defects.MATRIX, service_defects.matrix),
    "three-nos": Report(Text("The three nos", "三不"), service_defects.THREE_NOS, service_defects.not_one_score),
    "trend": Report(
        Text("Trend", "趋势"), service_trend.DEFINITION, service_trend.trend,
        steps=("hour", "shift", "day", "week", "month"),
        charts=("auto", "c", "u", "u-prime", "p", "np", "p-prime", "g", "t", "ewma", "cusum"),
    ),
    "clocks": Report(Text("Clocks", "时钟"), service_clocks.DEFINITION, service_clocks.clocks, _NO_PART),
    "stops": Report(Text("Line stops", "停线"), service_others.STOPS, service_others.stops, _EVERY),
    "recurrence": Report(Text("Recurrence", "复发"), service_others.RECURRENCE, service_others.recurrence, _EVERY),
    "satisfaction": Report(
        Text("Satisfaction", "满意度"), service_others.SATISFACTION, service_others.satisfaction, _EVERY
    ),
    "cost": Report(Text("Cost", "成本"), service_cost.DEFINITION, service_cost.cost, _EVERY),
    "alarm-load": Report(Text("Alarm load", "报警负荷"), service_others.ALARMS, service_others.alarm_load),
}  # fmt: skip

_POPULATION = Text(
    "Complaints of kind reject and stop; not withdrawn, not merged into another, no drill, not “no defect found”. "
    "Suspected and confirmed made-at both count unless confirmed only was asked for; confirmed = accepted by made-at, "
    "or ruled. Each stands in the production day on which its shift began.",
    "拒收和停线两类投诉；不含撤回、并入其他投诉、演练和“未发现缺陷”。待确认和已确认的产生工序都计入，除非只选已确认；"
    "已确认 = 产生工序认可或已裁定。每件投诉计入其班次开始的生产日。",
)


class Page(msgspec.Struct, frozen=True):
    """Complaints, newest first; `next` is the cursor of those that follow, null when there are none."""

    items: list[dict[str, Any]]
    next: str | None


def report(session: Session, site: str, name: str, asked: Asked, now: datetime) -> Document:
    """The document of one report. Raises NotFound for an unknown one, Invalid for what it cannot be asked."""
    known = REPORTS.get(name)
    if known is None:
        raise NotFound(f"there is no report {name!r}; there are {', '.join(REPORTS)}")
    if asked.by is not None and asked.by not in known.by:
        raise Invalid(f"{name} is not grouped by {asked.by}", Fault("?by", f"one of {', '.join(known.by) or 'none'}"))
    if (asked.compare_from is None) != (asked.compare_to is None):
        raise Invalid("a period to compare with has both ends", Fault("?compare_to", "goes with `compare_from`"))
    chain = current(session, site)
    context = Context(session, site, chain, asked, span_of(asked.from_, asked.to, now, chain.tz), now)
    if asked.compare_from is None:
        return _document(name, known, context)
    other = replace(context, span=span_of(asked.compare_from, asked.compare_to, now, chain.tz))
    made, before = _document(name, known, context), _document(name, known, other)
    changed = _changed(context, made, other, before)
    return msgspec.structs.replace(made, tables=[*made.tables, changed], compared=before)


def behind(session: Session, site: str, asked: Listed, now: datetime) -> Page:
    """The complaints behind a figure. Raises Invalid."""
    chain = current(session, site)
    reading = Reading(session, site, asked)
    span = span_of(asked.from_, asked.to, now, chain.tz)
    found = reading.page(span, _cursor(asked.cursor), asked.limit + 1)
    shown = found[: asked.limit]
    known = load.stored(session, site, [named for _, named in shown])
    items = [public(document(known[named][1])) for _, named in shown]
    more = len(found) > asked.limit
    return Page(items, "~".join(map(str, shown[-1])) if more else None)


def _document(name: str, known: Report, ctx: Context) -> Document:
    made = known.make(ctx)
    days = days_of(ctx.chain)
    period = Period(
        date_of(ctx.span.first), date_of(ctx.span.end), ctx.span.days, ctx.chain.site.timezone,
        format_instant(ctx.now), *(format_instant(from_ms(days.bounds(d))) for d in (ctx.span.first, ctx.span.end)),
    )  # fmt: skip
    return Document(
        name, known.title, known.definition, _population(ctx, made), period, said(ctx.asked), made.notes, made.tables,
        made.charts,
    )  # fmt: skip


def _population(ctx: Context, made: Made) -> Population:
    count = sum(made.counts.values())
    confirmed = unclassified = 0
    for id_, n in made.counts.items():
        cell = ctx.cells[id_]
        confirmed += n * cell.confirmed
        unclassified += n * (cell.made_at == UNCLASSIFIED)
    return Population(_POPULATION, count, confirmed, confirmed / count if count else None, unclassified)


def _changed(ctx: Context, made: Document, other: Context, before: Document) -> Table:
    """Complaints of both periods, and how the rate changed with what chance allows."""
    processes = ctx.charged()
    units = [sum(c.exposure.get(p, 0.0) for p in processes) for c in (other, ctx)]
    counts = before.population.count, made.population.count
    columns = [
        column("count_before", "Complaints, compared period", "对比期投诉数", "count"),
        column("count", "Complaints, this period", "本期投诉数", "count"),
        column("units_before", "Units, compared period", "对比期产出数", "number", UNITS),
        column("units", "Units, this period", "本期产出数", "number", UNITS),
        column("ratio", "Rate, this / compared", "比率之比（本期 / 对比期）", "number", None, 3),
        column("interval", "95 % interval", "95 % 区间", "interval", None, 3),
        column("verdict", "Verdict", "结论", "name"),
    ]
    cells: list[object] = [*counts, *(u or None for u in units), None, None, None]
    if all(units):
        ratio = rate_ratio((counts[0], units[0]), (counts[1], units[1]))
        high = ratio.interval.high
        cells[4:] = [
            ratio.ratio,
            [ratio.interval.low, None if high == float("inf") else high],
            _VERDICTS[ratio.verdict],
        ]
    return Table("change", Text("Change", "变化"), columns, [Row(cells)])


def _cursor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    day, _, named = text.partition("~")
    if not (day.isascii() and day.isdigit() and len(day) < 9 and named):
        raise Invalid("the cursor is the `next` of the page before", Fault("?cursor", f"not {text!r}"))
    return int(day), named


_VERDICTS: Mapping[Verdict, dict[str, str]] = {
    Verdict.BETTER: {"id": "better", "en": "Better", "zh": "变好"},
    Verdict.WORSE: {"id": "worse", "en": "Worse", "zh": "变差"},
    Verdict.UNCLEAR: {"id": "unclear", "en": "No clear change", "zh": "无明显变化"},
    Verdict.TOO_FEW: {"id": "too-few", "en": "Too few to judge", "zh": "数据太少，不足以判断"},
}
