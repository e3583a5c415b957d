"""Bars side by side or one behind the other, lying, so that names can be read."""

from zoneinfo import ZoneInfo

from threenos_server.reports.exports.markup import Markup
from threenos_server.reports.exports.picture import (
    FILLS,
    INK,
    MUTED,
    SIZE,
    Drawn,
    Picture,
    box,
    down,
    legend,
    line,
    svg,
    text,
)
from threenos_server.reports.exports.scale import Scale, fitted, second_ticks, ticks, width_of
from threenos_server.reports.exports.values import UNSAID, shown
from threenos_server.reports.exports.words import more_bars, said

_FOOT, _THICK, _GAP = 24.0, 15.0, 10.0
#: More groups than this are for the table to show; fewer where they would not fit on the page with what is above them.
MOST, _HIGHEST = 24, 600.0


def draw(p: Picture) -> Markup:
    """The drawing of a chart of kind bars, grouped or stacked."""
    bars, stacked = p.all("bar"), p.chart.kind == "stacked"
    height = _THICK * (1 if stacked else len(bars)) + _GAP
    most = min(MOST, int(_HIGHEST / height))
    names = [fitted(name, SIZE, p.width * 0.27) for name in p.labels[:most]]
    left = 14 + max((width_of(name, SIZE) for name in names), default=0)
    whole = [[float(v or 0) for v in b.values[:most]] for b in bars]
    longest = max((sum(of) if stacked else max(of) for of in zip(*whole, strict=True)), default=0)
    steps = second_ticks(longest) if bars[0].column.type == "seconds" else ticks(0, longest)
    x = Scale(0, steps[-1], left, p.width - 62)
    above = 30.0 if len(bars) > 1 else 6.0  # a legend is for several
    bottom = above + height * len(names)
    parts = down(steps, x, above, bottom, bars[0].column, p.language)
    for row, name in enumerate(names):
        top = above + height * row + _GAP / 2
        parts.append(text(left - 7, top + (height - _GAP) / 2 + 4, name, "end"))
        parts += _stacked(p, row, top, x) if stacked else _side_by_side(p, row, top, x)
    parts.append(line(left, above, left, bottom, INK))
    if len(bars) > 1:
        boxes = [(box(-7, -5, 14, 10, _fill(i)), b.title) for i, b in enumerate(bars)]
        parts.append(legend(boxes, left, 12, p.width))
    left_out = len(p.labels) - most
    if left_out <= 0:
        return svg(p.width, bottom + _FOOT, *parts)
    more = text(left, bottom + _FOOT + 10, said(more_bars(left_out), p.language), fill=MUTED)
    return svg(p.width, bottom + _FOOT + 16, *parts, more)


def _side_by_side(p: Picture, row: int, top: float, x: Scale) -> list[Markup]:
    parts = []
    for i, bar in enumerate(p.all("bar")):
        value, at = bar.values[row], top + _THICK * i
        if value is None:
            parts.append(text(x.start + 5, at + 11, UNSAID, fill=MUTED))
            continue
        parts.append(box(x.start, at + 1, max(0.5, x(value) - x.start), _THICK - 2, _fill(i)))
        parts.append(text(x(value) + 5, at + 11, _said(value, bar, p)))
    return parts


def _stacked(p: Picture, row: int, top: float, x: Scale) -> list[Markup]:
    parts, so_far = [], 0.0
    for i, bar in enumerate(p.all("bar")):
        value = float(bar.values[row] or 0)
        start, end = x(so_far), x(so_far + value)
        parts.append(box(start, top + 1, end - start, _THICK - 2, _fill(i), "#fff"))
        so_far += value
    return [*parts, text(x(so_far) + 5, top + 11, _said(so_far, p.all("bar")[0], p))]


def _fill(i: int) -> str:
    return FILLS[i % len(FILLS)]


def _said(value: float, bar: Drawn, p: Picture) -> str:
    """The value at the end of a bar, with the decimals that its column shows."""
    return shown(value, bar.column, p.language, ZoneInfo("UTC"))
