"""A chart of a document together with the numbers that it draws, and what all kinds of charts are drawn with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from threenos_server.reports.document import Chart, Column, Document, Table
from threenos_server.reports.exports.markup import Markup, tag
from threenos_server.reports.exports.scale import Scale, fitted, width_of
from threenos_server.reports.exports.values import duration, shown
from threenos_server.reports.exports.words import Language, said

SIZE = 11.0
FONT = "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
INK, MUTED, GRID = "#1c2733", "#5b6875", "#d9dfe5"
BLUE, PALE, GREY, ORANGE, RED, GREEN = "#1f5f99", "#a9c7e0", "#b8c0c8", "#c2600a", "#b3261e", "#2e7d4f"
#: By so many degrees labels are turned; of their length so much lies across and so much goes down.
_TURN, _ACROSS, _DOWN = 38, 0.79, 0.62
#: Of series beside each other; told apart in black and white as well.
FILLS = (BLUE, "#e3a857", "#7fb08f", "#8a6fa8", "#c9ced4")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A series with its values, one for each label."""

    title: str
    role: str
    column: Column
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a chart shows: the labels of its x axis, what kind of row each is, and its series."""

    chart: Chart
    labels: Sequence[str]
    kinds: Sequence[str]
    drawn: Sequence[Drawn]
    marks: Sequence[tuple[str, str]]
    language: Language
    width: float

    def of(self, role: str) -> Drawn | None:
        """The series of a role."""
        return next((d for d in self.drawn if d.role == role), None)

    def all(self, role: str) -> list[Drawn]:
        return [d for d in self.drawn if d.role == role]


def table_of(document: Document, chart: Chart) -> Table:
    """The table that a chart is a picture of."""
    return next(t for t in document.tables if t.id == chart.table)


def picture(document: Document, chart: Chart, language: Language, width: float) -> Picture:
    """The chart with its numbers."""
    table = table_of(document, chart)
    place = {c.id: i for i, c in enumerate(table.columns)}
    x, tz = place[chart.x], ZoneInfo(document.period.timezone)
    drawn = [
        Drawn(said(s.title, language), s.role, table.columns[i], [row.cells[i] for row in table.rows])
        for s in chart.series
        for i in (place[s.column],)
    ]
    labels = [shown(row.cells[x], table.columns[x], language, tz) for row in table.rows]
    marks = [(shown(m.at, table.columns[x], language, tz), said(m.text, language)) for m in chart.marks]
    return Picture(chart, labels, [row.kind for row in table.rows], drawn, marks, language, width)


def svg(width: float, height: float, *children: Markup) -> Markup:
    """The frame of a chart; a unit is a quarter of a millimetre."""
    return tag(
        "svg", *children, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=f"{width / 4:.1f}mm", height=f"{height / 4:.1f}mm", font_family=FONT, font_size=SIZE,
    )  # fmt: skip


def text(
    x: float, y: float, words: str, anchor: str = "start", fill: str = INK, *, turn: float | None = None,
    size: float | None = None, bold: bool = False,
) -> Markup:  # fmt: skip
    turned = None if turn is None else f"rotate({turn:g} {x:.1f} {y:.1f})"
    weight = "bold" if bold else None
    return tag("text", words, x=x, y=y, text_anchor=anchor, fill=fill, transform=turned, font_size=size,
               font_weight=weight)  # fmt: skip


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str = GRID, width: float = 1.0, dash: str | None = None
) -> Markup:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, stroke_dasharray=dash)


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str | None = None) -> Markup:
    """A bar, or a bar's symbol."""
    thin = None if stroke is None else 0.6
    return tag("rect", x=x, y=y, width=width, height=height, fill=fill, stroke=stroke, stroke_width=thin)


def tick_text(value: float, column: Column, step: float, language: Language) -> str:
    """A value on an axis, with as many decimals as the steps need."""
    if column.type == "share":
        return f"{100 * value:.{_digits(100 * step)}f} %"
    if column.type == "seconds":
        return "0" if not value else duration(value, language)
    return f"{value:,.{_digits(step)}f}"


def across(
    values: Sequence[float], y: Scale, left: float, right: float, column: Column, language: Language
) -> list[Markup]:
    """Horizontal grid lines with their values at the left."""
    step = values[1] - values[0]
    drawn = []
    for value in values:
        at = y(value)
        drawn += [
            line(left, at, right, at),
            text(left - 6, at + 4, tick_text(value, column, step, language), "end", MUTED),
        ]
    return drawn


def down(
    values: Sequence[float], x: Scale, top: float, bottom: float, column: Column, language: Language
) -> list[Markup]:
    """Vertical grid lines with their values below."""
    step = values[1] - values[0]
    drawn = []
    for value in values:
        at = x(value)
        drawn += [
            line(at, top, at, bottom),
            text(at, bottom + 15, tick_text(value, column, step, language), "middle", MUTED),
        ]
    return drawn


def turned_labels(
    labels: Sequence[str], x: Sequence[float], bottom: float, fill: str = INK
) -> tuple[list[Markup], float]:
    """Labels under an axis, turned so that they need little room across; and how deep they go below `bottom`."""
    cut = [fitted(word, SIZE, min(120.0, at / _ACROSS)) for word, at in zip(labels, x, strict=True)]
    drawn = [text(at + 4, bottom + 13, word, "end", fill, turn=-_TURN) for word, at in zip(cut, x, strict=True)]
    return drawn, 24 + _DOWN * max((width_of(word, SIZE) for word in cut), default=0)


def legend(entries: Sequence[tuple[Markup, str]], x: float, y: float, room: float) -> Markup:
    """Symbols, drawn around (0, 0), each with its word; as many as there is room for in a line."""
    placed, at = [], x
    for symbol, word in entries:
        word = fitted(word, SIZE, room / 2)
        placed += [tag("g", symbol, transform=f"translate({at + 10:.1f} {y:.1f})"), text(at + 26, y + 4, word)]
        at += 40 + width_of(word, SIZE)
    return tag("g", *placed)


def _digits(step: float) -> int:
    """Decimals that tell two ticks apart."""
    for digits in range(7):
        if abs(round(step, digits) - step) < 1e-9 * max(1.0, abs(step)):
            return digits
    return 7
