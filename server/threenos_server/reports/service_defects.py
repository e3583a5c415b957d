"""Pareto, matrix and the three nos."""

from threenos_server.chain.model import UNCLASSIFIED
from threenos_server.db import from_ms
from threenos_server.reports.document import Chart, Note, Row, Series, Table, Text
from threenos_server.reports.figures import matrix as matrices
from threenos_server.reports.figures import pareto as paretos
from threenos_server.reports.figures.rates import complaints_per_thousand, internal_ppm
from threenos_server.reports.figures.three_nos import Flow, ThreeNos, may_still_be_found, three_nos
from threenos_server.reports.queries import Reading
from threenos_server.reports.rollup import CATCH
from threenos_server.reports.service_context import (
    COMPLAINTS,
    UNITS,
    Context,
    Made,
    by_of,
    column,
    dimension,
    linked,
    one_table,
    row_kind,
    series,
)
from threenos_server.reports.service_cost import costs, missing_rates

MOST_BARS = 30
PARETO = Text(
    "Complaints (or rejected units, or cost) by what was asked for, the largest first; what names nothing stands last. "
    "The vital few are the smallest set that reaches 80 % of the whole. Units: a press that said no quantity counts as "
    "one unit. Source: Juran, the Pareto principle.",
    "按所选维度统计投诉数（或拒收件数、成本），由大到小；未归类放在最后。“关键少数”是累计达到 80 % 的最小集合。"
    "件数：未填数量的按键按一件计。来源：朱兰，帕累托原则。",
)
MATRIX = Text(
    "M[made-at, found-at]: complaints by the process where the defect arose and the one that refused it. Stages "
    "travelled are the process links between the two on the shortest way; the mean leaves out what has none.",
    "M[产生工序, 发现工序]：按缺陷产生的工序与拒收的工序统计投诉数。流经级数为两者之间最短路径上的工序关系数；"
    "没有路径的不计入平均。",
)
THREE_NOS = Text(
    "Not make 不制造 = 1000 · defects made / units handed on. Not pass 不传递 = caught in the own stage / made. Not "
    "accept 不接受 = incoming caught here / incoming, counting only defects that this process inspects for: nobody is "
    "held to what its control plan does not look for. Complaints and own catches are counted. Three numbers side by "
    "side, never one score.",
    "不制造 = 1000 × 产生的缺陷 / 产出数。不传递 = 本工序自检拦下 / 产生。不接受 = 在此拦下的来料缺陷 / 来料缺陷，"
    "只计控制计划要求本工序检查的缺陷。投诉和自检都计入。三个数并列，从不合成一个分数。",
)


def pareto(ctx: Context) -> Made:
    """The few that make most of the whole."""
    by, measure = by_of(ctx, "defect"), ctx.asked.measure
    found, counts = ctx.grouped(by, ("units", "unsaid"))
    spent = costs(ctx, by) if measure == "cost" else None
    money: dict[str, float] = {}
    for key, item in spent.items if spent else ():
        money[key] = money.get(key, 0.0) + item.amount
    amounts = [paretos.Amount(k, n[0], n[1] / 1000, money.get(k, 0.0)) for k, n in found.items()]
    made = paretos.pareto(amounts, paretos.Measure(measure), most=MOST_BARS)
    currency = Text(ctx.chain.site.currency, ctx.chain.site.currency)
    columns = [
        dimension(by),
        column("count", "Complaints", "投诉数", "count"),
        column("units", "Rejected units", "拒收件数", "number", UNITS, 0),
        *([column("cost", "Cost", "成本", "money", currency, 2)] if spent else []),
        column("share", "Share", "占比", "share", None, 1),
        column("cumulative", "Cumulative", "累计占比", "share", None, 1),
        column("vital", "Vital few", "关键少数", "flag"),
    ]
    rows = []
    for bar in made.bars:
        keys = made.folded if bar.key == paretos.OTHER else (bar.key,)
        n, units = (sum(found[k][i] for k in keys if k in found) for i in (0, 1))
        spending = [sum(money.get(k, 0.0) for k in keys)] if spent else []
        cells = [ctx.name(by, bar.key), n, units / 1000, *spending, bar.share, bar.cumulative, bar.vital]
        query = None if bar.key == paretos.OTHER else ctx.link(**{by: bar.key})
        rows.append(Row(cells, linked(query, len(columns), 0, 1), row_kind(bar.key)))
    whole = [sum(n[0] for n in found.values()), sum(n[1] for n in found.values()) / 1000]
    totals = [None, *whole, *([sum(money.values())] if spent else []), 1.0 if made.total else None, None, None]
    title = Text(f"Pareto by {columns[0].title.en.lower()}", f"帕累托图：{columns[0].title.zh}")
    bars = series(columns, **{measure: "bar", "cumulative": "line", "vital": "vital"})
    notes = [*_unsaid(sum(n[2] for n in found.values())), *(missing_rates(spent) if spent else [])]
    chart = Chart("pareto", "pareto", "main", title, by, bars)
    return Made([one_table(title, columns, rows, totals)], [chart], notes, counts)


