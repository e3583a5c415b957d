"""The trend: complaints by hour, shift, day, week or month in a control chart."""

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from threenos_server.db import from_ms
from threenos_server.errors import Fault, Invalid
from threenos_server.reports.document import Chart, Mark, Note, Row, Series, Table, Text
from threenos_server.reports.figures.charts import Chart as Drawn
from threenos_server.reports.figures.charts import Kind, Options, Reading, draw
from threenos_server.reports.filters import Span, date_of
from threenos_server.reports.rollup_days import month_begins, month_of
from threenos_server.reports.service_context import UNITS, Context, Made, column, linked, one_table
from threenos_wire.instants import format_instant

HOURS_DAYS, SHIFT_DAYS, DAY_DAYS, WEEK_DAYS = 31, 120, 62, 400
#: More complaints than this are no rare event: nobody looks at the time between each two of them.
RARE = 300
#: From so many complaints a point on, ordinary variation between points is more than chance allows: Laney's chart.
PLENTY = 50.0
DEFINITION = Text(
    "Complaints by production day (or hour, shift, week, month) in a control chart. u and u′: complaints per unit "
    "handed on by the processes that are asked for (without any: by all steps); p, np, p′: rejected units of units "
    "handed on; c: complaints alone; t: hours between complaints; g: days without a complaint between days with one. "
    "Without units u is not drawn: t or c stands in. Limits and rules are named with each chart. Sources: Montgomery, "
    "Introduction to Statistical Quality Control; Laney 2002; Provost & Murray, The Health Care Data Guide.",
    "按生产日（或小时、班次、周、月）的投诉控制图。u、u′：每件产出的投诉数（所选工序的产出；未选则为全部工序）；"
    "p、np、p′：拒收件数占产出数；c：投诉数；"
    "t：两次投诉之间的小时数；g：两个有投诉日之间的无投诉天数。"
    "没有产出数时不画 u 图，改用 t 图或 c 图。"
    "控制限和判异规则随图注明。来源：Montgomery《统计质量控制导论》；Laney 2002；Provost & Murray。",
)
_RATES = frozenset({Kind.U, Kind.U_PRIME, Kind.P, Kind.NP, Kind.P_PRIME})
_OF_UNITS = frozenset({Kind.P, Kind.NP, Kind.P_PRIME})


@dataclass
class Bucket:
    """One point of the x axis: what is in it, and which days."""

    label: str
    span: Span
    shift: str | None = None
    n: int = 0
    units: float = 0.0
    size: float | None = field(default=None)


def trend(ctx: Context) -> Made:
    """Readings, and the chart that fits them."""
    step = ctx.asked.step or _step(ctx.span)
    buckets = _buckets(ctx, step)
    counts = {id_: n[0] for id_, n in ctx.reading.by_cell(ctx.span).items()}
    whole = sum(counts.values())
    kind, notes = _kind(ctx, buckets, whole)
    readings, spans = _readings(ctx, kind, buckets)
    if not readings:
        return Made([_table(kind, [], None, [], ctx)], [], [*notes, _too_few(Text("nothing", "没有数据"))], counts)
    try:
        drawn = draw(kind, readings, Options(phase_at=_phase_at(ctx, readings, spans)))
    except Invalid as e:
        notes.append(_too_few(Text(e.detail, "数据太少，无法建立控制限。")))
        return Made([_table(kind, readings, None, spans, ctx)], [], notes, counts)
    notes += _judged(drawn)
    return Made([_table(kind, readings, drawn, spans, ctx)], [_chart(ctx, kind, drawn)], notes, counts)


def _step(span: Span) -> str:
    return "day" if span.days <= DAY_DAYS else "week" if span.days <= WEEK_DAYS else "month"


def _buckets(ctx: Context, step: str) -> list[Bucket]:
    """Every bucket of the period that has begun, empty ones too."""
    most = {"hour": HOURS_DAYS, "shift": SHIFT_DAYS}.get(step)
    if most is not None and ctx.span.days > most:
        raise Invalid(f"by {step} a trend has at most {most} days", Fault("?step", "ask for a shorter period"))
    if step == "hour":
        return _hours(ctx)
    today = ctx.now.astimezone(ctx.chain.tz).date().toordinal()
    found: dict[tuple[int, str], Bucket] = {}
    for day in range(ctx.span.first, min(ctx.span.end, today + 1)):
        for shift in ctx.days.works(day) if step == "shift" else [""]:
            if step != "shift" or not ctx.asked.shift or shift in ctx.asked.shift:
                key = _key(step, day, shift)
                if key not in found:
                    found[key] = _bucket(ctx, step, day, shift)
    _fill(ctx, step, found)
    return list(found.values())


