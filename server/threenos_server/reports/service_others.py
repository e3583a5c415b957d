"""Stops, recurrence, satisfaction and the load of alarms."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import sqlalchemy as sa

from threenos_server import bulk
from threenos_server.db import to_ms
from threenos_server.errors import Fault, Invalid
from threenos_server.reports.document import Chart, Note, Row, Text
from threenos_server.reports.figures.alarms import ACCEPTABLE_PER_HOUR, FLOOD
from threenos_server.reports.figures.rates import wilson
from threenos_server.reports.figures.satisfaction import LEAST
from threenos_server.reports.rollup import FOREVER
from threenos_server.reports.rollup_ripe import WITHIN_MS
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
from threenos_server.reports.tables import Alarms

STOPS = Text(
    "Stop minutes = length of the union of the stop intervals of a line: a minute under several stops belongs to the "
    "one that began first. Charged to made-at as it stands, and counted in the period in which the stop was pressed. "
    "A line that still stands counts up to now.",
    "停线分钟 = 产线停线区间并集的长度：多个停线重叠的分钟计入最先开始的停线。"
    "按当前的产生工序计，计入按下停线的那个期间。仍在停线的产线计到现在。",
)
RECURRENCE = Text(
    "Of the complaints of the period that were closed at least 30 days ago, the share followed within 30 days of the "
    "closing by a complaint of the same made-at, defect and part.",
    "期内且已关闭至少 30 天的投诉中，关闭后 30 天内又出现相同产生工序、缺陷和零件投诉的比例。",
)
SATISFACTION = Text(
    f"Mean rating of 1 to 5 stars; satisfied = share of 4 and 5 stars with Wilson's 95 % interval; response = ratings "
    f"of closed complaints. Hidden under {LEAST} ratings. Stars never make an NPS. Source: ISO 10004:2018.",
    f"平均评分（1–5 星）；满意率 = 4、5 星占比，附 Wilson 95 % 区间；评价率 = 评价数 / 已关闭投诉数。"
    f"少于 {LEAST} 个评价不显示。星级从不换算成 NPS。来源：ISO 10004:2018。",
)
ALARMS = Text(
    "Alarms = rungs of a complaint's ladder that told a role, drills left out, of every kind of complaint. "
    f"Busiest = most in ten minutes of the clock; over {FLOOD} are a flood. "
    f"One person can take {ACCEPTABLE_PER_HOUR:g} an hour. By role and shift, never by person. "
    "Sources: EEMUA 191, ANSI/ISA-18.2.",
    f"报警 = 投诉升级阶梯通知某岗位的次数，包含各类投诉，不含演练。最忙 = 十分钟内最多次数；超过 {FLOOD} 次为报警泛滥。"
    f"一个人每小时可处理 {ACCEPTABLE_PER_HOUR:g} 次。按岗位和班次统计，从不按个人。来源：EEMUA 191、ANSI/ISA-18.2。",
)
_alarm = bulk.raw(Alarms)


def stops(ctx: Context) -> Made:
    """Stop minutes by what they are charged to."""
    by = by_of(ctx, "made_at")
    found, counts = _stopped(ctx, by)
    columns = [
        dimension(by),
        column("stops", "Stops", "停线次数", "count"),
        column("minutes", "Stop minutes", "停线分钟", "number", Text("min", "分钟"), 1),
        column("mean", "Minutes a stop", "平均每次分钟", "number", Text("min", "分钟"), 1),
        column("share", "Share", "占比", "share", None, 1),
        column("standing", "Standing now", "仍在停线", "count"),
    ]
    whole = sum(n[1] for n in found.values())
    rows = []
    for key in ordered(found, lambda k: float(found[k][1])):
        n, ms, standing = found[key]
        cells = [
            ctx.name(by, key),
            n,
            ms / 60_000,
            ms / 60_000 / n if n else None,
            ms / whole if whole else None,
            standing,
        ]
        rows.append(Row(cells, linked(ctx.link(**{by: key, "kind": "stop"}), len(columns), 0, 1), row_kind(key)))
    n = sum(v[0] for v in found.values())
    totals = [None, n, whole / 60_000, whole / 60_000 / n if n else None, 1.0 if whole else None,
              sum(v[2] for v in found.values())]  # fmt: skip
    title = Text("Stop minutes", "停线分钟")
    chart = Chart("stops", "bars", "main", title, by, series(columns, minutes="bar"))
    return Made([one_table(title, columns, rows, totals)], [chart], [], counts)


def _stopped(ctx: Context, by: str) -> tuple[dict[str, list[int]], dict[int, int]]:
    """By group how many stops, ms, and how many stand; and the complaints by cell."""
    # Rejections stop nothing: without them a part's sums are few.
    only = replace(ctx, asked=msgspec.structs.replace(ctx.asked, kind=["stop"]))
    if ctx.asked.kind and "stop" not in ctx.asked.kind:
        return {}, {}
    sums, counts = only.grouped(by, ("stop_ms",))
    found = {key: [*numbers, 0] for key, numbers in sums.items()}
    for key, ms in _standing(ctx, by):
        known = found.setdefault(key, [0, 0, 0])
        known[1] += ms
        known[2] += 1
    return found, counts


def recurrence(ctx: Context) -> Made:
    """What came again."""
    by = by_of(ctx, "made_at")
    found, counts = ctx.grouped(by, ("ripe", "recurred"))
    for key, recurred in _ripening(ctx, by):
        found[key][1] += 1
        found[key][2] += recurred
    columns = [
        dimension(by),
        column("complaints", "Complaints", "投诉数", "count"),
        column("closed", "Closed 30 days ago", "已关闭满 30 天", "count"),
        column("recurred", "Came again", "复发", "count"),
        column("share", "Share", "复发率", "share", None, 1),
        column("interval", "95 % interval", "95 % 区间", "interval", None, 3),
    ]
    rows = []
    for key in ordered(found, lambda k: float(found[k][2])):
        n, ripe, recurred = found[key]
        cells = [ctx.name(by, key), n, ripe, recurred, recurred / ripe if ripe else None, _interval(recurred, ripe)]
        rows.append(Row(cells, linked(ctx.link(**{by: key}), len(columns), 0, 1), row_kind(key)))
    n, ripe, recurred = (sum(v[i] for v in found.values()) for i in range(3))
    totals = [None, n, ripe, recurred, recurred / ripe if ripe else None, _interval(recurred, ripe)]
    title = Text("Recurrence within 30 days", "30 天复发率")
    chart = Chart("recurrence", "bars", "main", title, by, series(columns, share="bar"))
    notes = (
        []
        if ripe >= 20
        else [_few(Text(f"{ripe} complaints were closed 30 days ago", f"已关闭满 30 天的投诉仅 {ripe} 件"))]
    )
    return Made([one_table(title, columns, rows, totals)], [chart], notes, counts)


def satisfaction(ctx: Context) -> Made:
    """How content customers were with the answers."""
    by = by_of(ctx, "made_at")
    found, counts = ctx.grouped(by, ("closed", "rated", "rating", "satisfied"))
    columns = [
        dimension(by),
        column("closed", "Closed", "已关闭", "count"),
        column("rated", "Ratings", "评价数", "count"),
        column("response", "Response", "评价率", "share", None, 1),
        column("mean", "Mean rating", "平均评分", "number", Text("of 5", "/ 5"), 2),
        column("csat", "Satisfied", "满意率", "share", None, 1),
        column("interval", "95 % interval", "95 % 区间", "interval", None, 3),
    ]
    rows = [
        Row([ctx.name(by, key), *_rated(found[key])], linked(ctx.link(**{by: key}), len(columns)), row_kind(key))
        for key in ordered(found, lambda k: float(found[k][2]))
    ]
    whole = [sum(v[i] for v in found.values()) for i in range(5)]
    title = Text("Satisfaction with answers", "对答复的满意度")
    chart = Chart("satisfaction", "bars", "main", title, by, series(columns, csat="bar"))
    hidden = [k for k, v in found.items() if 0 < v[2] < LEAST]
    notes = [_few(Text(f"under {LEAST} ratings nothing is shown", f"少于 {LEAST} 个评价的不显示"))] if hidden else []
    return Made([one_table(title, columns, rows, [None, *_rated(whole)])], [chart], notes, counts)


def alarm_load(ctx: Context) -> Made:
    """How often each role was told, by shift."""
    _only_places(ctx)
    where = [_alarm.c.site == ctx.site, _alarm.c.day >= ctx.span.first, _alarm.c.day < ctx.span.end]
    for name in ("line", "shift"):
        if getattr(ctx.asked, name):
            where.append(_alarm.c[name].in_(getattr(ctx.asked, name)))
    ten = (
        sa.select(_alarm.c.role, _alarm.c.shift, sa.func.sum(_alarm.c.n).label("n"))
        .where(*where).group_by(_alarm.c.role, _alarm.c.shift, _alarm.c.at).subquery()
    )  # fmt: skip
    flooded = sa.func.sum(sa.case((ten.c.n > FLOOD, 1), else_=0))
    query = sa.select(ten.c.role, ten.c.shift, sa.func.sum(ten.c.n), sa.func.max(ten.c.n), flooded)
    hours = _hours(ctx)
    columns = [
        column("role", "Role", "岗位", "text"),
        column("shift", "Shift", "班次", "name"),
        column("alarms", "Alarms", "报警次数", "count"),
        column("per_hour", "An hour", "每小时", "number", None, 2),
        column("busiest", "Busiest ten minutes", "最忙十分钟", "count"),
        column("floods", "Ten minutes in flood", "泛滥的十分钟数", "count"),
    ]
    rows = []
    for role, shift, n, busiest, floods in ctx.session.connection().execute(query.group_by(ten.c.role, ten.c.shift)):
        per_hour = int(n) / hours[shift] if hours.get(shift) else None
        rows.append(Row([role, ctx.name("shift", shift), int(n), per_hour, int(busiest), int(floods)]))
    rows.sort(key=lambda r: (r.cells[0], r.cells[1].id))
    title = Text("Alarm load", "报警负荷")
    totals = [None, None, sum(r.cells[2] for r in rows), None, None, sum(r.cells[5] for r in rows)]
    chart = Chart("alarms", "bars", "main", title, "role", series(columns, alarms="bar"))
    return Made([one_table(title, columns, rows, totals)], [chart], [], {})


def _only_places(ctx: Context) -> None:
    other = [
        n for n in ("process", "made_at", "found_at", "defect", "part", "severity", "kind") if getattr(ctx.asked, n)
    ]
    if other or ctx.asked.confirmed:
        fault = Fault(f"?{(other or ['confirmed'])[0]}", "leave it out")
        raise Invalid("alarms are counted by line and shift only", fault)


def _hours(ctx: Context) -> dict[str, float]:
    """Hours of each shift in the period until now."""
    until = min(ctx.days.bounds(ctx.span.end), to_ms(ctx.now))
    found: dict[str, float] = {}
    if until > (since := ctx.days.bounds(ctx.span.first)):
        for _, shift, ms in ctx.days.pieces(since, until):
            found[shift] = found.get(shift, 0.0) + ms / 3_600_000
    return found


def _standing(ctx: Context, by: str) -> Iterator[tuple[str, int]]:
    """Stops that are not over, each with the ms until now that are its own: of several on a line the first has them."""
    seen: set[str] = set()
    standing = sorted(ctx.reading.standing(ctx.span, FOREVER), key=lambda r: (r[1], r[2]))
    for id_, since, _, part in standing:
        cell = ctx.cells[id_]
        key = part if by == "part" else str(getattr(cell, by))
        yield key, max(0, to_ms(ctx.now) - since) if cell.line not in seen else 0
        seen.add(cell.line)


def _ripening(ctx: Context, by: str) -> Iterator[tuple[str, int]]:
    """Complaints that are ripe by now though no row of the journal has said so yet."""
    for id_, part, recurred in ctx.reading.ripening(ctx.span, to_ms(ctx.now) - WITHIN_MS):
        yield part if by == "part" else str(getattr(ctx.cells[id_], by)), recurred


def _rated(numbers: list[int]) -> list[object]:
    _, closed, rated, rating, satisfied = numbers
    response = rated / closed if closed else None
    if rated < LEAST:
        return [closed, rated, response, None, None, None]
    return [closed, rated, response, rating / rated, satisfied / rated, _interval(satisfied, rated)]


def _interval(n: int, of: int) -> list[float] | None:
    found = wilson(n, of)
    return None if found is None else [found.low, found.high]


def _few(why: Text) -> Note:
    return Note("too-few", "warning", Text(f"Too few to judge: {why.en}.", f"数据太少，不足以判断：{why.zh}。"))
