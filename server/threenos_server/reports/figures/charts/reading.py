"""Readings from a CSV file with a heading. Columns are found by their name, in any order, among any others."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from threenos_server.errors import Fault, Invalid
from threenos_server.reports.figures.charts.model import COUNTED, SIZED, Kind, Reading

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
#: Beyond this, whole numbers are no longer exact and sums could overflow.
_LARGEST = 1e15
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A reading and the line of the file on which it begins."""

    line: int
    reading: Reading


def columns(kind: Kind) -> tuple[str, ...]:
    """The columns that a chart of this kind is drawn from."""
    return ("label", "count", "size") if kind in SIZED else ("label", "count" if kind in COUNTED else "value")


def read(content: bytes, name: str, kind: Kind) -> tuple[Row, ...]:
    """The rows of a CSV file that calls itself `name`, in its order.

    UTF-8 with or without its mark, any line ends, quoted cells; blank lines are passed over. Counts are whole and not
    negative, within their size for p, np and p′; sizes are above 0 and may be fractions. A Poisson CUSUM takes a column
    `size` when there is one. Raises Invalid with a fault for each cell that will not do, by line and column.
    """
    lines = _lines(_text(content, name), name)
    first = next(lines, None)
    if first is None:
        raise Invalid(f"{name} is empty: it needs a heading {','.join(columns(kind))} and a row for each point")
    wanted = _places(first, name, kind)
    rows, faults = [], []
    for line, cells in lines:
        got = _row(_Cells(name, line, cells, wanted), len(first[1]), kind)
        if isinstance(got, Row):
            rows.append(got)
        else:
            faults.append(got)
    if faults:
        raise Invalid(f"{name}: {_number_of(len(faults))} cannot be read", *faults[:_MOST_FAULTS])
    if not rows:
        raise Invalid(f"{name} has a heading and no rows: it needs a row for each point")
    return tuple(rows)


def _number_of(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = content[: e.start].count(b"\n") + 1
        cure = Fault(f"{name} line {line}", "is not UTF-8; save the file as 'CSV UTF-8'")
        raise Invalid(f"{name} is not UTF-8", cure) from None


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as e:
            cure = Fault(f"{name} line {line}", f"{e}; close every quotation mark, and double one inside a cell")
            raise Invalid(f"{name} is not a CSV file", cure) from None
        if any(cells):
            yield line, cells


def _places(heading: tuple[int, list[str]], name: str, kind: Kind) -> dict[str, int]:
    """Where in a row the columns stand."""
    line, cells = heading
    needed = columns(kind)
    names = [cell.casefold() for cell in cells]
    separator = next((mark for mark in (";", "\t", "|") if len(cells) == 1 and mark in cells[0]), None)
    if separator is not None:
        detail = f"cells are separated by {separator!r}; save the file with commas, and decimals with a point"
        raise Invalid(f"{name} is not separated by commas", Fault(f"{name} line {line}", detail))
    faults = [
        Fault(f"{name} line {line}, column {column}", _missing(cells, needed) if not found else _twice(column))
        for column in needed
        if (found := names.count(column)) != 1
    ]
    if faults:
        raise Invalid(f"{name} has not the columns of a chart of kind {kind}: {','.join(needed)}", *faults)
    optional = ("size",) if kind is Kind.POISSON_CUSUM and names.count("size") == 1 else ()
    return {column: names.index(column) for column in (*needed, *optional)}


def _missing(cells: Sequence[str], needed: Sequence[str]) -> str:
    has = ",".join(cells)[:200]
    return f"is missing; the heading is {has!r}, name its columns {','.join(needed)} (in any order, others may follow)"


def _twice(column: str) -> str:
    return f"stands more than once in the heading; leave one column {column}"


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one row, by the name of their column."""

    name: str
    line: int
    cells: list[str]
    places: dict[str, int]

    def fault(self, column: str, detail: str) -> Fault:
        return Fault(f"{self.name} line {self.line}, column {column}", detail)

    def text(self, column: str) -> str:
        place = self.places[column]
        return self.cells[place] if place < len(self.cells) else ""

    def number(self, column: str, *, whole: bool, least: float | None) -> float | Fault:
        text = self.text(column)
        if not text:
            return self.fault(column, "is empty; fill it in, or leave out the whole row")
        if not _NUMBER.fullmatch(text):
            return self.fault(column, f"{text[:40]!r} is not a number; write digits and a point, like 1250 or 12.5")
        number = float(text)
        if abs(number) > _LARGEST:
            return self.fault(column, f"{text[:40]} is too large; the most is {_LARGEST:.0e}")
        if least is not None and number < least:
            return self.fault(column, f"{text} is under {least:g}; correct it, or leave out the whole row")
        if whole and not number.is_integer():
            return self.fault(
                column, f"{text} is not whole; events and units between them are counted in whole numbers"
            )
        return number


def _row(cells: _Cells, width: int, kind: Kind) -> Row | Fault:
    if any(cells.cells[width:]):
        at = f"{cells.name} line {cells.line}"
        detail = f"has {len(cells.cells)} cells under a heading of {width}; write numbers without thousands separators"
        return Fault(at, f"{detail}, and put a cell with a comma into quotation marks")
    label = cells.text("label")
    if not label:
        return cells.fault("label", "is empty; every point needs a label")
    amount = columns(kind)[1]
    whole, signed = kind in COUNTED or kind is Kind.G, kind in (Kind.EWMA, Kind.CUSUM)
    number = cells.number(amount, whole=whole, least=None if signed else 0)
    if isinstance(number, Fault) or "size" not in cells.places:
        return number if isinstance(number, Fault) else Row(cells.line, Reading(label, number))
    size = cells.number("size", whole=False, least=0)
    if isinstance(size, Fault):
        return size
    if size == 0:
        return cells.fault("size", "is 0, and what was not made has no rate; leave out the whole row")
    if kind in (Kind.P, Kind.NP, Kind.P_PRIME) and number > size:
        other = "u-prime" if kind is Kind.P_PRIME else "u"
        return cells.fault(
            "count", f"{number:g} bad of {size:g} cannot be; correct it, or count defects with a {other} chart"
        )
    return Row(cells.line, Reading(label, number, size))


def indexes(rows: Sequence[Row], labels: Sequence[str], name: str, option: str) -> list[int]:
    """Which rows these labels mean. Raises Invalid for a label that no row has, or that several have."""
    places: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        places.setdefault(row.reading.label, []).append(i)
    faults = []
    for label in labels:
        found = places.get(label, [])
        lines = ", ".join(str(rows[i].line) for i in found)
        if not found:
            faults.append(Fault(f"{option} {label}", f"no row of {name} has this label; write it as it stands there"))
        elif len(found) > 1:
            detail = f"{len(found)} rows of {name} have this label, lines {lines}; give each a label of its own"
            faults.append(Fault(f"{option} {label}", detail))
    if faults:
        raise Invalid(f"{option} does not name rows of {name}", *faults)
    return [places[label][0] for label in labels]


def distinct(rows: Sequence[Row], name: str) -> None:
    """Raises Invalid when a label stands in two rows: what is compared must be compared whole."""
    seen: dict[str, int] = {}
    for row in rows:
        first = seen.setdefault(row.reading.label, row.line)
        if first != row.line:
            where = f"{name} line {row.line}, column label"
            detail = f"{row.reading.label!r} stands in line {first} already; add the two rows up"
            raise Invalid(f"{name} has a label twice", Fault(where, detail))