def _fill(ctx: Context, step: str, found: dict[tuple[int, str], Bucket]) -> None:
    if step == "month":
        rows = ((month, "", numbers) for month, numbers in ctx.reading.by_month(ctx.span, ("units",)))
    else:
        by_day = ctx.reading.by_day(ctx.span, ("units",), cells=step == "shift")
        cells = ctx.cells
        rows = ((day, cells[cell].shift if cell is not None else "", numbers) for day, cell, numbers in by_day)
    for place, shift, (n, units) in rows:
        bucket = found.get((place, "") if step == "month" else _key(step, place, shift))
        if bucket is not None:
            bucket.n += n
            bucket.units += units / 1000
    for (day, shift), size in ctx.exposure_by_day(ctx.charged()).items():
        bucket = found.get(_key(step, day, shift))
        if bucket is not None:
            bucket.size = (bucket.size or 0.0) + size


def _hours(ctx: Context) -> list[Bucket]:
    first, end = ctx.days.bounds(ctx.span.first), ctx.days.bounds(ctx.span.end)
    counted = {hour: (n, units / 1000) for hour, (n, units) in ctx.reading.by_hour(ctx.span, ("units",))}
    buckets = []
    for hour in range(first - first % 3_600_000, end, 3_600_000):
        at = from_ms(hour)
        if at > ctx.now:
            break
        local = at.astimezone(ctx.chain.tz)
        day = local.date().toordinal()
        n, units = counted.get(hour, (0, 0.0))
        buckets.append(Bucket(local.isoformat(timespec="minutes"), Span(day, day + 1), None, n, units))
    return buckets


def _key(step: str, day: int, shift: str) -> tuple[int, str]:
    if step == "week":
        return day - date.fromordinal(day).weekday(), ""
    if step == "month":
        return month_of(day), ""
    return day, shift if step == "shift" else ""


def _bucket(ctx: Context, step: str, day: int, shift: str) -> Bucket:
    begin, _ = _key(step, day, shift)
    if step == "week":
        year, week, _ = date.fromordinal(day).isocalendar()
        return Bucket(f"{year}-W{week:02}", _clipped(ctx, begin, begin + 7))
    if step == "month":
        return Bucket(date_of(day)[:7], _clipped(ctx, month_begins(begin), month_begins(begin + 1)))
    label = f"{date_of(day)} {shift}" if step == "shift" else date_of(day)
    return Bucket(label, Span(day, day + 1), shift if step == "shift" else None)


def _clipped(ctx: Context, first: int, end: int) -> Span:
    return Span(max(first, ctx.span.first), min(end, ctx.span.end))


def _kind(ctx: Context, buckets: list[Bucket], whole: int) -> tuple[Kind, list[Note]]:
    """The chart that was asked for, or the one that fits; and what must be said about units."""
    asked = None if ctx.asked.chart == "auto" else Kind(ctx.asked.chart)
    sized = [b for b in buckets if b.size]
    covered = len(sized) >= 0.8 * len(buckets) and bool(sized)
    if asked is not None and asked not in _RATES:
        return asked, []
    if covered:
        notes = ctx.gaps(ctx.charged())
        plenty = whole / len(sized) > PLENTY
        return asked or (Kind.U_PRIME if plenty else Kind.U), notes
    kind = Kind.T if whole <= RARE else Kind.C
    instead = Text(
        f"Too few units were counted for a rate: a {kind} chart stands in.",
        f"产出数不足，无法计算比率，改用 {kind} 图。",
    )
    return kind, [Note("no-exposure", "warning", instead)]


def _readings(ctx: Context, kind: Kind, buckets: list[Bucket]) -> tuple[list[Reading], list[Bucket | None]]:
    if kind is Kind.T:
        times = sorted(row[1] for row in ctx.reading.facts(ctx.span, ("at",)))
        hours = [(b, (b - a) / 3_600_000) for a, b in pairwise(times) if b > a]
        return [Reading(format_instant(from_ms(at)), h) for at, h in hours], [None] * len(hours)
    if kind is Kind.G:
        with_one = [b for b in buckets if b.n]
        pairs = list(pairwise(with_one))
        return [Reading(b.label, float(b.span.first - a.span.end)) for a, b in pairs], [b for _, b in pairs]
    return [_reading(kind, b) for b in buckets], [*buckets]


def _reading(kind: Kind, bucket: Bucket) -> Reading:
    if kind in _OF_UNITS:
        size = bucket.size or 0.0
        return Reading(bucket.label, float(round(min(bucket.units, size))), float(round(size)))
    if kind in (Kind.EWMA, Kind.CUSUM):
        value = 1000 * bucket.n / bucket.size if bucket.size else float(bucket.n)
        return Reading(bucket.label, value)
    return Reading(bucket.label, float(bucket.n), None if kind is Kind.C else bucket.size or 0.0)


