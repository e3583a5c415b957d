"""A document as a workbook: what it means, native charts, and a sheet for each table with typed cells.

Names of cells are texts and never formulas, whatever they begin with. Numbers are not rounded, only shown so.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter  # type: ignore[import-untyped]  # XlsxWriter carries no types

from threenos_server.reports.document import Chart, Column, Document, Table
from threenos_server.reports.exports import words
from threenos_server.reports.exports.csv_file import about
from threenos_server.reports.exports.scale import width_of
from threenos_server.reports.exports.values import NUMBERS, heading, name_of, total_cells
from threenos_server.reports.exports.words import Language, said
from threenos_server.reports.exports.xlsx_charts import Place, insert

_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "nan_inf_to_errors": False, "remove_timezone": True,
}  # fmt: skip
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: In the name of a sheet: what no spreadsheet takes there, and what no XML can hold.
_FORBIDDEN = str.maketrans(dict.fromkeys([*"[]:*?/\\'\ufffe\uffff", *map(chr, range(32))], " "))
#: A day has so many seconds: durations are days in a workbook.
DAY_S = 86_400
_MOST_NAME = 31
#: Height of a line of text, and how many wide characters go into one beside a label.
_LINE, _ROOM = 15, 60.0


class Book:
    """A workbook that is being written."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._out = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._out, _OPTIONS)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()

    def bytes(self) -> bytes:
        self._book.close()
        return self._out.getvalue()

    def add(self, documents: Sequence[tuple[str, Document]]) -> None:
        """What they mean on one sheet, their charts on another, and their tables; a mark stands before the names."""
        self._about(documents)
        drawn = [(mark, document, chart) for mark, document in documents for chart in _native(document)]
        charts = self.sheet(said(words.CHARTS, self.language)) if drawn else None
        places: dict[tuple[str, str], Place] = {}
        for mark, document in documents:
            for table in document.tables:
                places[mark, table.id] = self.table(table, mark, ZoneInfo(document.period.timezone), document.charts)
        row, breaks = 0, []
        for mark, _, chart in drawn:
            breaks.append(row)
            row = insert(self._book, charts, row + 1, chart, places[mark, chart.table], mark, self.language)
        if charts is not None:
            charts.set_h_pagebreaks(breaks[1:])

    def pairs(self, name: str, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """A sheet of labels and texts; a label without a text is a heading."""
        sheet = self.sheet(name)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 110)
        self.text(sheet, 0, 0, title, bold=True, font_size=14)
        for row, (label, value) in enumerate(rows, start=2):
            if not value:
                self.text(sheet, row, 0, label, bold=True, font_size=12)
                continue
            self.text(sheet, row, 0, label, font_color="#5B6875")
            self.text(sheet, row, 1, value, text_wrap=True)
            lines = sum(ceil(max(1.0, width_of(line, 1.0) / _ROOM)) for line in value.split("\n"))
            sheet.set_row(row, _LINE * lines)

    def sheet(self, name: str) -> Any:
        """A sheet of this name, or of one as near to it as a workbook takes."""
        wanted = name.translate(_FORBIDDEN).strip()[:_MOST_NAME]
        found, n = wanted, 1
        while found.lower() in self._names:
            n += 1
            found = f"{wanted[: _MOST_NAME - 4]} {n}"
        self._names.add(found.lower())
        sheet = self._book.add_worksheet(found)
        sheet.set_paper(9)  # A4
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def form(self, **how: Any) -> Any:
        key = tuple(sorted(how.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(
                {"font_name": "Noto Sans CJK SC", "font_size": 10, "valign": "top", **how}
            )
        return self._formats[key]

    def text(self, sheet: Any, row: int, column: int, text: str, **how: Any) -> None:
        """A text that stays one."""
        marked = {"quote_prefix": True} if text.startswith(_STARTS) else {}
        sheet.write_string(row, column, text, self.form(**how, **marked))

    def _about(self, documents: Sequence[tuple[str, Document]]) -> None:
        rows: list[tuple[str, str]] = []
        for mark, document in documents:
            if len(documents) > 1:
                rows += [("", ""), (mark + said(document.title, self.language), "")]
            rows += about(document, self.language)
        title = said(documents[0][1].title if len(documents) == 1 else words.ABOUT, self.language)
        self.pairs(said(words.ABOUT, self.language), title, rows)

    def table(self, table: Table, mark: str, tz: ZoneInfo, charts: Sequence[Chart] = ()) -> Place:
        """A sheet with a table."""
        sheet = self.sheet(mark + said(table.title, self.language))
        at: dict[str, int] = {}
        column = 0
        for c in table.columns:
            at[c.id] = column
            for title in _headings(c, self.language):
                side = "right" if c.type in NUMBERS else "left"
                self.text(sheet, 0, column, title, bold=True, bottom=1, text_wrap=True, valign="bottom", align=side)
                sheet.set_column(column, column, _width(table, c, title))
                column += 1
        rows: list[tuple[list[Any], dict[str, Any]]] = [(row.cells, {}) for row in table.rows]
        totals = total_cells(table, self.language)
        if totals is not None:
            rows.append((totals, {"bold": True, "top": 1}))
        for y, (cells, how) in enumerate(rows, start=1):
            for c, value in zip(table.columns, cells, strict=True):
                self._cell(sheet, y, at[c.id], c, value, tz, how)
        sheet.set_row(0, 3 * _LINE)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), column - 1)
        place = Place(table, sheet, at, column, len(table.rows))
        _shade(charts, place)
        return place

    def _cell(self, sheet: Any, y: int, x: int, c: Column, value: Any, tz: ZoneInfo, how: dict[str, Any]) -> None:
        """A cell by its type; what cannot be said is left empty, so that no chart draws it as 0."""
        if value is None:
            sheet.write_blank(y, x, None, self.form(**how))
        elif c.type == "interval":
            form = self.form(num_format=_number(c.digits), **how)
            sheet.write_number(y, x, value[0], form)
            if value[1] is None:
                self.text(sheet, y, x + 1, "∞", align="right", **how)
            else:
                sheet.write_number(y, x + 1, value[1], form)
        elif isinstance(value, bool):
            sheet.write_boolean(y, x, value, self.form(**how))
        elif isinstance(value, int | float):
            days = value / DAY_S if c.type == "seconds" else value
            sheet.write_number(y, x, days, self.form(num_format=_format(c), **how))
        elif c.type == "date":
            sheet.write_datetime(
                y, x, date.fromisoformat(value), self.form(num_format="yyyy-mm-dd", align="left", **how)
            )
        elif c.type == "instant":
            local = datetime.fromisoformat(value).astimezone(tz)
            sheet.write_datetime(y, x, local, self.form(num_format="yyyy-mm-dd hh:mm:ss", align="left", **how))
        else:
            self.text(sheet, y, x, _text(value, self.language), text_wrap=True, **how)


