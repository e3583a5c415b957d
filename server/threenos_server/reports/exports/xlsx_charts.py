"""Charts of a workbook: native ones, that draw the cells of the tables beside them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from threenos_server.reports.document import Chart, Series, Table
from threenos_server.reports.exports import words
from threenos_server.reports.exports.bar_chart import MOST
from threenos_server.reports.exports.picture import BLUE, FILLS, GREEN, GREY, ORANGE, PALE, RED
from threenos_server.reports.exports.words import Language, said

_WIDTH, _HEIGHT, _ROW = 960, 400, 20
#: So many bars more make a chart of lying bars so much higher.
_BAR = 18
#: An axis of shares that would end beyond all of it ends there.
_NEARLY = 0.8


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands: its sheet, the place of each column, the first free one, and how many rows it has."""

    table: Table
    sheet: Any
    at: dict[str, int]
    end: int
    rows: int

    def cells(self, column: int) -> list[Any]:
        """The cells of a column, as XlsxWriter names them."""
        return [self.sheet.get_name(), 1, column, self.rows, column]


def insert(book: Any, sheet: Any, row: int, chart: Chart, place: Place, mark: str, language: Language) -> int:
    """Draw a chart on `sheet` from `row` on; the next free row."""
    lying = chart.kind in ("bars", "grouped", "stacked")
    place = replace(place, rows=min(place.rows, MOST)) if lying else place
    made = _MAKE[chart.kind](book, chart, place, language)
    height = max(_HEIGHT, 120 + _BAR * place.rows * len(chart.series)) if lying else _HEIGHT
    made.set_size({"width": _WIDTH, "height": height})
    made.set_title({"name": mark + said(chart.title, language), "name_font": {"size": 12}, "overlay": False})
    made.set_legend({"position": "bottom"})
    made.show_blanks_as("gap")
    sheet.insert_chart(row, 0, made)
    return row + height // _ROW + 2


def _series(series: Series, chart: Chart, place: Place, language: Language, **how: Any) -> dict[str, Any]:
    return {
        "name": said(series.title, language),
        "categories": place.cells(place.at[chart.x]),
        "values": place.cells(place.at[series.column]),
        **how,
    }


def _axis(series: Series, place: Place, **how: Any) -> dict[str, Any]:
    """The axis of values, with numbers as the column shows them."""
    column = next(c for c in place.table.columns if c.id == series.column)
    form = {"share": "0%", "seconds": "[h]:mm"}.get(column.type)
    if column.type == "share" and _largest(place) > _NEARLY:
        how["max"] = 1
    grid = {"visible": True, "line": {"color": "#D9DFE5"}}
    return {"major_gridlines": grid, **({"num_format": form} if form else {}), **how}


def _largest(place: Place) -> float:
    """The largest share of a table."""
    shares = [i for i, c in enumerate(place.table.columns) if c.type == "share"]
    return max((row.cells[i] or 0 for row in place.table.rows for i in shares), default=0)


def _pareto(book: Any, chart: Chart, place: Place, language: Language) -> Any:
    made = book.add_chart({"type": "column"})
    roles = {s.role: s for s in chart.series}
    vital = roles.get("vital")
    at = [c.id for c in place.table.columns].index(vital.column) if vital else None
    fills = [GREY if row.kind != "row" else BLUE if at is None or row.cells[at] else PALE for row in place.table.rows]
    points = [{"fill": {"color": fill}} for fill in fills]
    made.add_series(_series(roles["bar"], chart, place, language, gap=30, fill={"color": BLUE}, points=points))
    if "line" in roles:
        line = book.add_chart({"type": "line"})
        marker = {"type": "circle", "size": 5, "fill": {"color": ORANGE}, "border": {"color": ORANGE}}
        line.add_series(
            _series(roles["line"], chart, place, language, y2_axis=True, marker=marker, line={"color": ORANGE})
        )
        line.set_y2_axis({"min": 0, "max": 1, "num_format": "0%"})
        made.combine(line)
    values = [c.id for c in place.table.columns].index(roles["bar"].column)
    whole = sum(row.cells[values] or 0 for row in place.table.rows)
    # Both axes end at the whole, so that the line begins at the first bar's top.
    made.set_y_axis(_axis(roles["bar"], place, min=0, **({"max": whole} if "line" in roles and whole else {})))
    return made


def _bars(book: Any, chart: Chart, place: Place, language: Language) -> Any:
    made = book.add_chart({"type": "bar", "subtype": "stacked"} if chart.kind == "stacked" else {"type": "bar"})
    for i, series in enumerate(s for s in chart.series if s.role == "bar"):
        labels = {} if chart.kind == "stacked" else {"data_labels": {"value": True}}
        made.add_series(
            _series(series, chart, place, language, gap=40, fill={"color": FILLS[i % len(FILLS)]}, **labels)
        )
    made.set_y_axis({"reverse": True})
    made.set_x_axis(_axis(next(s for s in chart.series if s.role == "bar"), place, min=0))
    return made


def _lines(book: Any, chart: Chart, place: Place, language: Language) -> Any:
    made = book.add_chart({"type": "line"})
    for i, series in enumerate(s for s in chart.series if s.role in ("value", "line")):
        colour = FILLS[i % len(FILLS)]
        marker = {"type": "circle", "size": 4, "fill": {"color": colour}, "border": {"color": colour}}
        made.add_series(_series(series, chart, place, language, line={"color": colour, "width": 1.5}, marker=marker))
    for series in chart.series:
        if series.role in ("centre", "lower", "upper"):
            centre = series.role == "centre"
            how = {"color": GREEN if centre else ORANGE, "width": 1.25, "dash_type": "solid" if centre else "dash"}
            made.add_series(_series(series, chart, place, language, line=how))
    if chart.kind == "control":
        _signals(made, chart, place, language)
    made.set_x_axis({"num_font": {"rotation": -45}})
    made.set_y_axis(_axis(chart.series[0], place))
    return made


def _signals(made: Any, chart: Chart, place: Place, language: Language) -> None:
    """Points that break a rule, marked: a column of their own behind the table, empty elsewhere."""
    roles = {s.role: s for s in chart.series}
    if "rules" not in roles or "value" not in roles:
        return
    ids = [c.id for c in place.table.columns]
    rules, value = ids.index(roles["rules"].column), ids.index(roles["value"].column)
    column = place.end + 1
    place.sheet.write_string(0, column, said(words.SIGNALS, language))
    for y, row in enumerate(place.table.rows, start=1):
        if row.cells[rules] and row.cells[value] is not None:
            place.sheet.write_number(y, column, row.cells[value])
    marker = {"type": "diamond", "size": 9, "fill": {"color": RED}, "border": {"color": RED}}
    made.add_series({
        "name": said(words.LEGEND_OUTSIDE, language), "categories": place.cells(place.at[chart.x]),
        "values": place.cells(column), "line": {"none": True}, "marker": marker,
    })  # fmt: skip


_MAKE: dict[str, Callable[[Any, Chart, Place, Language], Any]] = {
    "pareto": _pareto, "bars": _bars, "grouped": _bars, "stacked": _bars, "control": _lines, "lines": _lines,
}  # fmt: skip