def matrix(ctx: Context) -> Made:
    """Where defects were made against where they were found."""
    found = ctx.reading.by_cell(ctx.span, ("units",))
    stages: dict[tuple[str, str], int] = {}
    cells = []
    for id_, (n, units) in found.items():
        cell = ctx.cells[id_]
        cells.append(matrices.Cell(cell.made_at, cell.found_at, n, units / 1000))
        if cell.stages is not None:
            stages[cell.made_at, cell.found_at] = cell.stages
    made = matrices.matrix(cells, ctx.chain.order, lambda a, b: stages.get((a, b), ctx.chain.stages(a, b)))
    pairs = {(e.made_at, e.found_at): e for e in made.entries}
    columns = [
        dimension("made_at"),
        *(column(f"found:{p}", (name := ctx.name("found_at", p)).en, name.zh, "count") for p in made.found),
        column("total", "Total", "合计", "count"),
    ]
    rows = []
    for process in made.made:
        entries = [pairs.get((process, p)) for p in made.found]
        links = [ctx.link(made_at=process, found_at=p) if e else None for p, e in zip(made.found, entries, strict=True)]
        whole = ctx.link(made_at=process)
        values = [e.count if e else 0 for e in entries]
        cells_ = [ctx.name("made_at", process), *values, made.made_totals[process]]
        rows.append(Row(cells_, [whole, *links, whole], row_kind(process)))
    totals = [None, *(made.found_totals[p] for p in made.found), made.total]
    title = Text("Made at × found at", "产生工序 × 发现工序")
    chart = Chart("matrix", "matrix", "main", title, "made_at", [Series(c.id, c.title, "cell") for c in columns[1:-1]])
    counts = {id_: n[0] for id_, n in found.items()}
    notes = []
    if made.mean_stages is not None:
        mean = f"{made.mean_stages:.2f}"
        notes.append(Note("stages", "info", Text(f"Mean stages travelled: {mean}.", f"平均流经级数：{mean}。")))
    return Made([one_table(title, columns, rows, totals), _pairs(ctx, made)], [chart], notes, counts)


def _pairs(ctx: Context, made: matrices.Matrix) -> Table:
    columns = [
        dimension("made_at"),
        dimension("found_at"),
        column("count", "Complaints", "投诉数", "count"),
        column("units", "Rejected units", "拒收件数", "number", UNITS),
        column("stages", "Stages travelled", "流经级数", "count"),
    ]
    rows = [
        Row(
            [ctx.name("made_at", e.made_at), ctx.name("found_at", e.found_at), e.count, e.units, e.stages],
            linked(ctx.link(made_at=e.made_at, found_at=e.found_at), len(columns), 2),
            row_kind(e.made_at),
        )
        for e in sorted(made.entries, key=lambda e: -e.count)
    ]
    return Table("pairs", Text("Pairs", "工序对"), columns, rows)


