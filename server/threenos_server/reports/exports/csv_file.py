"""A document as CSV: the first table from the first line on, then the others, then what they mean.

UTF-8 with a byte order mark, so that a spreadsheet takes it for what it is. Numbers are not rounded; shares are 0 to 1.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from threenos_server.reports.document import Column, Document, Table
from threenos_server.reports.exports import words
from threenos_server.reports.exports.values import (
    asked_for,
    counted,
    heading,
    id_of,
    local,
    name_of,
    period_of,
    total_cells,
)
from threenos_server.reports.exports.words import Language, said

BOM = "\ufeff"
#: With one of these at its beginning a spreadsheet may take a text for a formula; East Asian ones take the wide ones.
#: Where semicolons or tabs separate cells, as in half of Europe, one begins after each of them too, and on each line.
_FORMULA = re.compile(r"^(?=[\t\r\n])|(^|[;\t\r\n])([ \u00a0\u3000]*[=+\-@＝＋－＠])")


def write(document: Document, language: Language) -> bytes:
    """The file."""
    out = io.StringIO()
    lines = csv.writer(out)
    every = [document] if document.compared is None else [document, document.compared]
    for number, one in enumerate(every):
        for table in one.tables:
            if out.tell():
                title = said(table.title, language)
                before = f"{said(words.COMPARED, language)}: {title}" if number else title
                lines.writerows([[], [safe(before)]])
            lines.writerows(_rows(table, language))
    for one in every:
        lines.writerow([])
        lines.writerows([[safe(cell) for cell in row] for row in about(one, language)])
    return (BOM + out.getvalue()).encode()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it where it could."""
    return _FORMULA.sub(_guarded, text)


def _guarded(found: re.Match[str]) -> str:
    return f"{found[1] or ''}'{found[2] or ''}"


def about(document: Document, language: Language) -> Iterator[tuple[str, str]]:
    """What a reader has to know about the figures, as pairs."""
    yield said(words.REPORT, language), said(document.title, language)
    yield said(words.PERIOD, language), period_of(document, language)
    yield said(words.TIMEZONE, language), document.period.timezone
    yield said(words.ASKED_AT, language), local(document.period.asked_at, ZoneInfo(document.period.timezone))
    for label, value in asked_for(document, language):
        yield f"{said(words.FILTER, language)} – {label}", value
    yield said(words.DEFINITION, language), said(document.definition, language)
    yield said(words.POPULATION, language), said(document.population.text, language)
    yield said(words.POPULATION, language), counted(document, language)
    for note in document.notes:
        yield said(words.WARNING if note.weight == "warning" else words.NOTES, language), said(note.text, language)
    yield said(words.NOTES, language), said(words.EMPTY_CELL, language)


def _rows(table: Table, language: Language) -> Iterator[list[Any]]:
    yield list(chain.from_iterable(_headings(c, language) for c in table.columns))
    cells = [row.cells for row in table.rows]
    totals = total_cells(table, language)
    if totals is not None:
        cells.append(totals)
    for row in cells:
        yield list(chain.from_iterable(_cells(v, c, language) for v, c in zip(row, table.columns, strict=True)))


def _headings(column: Column, language: Language) -> list[str]:
    if column.type == "name":
        title = safe(heading(column, language))
        return [title, f"{title} (id)"]
    if column.type == "interval":
        return [safe(f"{heading(column, language)}, {said(end, language)}") for end in (words.LOW, words.HIGH)]
    if column.type == "seconds":
        return [safe(f"{said(column.title, language)} (s)")]
    return [safe(heading(column, language))]


def _cells(value: Any, column: Column, language: Language) -> list[Any]:
    """A cell, or two: a name has its id beside it, an interval has two ends."""
    if column.type == "interval":
        return ["", ""] if value is None else ["inf" if end is None else end for end in value]
    if column.type == "name":
        if value is None or isinstance(value, str):
            return [safe(value or ""), ""]
        return [safe(name_of(value, language)), safe(id_of(value))]
    if value is None:
        return [""]
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, list):
        return [safe(", ".join(map(str, value)))]
    return [safe(value) if isinstance(value, str) else value]
