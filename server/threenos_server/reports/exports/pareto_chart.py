"""The Pareto chart: bars from the largest, the vital few dark, and the line of what they add up to."""

from collections.abc import Sequence

from threenos_server.reports.exports import words
from threenos_server.reports.exports.markup import Markup, tag
from threenos_server.reports.exports.picture import (
    BLUE,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PALE,
    Drawn,
    Picture,
    across,
    box,
    legend,
    line,
    svg,
    text,
    tick_text,
    turned_labels,
)
from threenos_server.reports.exports.scale import Scale, ticks
from threenos_server.reports.exports.words import said

_LEFT, _RIGHT, _TOP, _PLOT = 62.0, 52.0, 34.0, 230.0
_EIGHTY = 0.8


def draw(p: Picture) -> Markup:
    """The drawing."""
    bar, cumulative, vital = p.of("bar"), p.of("line"), p.of("vital")
    assert bar is not None  # a Pareto chart has bars
    values = [float(v or 0) for v in bar.values]
    steps = ticks(0, sum(values) if cumulative else max(values, default=0))
    y = Scale(0, steps[-1], _TOP + _PLOT, _TOP)
    right = p.width - _RIGHT
    each = (right - _LEFT) / max(1, len(values))
    middles = [_LEFT + each * (i + 0.5) for i in range(len(values))]
    parts = [*across(steps, y, _LEFT, right, bar.column, p.language), *_bars(p, values, vital, middles, y)]
    labels, foot = turned_labels(p.labels, middles, y(0))
    parts += [*labels, line(_LEFT, y(0), right, y(0), INK)]
    if cumulative is not None:
        # Its 100 % is as high as all bars on top of each other, so that it begins at the first bar's top.
        parts += _cumulative(p, cumulative, Scale(0, 1, y(0), y(sum(values) or 1)), middles)
    return svg(p.width, _TOP + _PLOT + foot, *parts, _legend(p, bar, cumulative, vital is not None))


def _bars(p: Picture, values: Sequence[float], vital: Drawn | None, middles: Sequence[float], y: Scale) -> list[Markup]:
    bar, wide = p.all("bar")[0], 0.76 * (middles[1] - middles[0] if len(middles) > 1 else 80.0)
    parts = []
    for i, (value, middle) in enumerate(zip(values, middles, strict=True)):
        fill = GREY if p.kinds[i] != "row" else BLUE if vital is None or vital.values[i] else PALE
        parts.append(box(middle - wide / 2, y(value), wide, y(0) - y(value), fill, INK))
        if wide >= 18:
            parts.append(text(middle, y(value) - 4, tick_text(value, bar.column, 1.0, p.language), "middle"))
    return parts


def _cumulative(p: Picture, series: Drawn, y: Scale, middles: Sequence[float]) -> list[Markup]:
    right = p.width - _RIGHT
    parts = [line(_LEFT, y(_EIGHTY), right, y(_EIGHTY), ORANGE, 0.8, "5 4")]
    for share in (0.0, 0.2, 0.4, 0.6, _EIGHTY, 1.0):
        parts.append(text(right + 6, y(share) + 4, f"{100 * share:.0f} %", fill=MUTED))
    places = [(x, y(v)) for x, v in zip(middles, series.values, strict=True) if v is not None]
    path = " ".join(f"{x:.1f},{at:.1f}" for x, at in places)
    parts.append(tag("polyline", points=path, fill="none", stroke=ORANGE, stroke_width=1.6))
    return parts + [tag("circle", cx=x, cy=at, r=2.6, fill=ORANGE) for x, at in places]


def _legend(p: Picture, bar: Drawn, cumulative: Drawn | None, few: bool) -> Markup:
    dark, pale = (box(-7, -5, 14, 10, fill, INK) for fill in (BLUE, PALE))
    vital = f"{bar.title}: {said(words.VITAL, p.language)}"
    entries = [(dark, vital), (pale, bar.title)] if few else [(dark, bar.title)]
    if cumulative is not None:
        dot = tag("g", line(-10, 0, 10, 0, ORANGE, 1.6), tag("circle", cx=0, cy=0, r=2.6, fill=ORANGE))
        entries.append((dot, cumulative.title))
    return legend(entries, _LEFT, 12, p.width)