def _shade(charts: Sequence[Chart], place: Place) -> None:
    """A matrix is darker the more a cell holds."""
    for chart in charts:
        if chart.kind == "matrix" and chart.table == place.table.id and place.rows:
            columns = [place.at[s.column] for s in chart.series]
            scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#C2600A", "min_type": "num",
                     "min_value": 0}  # fmt: skip
            place.sheet.conditional_format(1, min(columns), place.rows, max(columns), scale)


def write(document: Document, language: Language) -> bytes:
    """The workbook of one report; that of a compared period follows."""
    book = Book(language)
    before = [] if document.compared is None else [(f"{said(words.COMPARED, language)} ", document.compared)]
    book.add([("", document), *before])
    return book.bytes()


def _native(document: Document) -> list[Chart]:
    """Charts that are drawn as such: of tables with rows, and no matrix, whose cells themselves are shaded."""
    filled = {t.id for t in document.tables if t.rows}
    return [c for c in document.charts if c.kind != "matrix" and c.table in filled]


def _headings(column: Column, language: Language) -> Iterator[str]:
    title = heading(column, language)
    if column.type == "interval":
        yield from (f"{title}, {said(end, language)}" for end in (words.LOW, words.HIGH))
    else:
        yield f"{said(column.title, language)} (h:mm:ss)" if column.type == "seconds" else title


def _width(table: Table, column: Column, title: str) -> float:
    """Wide enough for the title and, of texts, for most of what stands there."""
    least = {"name": 24.0, "id": 38.0, "instant": 19.0, "list": 24.0}.get(column.type, 11.0)
    if column.type == "text":
        at = table.columns.index(column)
        least = max((2 * width_of(str(row.cells[at] or ""), 1.0) for row in table.rows), default=0)
    return float(max(min(16, len(title) + 2), min(60, least)))


def _text(value: Any, language: Language) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list) else name_of(value, language)


def _format(column: Column) -> str:
    if column.type == "seconds":
        return "[h]:mm:ss"
    return _number(column.digits, "%") if column.type == "share" else _number(column.digits)


def _number(digits: int, end: str = "") -> str:
    whole = "0" if end else "#,##0"
    return f"{whole}.{'0' * digits}{end}" if digits else whole + end
