"""Control charts and plain lines: values in their order, centre and limits, and the points that break a rule."""

from collections.abc import Sequence

from threenos_server.reports.exports import words
from threenos_server.reports.exports.markup import Markup, tag
from threenos_server.reports.exports.picture import (
    BLUE,
    FILLS,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RED,
    SIZE,
    Picture,
    across,
    legend,
    line,
    svg,
    text,
    turned_labels,
)
from threenos_server.reports.exports.scale import Scale, ticks, width_of
from threenos_server.reports.exports.words import said

_LEFT, _RIGHT, _TOP, _PLOT = 62.0, 20.0, 34.0, 220.0
#: How lines of each role are drawn; a limit is told from the centre by its dashes.
_LINES = {"centre": (GREEN, 1.3, None), "upper": (ORANGE, 1.2, "6 4"), "lower": (ORANGE, 1.2, "6 4")}
_SHORT = {"nelson": "", "western-electric": "W", "cusum-high": "H", "cusum-low": "L"}


def draw(p: Picture) -> Markup:
    """The drawing of a chart of kind control or lines."""
    told = [d for d in p.drawn if d.role in ("value", "line", *_LINES)]
    known = [float(v) for d in told for v in d.values if v is not None]
    steps = ticks(min(0.0, *known) if known else 0.0, max(known, default=1.0))
    y = Scale(steps[0], steps[-1], _TOP + _PLOT, _TOP)
    right = p.width - _RIGHT
    each = (right - _LEFT) / max(1, len(p.labels))
    x = [_LEFT + each * (i + 0.5) for i in range(len(p.labels))]
    # As many labels as can be told apart.
    every = slice(None, None, max(1, -(-len(x) * 15 // int(right - _LEFT))))
    labels, foot = turned_labels(p.labels[every], x[every], _TOP + _PLOT, MUTED)
    parts = [*across(steps, y, _LEFT, right, told[0].column, p.language), *labels]
    parts += [line(_LEFT, y(0), right, y(0), INK), *_curves(p, x, y, each), *_phases(p, x, each)]
    return svg(p.width, _TOP + _PLOT + foot, *parts, _legend(p))


def _curves(p: Picture, x: Sequence[float], y: Scale, each: float) -> list[Markup]:
    """Limits first, so that the values lie on top of them."""
    parts: list[Markup] = []
    for role, how in _LINES.items():
        series = p.of(role)
        parts += _steps(series.values, x, y, each, *how) if series is not None else []
    for i, series in enumerate(p.all("line")):
        parts += _joined(series.values, x, y, FILLS[i % len(FILLS)])
    value = p.of("value")
    if value is not None:
        parts += [*_joined(value.values, x, y, BLUE), *_points(p, value.values, x, y)]
    return parts


def _steps(
    values: Sequence[float | None],
    x: Sequence[float],
    y: Scale,
    each: float,
    colour: str,
    width: float,
    dash: str | None,
) -> list[Markup]:
    """A line that has a step wherever the value changes between two points."""
    path, drawing = "", False
    for at, value in zip(x, values, strict=True):
        if value is not None:
            path += f"{'L' if drawing else 'M'}{at - each / 2:.1f} {y(value):.1f}H{at + each / 2:.1f}"
        drawing = value is not None
    return [tag("path", d=path, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dash)] if path else []


def _joined(values: Sequence[float | None], x: Sequence[float], y: Scale, colour: str) -> list[Markup]:
    """A line from point to point, broken where nothing can be said."""
    path, drawing = "", False
    for at, value in zip(x, values, strict=True):
        if value is not None:
            path += f"{'L' if drawing else 'M'}{at:.1f} {y(value):.1f}"
        drawing = value is not None
    return [tag("path", d=path, fill="none", stroke=colour, stroke_width=1.2)] if path else []


def _points(p: Picture, values: Sequence[float | None], x: Sequence[float], y: Scale) -> list[Markup]:
    rules, excluded = p.of("rules"), p.of("excluded")
    parts: list[Markup] = []
    for i, value in enumerate(values):
        if value is None:
            continue
        at, high = x[i], y(value)
        broken = list(rules.values[i] or ()) if rules else []
        if excluded and excluded.values[i]:
            parts.append(tag("circle", cx=at, cy=high, r=3.0, fill="#fff", stroke=MUTED, stroke_width=1.2))
        elif broken:
            parts += [_diamond(at, high), text(at, high - 8, ",".join(map(_short, broken)), "middle", RED, bold=True)]
        else:
            parts.append(tag("circle", cx=at, cy=high, r=2.3, fill=BLUE))
    return parts


def _diamond(x: float, y: float) -> Markup:
    return tag("path", d=f"M{x - 5:.1f} {y:.1f}L{x:.1f} {y - 5:.1f}L{x + 5:.1f} {y:.1f}L{x:.1f} {y + 5:.1f}Z", fill=RED)


def _short(rule: str) -> str:
    """A rule in a character or two: nelson-1 is 1, western-electric-2 is W2."""
    if rule in _SHORT:
        return _SHORT[rule]
    name, _, number = rule.rpartition("-")
    return _SHORT.get(name, name) + number


def _phases(p: Picture, x: Sequence[float], each: float) -> list[Markup]:
    """A line where a phase begins, and what is said there."""
    marked = dict(p.marks)
    parts = []
    for i, label in enumerate(p.labels):
        if label in marked:
            at = x[i] - each / 2
            word = marked[label]
            room = at + 6 + width_of(word, SIZE) > p.width - _RIGHT
            parts += [line(at, _TOP - 6, at, _TOP + _PLOT, INK, 1.0, "2 3"),
                      text(at - 5 if room else at + 5, _TOP + 4, word, "end" if room else "start")]  # fmt: skip
    return parts


def _legend(p: Picture) -> Markup:
    entries = []
    for series in p.drawn:
        if series.role in ("value", "line"):
            i = p.all("line").index(series) if series.role == "line" else 0
            entries.append((line(-10, 0, 10, 0, FILLS[i % len(FILLS)], 1.4), series.title))
        elif series.role in _LINES:
            colour, width, dash = _LINES[series.role]
            entries.append((line(-10, 0, 10, 0, colour, width, dash), series.title))
    rules = p.of("rules")
    if rules is not None and any(rules.values):
        entries.append((_diamond(0, 0), said(words.LEGEND_OUTSIDE, p.language)))
    return legend(entries, _LEFT, 12, p.width)