def _phase_at(ctx: Context, readings: list[Reading], spans: list[Bucket | None]) -> int | None:
    """The first reading at or after the day at which a countermeasure took effect; a week counts by its first day."""
    if ctx.asked.phase_at is None:
        return None
    began = [date_of(b.span.first) if b and "W" in b.label else r.label for r, b in zip(readings, spans, strict=True)]
    place = next((i for i, day in enumerate(began) if day >= ctx.asked.phase_at), len(readings))
    if not 0 < place < len(readings):
        raise Invalid("a phase begins within the period", Fault("?phase_at", "not a point of this chart"))
    return place


def _table(kind: Kind, readings: list[Reading], drawn: Drawn | None, spans: list[Bucket | None], ctx: Context) -> Table:
    columns = [
        column("label", "Time", "时间", "text"),
        column("count", *_COUNTED.get(kind, ("Complaints", "投诉数")), "number", None, 0),
        column("size", "Units handed on", "产出数", "number", UNITS),
        column("value", "Value", "值", "number", None, 4),
        column("centre", "Centre", "中心线", "number", None, 4),
        column("lower", "Lower limit", "下控制限", "number", None, 4),
        column("upper", "Upper limit", "上控制限", "number", None, 4),
        column("rules", "Rules broken", "违反的规则", "list"),
        column("excluded", "Excluded", "已排除", "flag"),
        column("phase", "Phase", "阶段", "count"),
    ]
    rows = []
    for i, reading in enumerate(readings):
        point = drawn.points[i] if drawn else None
        told = (
            [point.value, point.centre, point.lower, point.upper, list(point.rules), point.excluded, point.phase]
            if point
            else [reading.value, None, None, None, [], False, 0]
        )
        rows.append(Row([reading.label, reading.value, reading.size, *told], _linked(ctx, spans[i], len(columns))))
    return one_table(Text("Points", "数据点"), columns, rows)


def _linked(ctx: Context, bucket: Bucket | None, columns: int) -> list[str | None]:
    if bucket is None:
        return []
    narrower = {"from": date_of(bucket.span.first), "to": date_of(bucket.span.end)}
    shift = {"shift": bucket.shift} if bucket.shift is not None else {}
    return linked(ctx.link(**narrower, **shift), columns, 0, 1)


def _chart(ctx: Context, kind: Kind, drawn: Drawn) -> Chart:
    title = Text(f"{kind} chart", f"{kind} 控制图")
    roles = ("value", "centre", "lower", "upper", "rules", "excluded", "phase")
    texts = dict(_ROLES)
    marks = []
    if ctx.asked.phase_at is not None:
        at = next(p.label for p in drawn.points if p.phase)
        marks = [Mark(at, Text("Countermeasure", "对策生效"))]
    return Chart("control", "control", "main", title, "label", [Series(r, texts[r], r) for r in roles], marks)  # type: ignore[arg-type]  # each is a role


def _judged(drawn: Drawn) -> list[Note]:
    """Too few to judge, and runs that no point alone shows."""
    notes = []
    for phase in drawn.phases[:1]:
        judged = phase.judgement
        if not judged.enough:
            few = f"{judged.points} / {judged.points_needed}"
            mean = "" if judged.expected is None else f", {judged.expected:.1f} / {judged.expected_needed}"
            notes.append(_too_few(Text(f"points {few}{mean} per point", f"点数 {few}{mean}")))
    notes += [
        Note("run", "warning", Text(
            f"From {p.first} to {p.last} points stay on one side longer, or cross the centre less, than by chance.",
            f"{p.first} 至 {p.last}：连续同侧过长或穿越中心线过少，非偶然波动（Anhøj）。",
        ))
        for p in drawn.phases if p.anhoej.signal
    ]  # fmt: skip
    return notes


def _too_few(why: Text) -> Note:
    return Note("too-few", "warning", Text(f"Too few to judge: {why.en}.", f"数据太少，不足以判断：{why.zh}。"))


_COUNTED = {
    Kind.P: ("Rejected units", "拒收件数"),
    Kind.NP: ("Rejected units", "拒收件数"),
    Kind.P_PRIME: ("Rejected units", "拒收件数"),
    Kind.T: ("Hours between", "间隔小时"),
    Kind.G: ("Days between", "间隔天数"),
    Kind.EWMA: ("Per thousand, or complaints", "每千件投诉或投诉数"),
    Kind.CUSUM: ("Per thousand, or complaints", "每千件投诉或投诉数"),
}
_ROLES = {
    "value": Text("Value", "值"),
    "centre": Text("Centre", "中心线"),
    "lower": Text("Lower limit", "下控制限"),
    "upper": Text("Upper limit", "上控制限"),
    "rules": Text("Rules broken", "违反的规则"),
    "excluded": Text("Excluded", "已排除"),
    "phase": Text("Phase", "阶段"),
}
