"""What complaints cost, at the rates that held on their day; summed by the measures of cells, never one by one."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from threenos_server.chain.model import Rates as ChainRates
from threenos_server.reports.document import Chart, Note, Row, Text
from threenos_server.reports.figures.cost import Bucket, Item, Rates, of_disposition, of_stop
from threenos_server.reports.filters import Span
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

MEASURES = ("scrap", "rework_s", "sorting_s", "stop_ms")
BUCKETS = {
    Bucket.SCRAP: Text("Scrap", "报废"),
    Bucket.REWORK: Text("Rework", "返工"),
    Bucket.SORT: Text("Sorting", "挑选"),
    Bucket.STOP: Text("Line stops", "停线"),
}
DEFINITION = Text(
    "Scrap = units scrapped · unit cost at the process that they had reached; rework and sorting = hours · rate; line "
    "stops = minutes charged · rate of the line. From what was decided about the product and from the stops, at the "
    "rates in force on the day of the complaint; the cost stands with that day. Both sides see it: it is charged to "
    "made-at and stays with the process where it was found. Source: internal failure costs, Juran's Quality Handbook.",
    "报废 = 报废件数 × 该件到达工序的单件成本；返工、挑选 = 工时 × 工时费率；停线 = 计入的停线分钟 × 产线费率。"
    "取自处置记录和停线记录，按投诉当日有效的费率计算，计入当日。双方都能看到：费用计入产生工序，也记在发现工序。"
    "来源：朱兰质量手册，内部损失成本。",
)


class Place(NamedTuple):
    """What an item of cost depends on."""

    made_at: str
    found_at: str
    line: str


class Costs(NamedTuple):
    """Items with the value of the dimension they are grouped by, the complaints by cell, and if a rate was missing."""

    items: list[tuple[str, Item]]
    counts: dict[int, int]
    unpriced: bool


def costs(ctx: Context, by: str) -> Costs:
    """Every item of cost of the period with the value of the dimension it is grouped by."""
    items: list[tuple[str, Item]] = []
    for span, rates in _segments(ctx):
        for key, place, numbers in _numbers(ctx, span, by):
            items += [(key, item) for item in _items(place, numbers, rates)]
    counts = {id_: numbers[0] for id_, numbers in ctx.reading.by_cell(ctx.span).items()}
    return Costs(items, counts, any(not item.priced for _, item in items))


def cost(ctx: Context) -> Made:
    """Cost by bucket."""
    by = by_of(ctx, "made_at")
    found = costs(ctx, by)
    sums: dict[str, dict[Bucket, float]] = {}
    for key, item in found.items:
        buckets = sums.setdefault(key, dict.fromkeys(BUCKETS, 0.0))
        buckets[item.bucket] += item.amount
    money = Text(ctx.chain.site.currency, ctx.chain.site.currency)
    columns = [
        dimension(by),
        *(column(str(b), text.en, text.zh, "money", money, 2) for b, text in BUCKETS.items()),
        column("total", "Total", "合计", "money", money, 2),
        column("share", "Share", "占比", "share", None, 1),
    ]
    whole = sum(sum(b.values()) for b in sums.values())
    rows = []
    for key in ordered(sums, lambda k: sum(sums[k].values())):
        total = sum(sums[key].values())
        cells = [ctx.name(by, key), *sums[key].values(), total, total / whole if whole else None]
        rows.append(Row(cells, linked(ctx.link(**{by: key}), len(columns)), row_kind(key)))
    totals = [None, *(sum(b[x] for b in sums.values()) for x in BUCKETS), whole, 1.0 if whole else None]
    chart = Chart(
        "cost", "stacked", "main", Text("Cost by bucket", "成本构成"), by,
        series(columns, **{str(b): "bar" for b in BUCKETS}),
    )  # fmt: skip
    title = Text("Cost of internal complaints", "内部投诉成本")
    return Made([one_table(title, columns, rows, totals)], [chart], missing_rates(found), found.counts)


def missing_rates(found: Costs) -> list[Note]:
    """Said when something that costs has no rate."""
    if not found.unpriced:
        return []
    text = Text(
        "Some of what was scrapped, reworked, sorted or stopped has no rate in the chain and counts as 0.",
        "部分报废、返工、挑选或停线在产业链设置中没有费率，按 0 计。",
    )
    return [Note("no-rate", "warning", text)]


def _segments(ctx: Context) -> Iterator[tuple[Span, Rates | None]]:
    """The period cut where other rates begin to hold."""
    starts = sorted({r.since.toordinal() for r in ctx.chain.rates})
    cuts = [ctx.span.first, *(s for s in starts if ctx.span.first < s < ctx.span.end), ctx.span.end]
    for first, end in pairwise(cuts):
        yield Span(first, end), _rates(ctx.chain.rates_on(date.fromordinal(first)))


def _rates(said: ChainRates | None) -> Rates | None:
    if said is None:
        return None
    return Rates(said.since.isoformat(), said.rework_hour, said.sort_hour, dict(said.unit), dict(said.stop_minute))


def _numbers(ctx: Context, span: Span, by: str) -> Iterator[tuple[str, Place, list[int]]]:
    if by == "part":
        for (part, *place), numbers in ctx.reading.by_part(span, MEASURES, Place._fields).items():
            yield part, Place(*place), numbers
    else:
        for id_, numbers in ctx.reading.by_cell(span, MEASURES).items():
            cell = ctx.cells[id_]
            yield str(getattr(cell, by)), Place(cell.made_at, cell.found_at, cell.line), numbers


def _items(place: Place, numbers: list[int], rates: Rates | None) -> Iterator[Item]:
    _, scrap, rework_s, sorting_s, stop_ms = numbers
    for decision, qty, hours in (("scrap", scrap, 0), ("rework", 0, rework_s), ("sort", 0, sorting_s)):
        if qty or hours:
            yield from of_disposition("", place.made_at, place.found_at, decision, qty / 1000, hours / 3600, rates)
    if stop_ms:
        yield of_stop("", place.made_at, place.found_at, place.line, stop_ms / 1000, rates)
