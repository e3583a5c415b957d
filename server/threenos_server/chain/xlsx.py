"""The document as a workbook with one sheet for each kind of entry: what a plant can edit in the office."""

import io
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]  # openpyxl carries no types
from openpyxl.styles import Font, PatternFill  # type: ignore[import-untyped]  # openpyxl carries no types
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]  # openpyxl carries no types

from threenos_server.chain.document import Place, Source
from threenos_server.chain.finding import Code, Finding, Path
from threenos_server.chain.model import Chain
from threenos_server.chain.sheets import SHEETS, Cell, Reading, Row, tables
from threenos_server.chain.spot import duration
from threenos_server.chain.write import document
from threenos_server.errors import Fault, Invalid

MAX_BYTES = 8 * 1024 * 1024
MAX_UNPACKED = 32 * 1024 * 1024
#: Twenty thousand full rows have so many; a workbook of nothing but tags would take a gigabyte as a tree.
MAX_TAGS = 1_000_000
MAX_PARTS = 500
MAX_ROWS = 20_000
_CHUNK = 1024 * 1024
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, ET.ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError,
    EOFError, NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip
"""What openpyxl and the standard library raise for a file that is no workbook."""


def to_xlsx(chain: Chain) -> bytes:
    """The workbook. No cell is a formula, whatever a text begins with."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in tables(document(chain, duration)).items():
        sheet = book.create_sheet(name)
        heading: list[Cell] = list(SHEETS[name])
        for y, cells in enumerate([heading, *rows], start=1):
            for x, value in enumerate(cells, start=1):
                _put(sheet.cell(y, x), value)
        _dress(sheet, SHEETS[name])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(cell: Any, value: Cell) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = value
    cell.data_type = "s"
    # As text, so that a spreadsheet does not make a date or a number of an id when the cell is touched.
    cell.number_format = "@"
    if value.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True


def _dress(sheet: Any, columns: tuple[str, ...]) -> None:
    for x, column in enumerate(columns, start=1):
        sheet.cell(1, x).font = Font(bold=True)
        sheet.cell(1, x).fill = PatternFill("solid", fgColor="DDE6EE")
        longest = max(len(str(cell.value or "")) for cell in sheet[get_column_letter(x)])
        sheet.column_dimensions[get_column_letter(x)].width = min(max(longest, len(column)) + 3, 48)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def from_xlsx(content: bytes) -> Source:
    """The document in a workbook; places are sheets and rows. Raises Invalid when it cannot be opened at all."""
    reading = Reading()
    try:
        _refuse_bombs(content)
        book = load_workbook(io.BytesIO(content), read_only=True)
        for sheet in book.worksheets:
            _read(sheet, reading)
    except _BROKEN as e:
        raise Invalid(
            "this is no XLSX workbook", Fault("the file", str(e)[:200] or type(e).__name__, Code.UNREADABLE)
        ) from e
    return Source(reading.data, _finder(reading), tuple(reading.faults))


def _refuse_bombs(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise ValueError(f"over {MAX_BYTES} bytes")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if len(packed.infolist()) > MAX_PARTS:
            raise ValueError(f"over {MAX_PARTS} parts")
        # The sizes in the directory may lie, but then unpacking fails instead of going on.
        if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
            raise ValueError(f"over {MAX_UNPACKED} bytes when unpacked")
        if sum(_tags(packed, part) for part in packed.infolist()) > MAX_TAGS:
            raise ValueError(f"over {MAX_TAGS} tags")


def _tags(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """About how many pieces a reader of XML would make of a part."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("packed in a way that no office program packs")  # and that may ask for gigabytes to unpack
    with packed.open(part) as unpacked:
        return sum(chunk.count(b"<") for chunk in iter(lambda: unpacked.read(_CHUNK), b""))


def _read(sheet: Any, reading: Reading) -> None:
    name = str(sheet.title)
    if name not in SHEETS:
        reading.places[("sheet", name)] = (name, 1)
        detail = f"unknown sheet; known: {', '.join(SHEETS)}"
        reading.faults.append(Finding(("sheet", name), detail, Code.UNKNOWN_KEY, (name,)))
        return
    rows = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=len(SHEETS[name]) + 10)
    columns = [str(cell.value).strip() if cell.value is not None else "" for cell in next(rows, ())]
    for wrong in [c for c in columns if c and (c not in SHEETS[name] or columns.count(c) > 1)]:
        reading.places[("sheet", name, wrong)] = (name, 1)
        detail = f"unknown or repeated column `{wrong[:40]}`; known: {', '.join(SHEETS[name])}"
        reading.faults.append(Finding(("sheet", name, wrong), detail, Code.UNKNOWN_KEY, (wrong[:40],)))
    reading.take(name, list(_rows(name, columns, rows, reading)))


def _rows(name: str, columns: list[str], rows: Any, reading: Reading) -> Iterator[Row]:
    for number, cells in enumerate(rows, start=2):
        found: dict[str, Cell] = dict.fromkeys(SHEETS[name])
        for column, cell in zip(columns, cells, strict=False):
            if cell.value is not None and cell.data_type in ("f", "e"):
                reading.places[("sheet", name, number)] = (name, number)
                detail = f"column {column}: a formula or an error stands where a value was expected"
                reading.faults.append(Finding(("sheet", name, number), detail))
            elif column in found:
                found[column] = _plain(cell.value)
        if any(value is not None for value in found.values()):
            yield number, found
        if number > MAX_ROWS:
            raise ValueError(f"sheet {name} has over {MAX_ROWS} rows")


def _plain(value: Any) -> Cell:
    """A cell as a person meant it: a typed date is a date, 3.0 is 3, and nothing but spaces is nothing."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).strip() or None if value is not None else None
    return value


def _finder(reading: Reading) -> Any:
    order = {name: i for i, name in enumerate(SHEETS)}

    def place(path: Path) -> Place:
        while path and path not in reading.places:
            path = path[:-1]
        sheet, row = reading.places.get(path, ("site", 1))
        return order.get(sheet, len(order)) * 10 * MAX_ROWS + row, f"sheet {sheet}, row {row}"

    return place
