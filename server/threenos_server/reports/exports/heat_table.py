"""The matrix as a table whose cells are darker the more they hold."""

from zoneinfo import ZoneInfo

from threenos_server.reports.document import Chart, Table
from threenos_server.reports.exports.markup import Markup, tag
from threenos_server.reports.exports.values import UNSAID, heading, shown, total_cells
from threenos_server.reports.exports.words import Language

#: Red, green, blue of the darkest cell; the lightest is white.
_DARKEST = (194, 96, 10)


def draw(table: Table, chart: Chart, language: Language, tz: ZoneInfo) -> Markup:
    """The table; columns that are no cells of the matrix (names, totals) keep their white."""
    cells = {s.column for s in chart.series if s.role == "cell"}
    heat = [c.id in cells for c in table.columns]
    most = max((row.cells[i] or 0 for row in table.rows for i, h in enumerate(heat) if h), default=0)
    head = tag(
        "tr", *(tag("th", heading(c, language), class_=None if i else "name") for i, c in enumerate(table.columns))
    )
    body = [
        tag("tr", *(
            tag("td", shown(v, c, language, tz), class_="nothing" if h and not v else None if i else "name",
                style=_shade(v, most) if h and v else None)
            for i, (v, c, h) in enumerate(zip(row.cells, table.columns, heat, strict=True))
        ))
        for row in table.rows
    ]  # fmt: skip
    totals = total_cells(table, language)
    foot = None
    if totals is not None:
        last = (
            tag("td", UNSAID if v is None else shown(v, c, language, tz))
            for v, c in zip(totals, table.columns, strict=True)
        )
        foot = tag("tr", *last, class_="total")
    return tag("table", tag("thead", head), tag("tbody", *body, foot), class_="heat")


def _shade(value: float, most: float) -> str:
    weight = 0.12 + 0.88 * value / most
    red, green, blue = (round(255 - (255 - c) * weight) for c in _DARKEST)
    return f"background:rgb({red},{green},{blue});color:{'#fff' if weight > 0.75 else '#1c2733'}"