def not_one_score(ctx: Context) -> Made:
    """The three nos of each process."""
    reading = Reading(ctx.session, ctx.site, ctx.asked, (*COMPLAINTS, CATCH))
    found = reading.by_cell(ctx.span, ("units",))
    flows, charged, rejected = [], dict[str, int](), dict[str, float]()
    for id_, (n, units) in found.items():
        cell = reading.cells[id_]
        flows.append(Flow(cell.made_at, cell.found_at, cell.defect, n, tuple(cell.passed.split())))
        if cell.kind != CATCH:
            charged[cell.made_at] = charged.get(cell.made_at, 0) + n
            rejected[cell.made_at] = rejected.get(cell.made_at, 0.0) + units / 1000
    inspects = {(p, d.code) for d in ctx.chain.defects.values() for p in d.inspected_by}
    processes = _shown(ctx, flows)
    rows = [
        _three(ctx, row, charged.get(row.process, 0), rejected.get(row.process, 0.0))
        for row in three_nos(flows, ctx.exposure, inspects, processes)
    ]
    notes = ctx.gaps(processes)
    notes += _later(ctx)
    title = Text("The three nos", "三不")
    side_by_side = series(_NOS, not_pass="bar", not_accept="bar")
    charts = [
        Chart("not-make", "grouped", "main", Text("Not make", "不制造"), "process", series(_NOS, not_make="bar")),
        Chart(
            "pass-accept", "grouped", "main", Text("Not pass, not accept", "不传递与不接受"), "process", side_by_side
        ),
    ]
    counts = {id_: n[0] for id_, n in found.items() if reading.cells[id_].kind != CATCH}
    return Made([one_table(title, _NOS, rows)], charts, notes, counts)


def _later(ctx: Context) -> list[Note]:
    if not may_still_be_found(from_ms(ctx.days.bounds(ctx.span.end)), ctx.now):
        return []
    text = Text(
        "Defects of this period may still be found downstream: not pass looks better than it will be.",
        "本期的缺陷仍可能在下游被发现：“不传递”目前看起来比最终要好。",
    )
    return [Note("may-still-be-found", "info", text)]


def _three(ctx: Context, nos: ThreeNos, complaints: int, rejected: float) -> Row:
    rate = complaints_per_thousand(complaints, nos.exposure)
    cells = [
        ctx.name("made_at", nos.process), nos.made_per_thousand, nos.not_passed, nos.not_accepted, nos.made,
        nos.caught_own, nos.incoming, nos.caught_incoming, nos.exposure, rate.value,
        None if rate.interval is None else [rate.interval.low, rate.interval.high],
        internal_ppm(rejected, nos.exposure),
    ]  # fmt: skip
    made, caught = ctx.link(made_at=nos.process), ctx.link(found_at=nos.process)
    links = [None, made, None, caught, made, None, None, caught, None, made, None, made]
    return Row(cells, links, "row" if nos.exposure else "missing")


def _shown(ctx: Context, flows: list[Flow]) -> list[str]:
    """Every step that the filter is about, and functions that made or found something."""
    asked = ctx.asked
    seen = {p for f in flows for p in (f.made_at, f.found_at)} - {UNCLASSIFIED}
    if asked.process or asked.made_at or asked.found_at:
        wanted = {*asked.process, *asked.made_at, *asked.found_at}
        return [p for p in ctx.chain.order if p in wanted]
    if asked.line:
        steps = {p.id for line in asked.line for p in ctx.chain.steps_of(line)}
        return [p for p in ctx.chain.order if p in steps | seen]
    return [p for p in ctx.chain.order if p in ctx.steps or p in seen]


def _unsaid(n: int) -> list[Note]:
    if not n:
        return []
    text = Text(f"{n} complaints said no quantity: each of their presses counts as one unit.",
                f"{n} 件投诉未填数量：每次按键按一件计。")  # fmt: skip
    return [Note("no-quantity", "info", text)]


_PER = Text("per 1000 units", "每千件")
_NOS = [
    column("process", "Process", "工序", "name"),
    column("not_make", "Not make", "不制造", "number", _PER, 2),
    column("not_pass", "Not pass", "不传递", "share", None, 1),
    column("not_accept", "Not accept", "不接受", "share", None, 1),
    column("made", "Defects made", "产生的缺陷", "count"),
    column("caught_own", "Caught in own stage", "自检拦下", "count"),
    column("incoming", "Incoming, inspected for", "来料缺陷（应检）", "count"),
    column("caught_incoming", "Caught here", "在此拦下", "count"),
    column("exposure", "Units handed on", "产出数", "number", UNITS),
    column("per_thousand", "Complaints", "投诉率", "number", _PER, 2),
    column("interval", "95 % interval", "95 % 区间", "interval", _PER, 2),
    column("ppm", "Internal PPM", "内部 PPM", "number", None, 0),
]
