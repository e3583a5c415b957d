"""CSV, XLSX and PDF of one question say what its document says; read back by other programs."""

import csv
import io
import logging
import math
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from homes import Template
from openpyxl import load_workbook
from service.complaints.works import ALL, KEYS, SITE
from service.reports.desk import Desk, opened

from threenos_server.access import arrival_code
from threenos_server.complaints import giving
from threenos_server.complaints.bodies import Release
from threenos_server.errors import NotInstalled
from threenos_server.reports.document import Column, Document, Row
from threenos_server.reports.exports import FORMS, page, press, to_csv, to_pdf, to_xlsx
from threenos_server.reports.exports.values import id_of, name_of
from threenos_server.reports.exports.words import Language
from threenos_server.reports.service import REPORTS

LANGUAGES: tuple[Language, ...] = ("en", "zh-CN")
DANGEROUS = "=HYPERLINK(1)"
PERIOD = {"from": "2026-11-20", "to": "2026-12-20"}


def tell(desk: Desk) -> None:
    """Three weeks of a factory: rejections, stops, catches, answers, ratings, costs and counted units."""
    works = desk.works
    places = (("mill-1", "porosity"), ("mill-2", "burr"), ("leak-1", "leak"), ("pump-1", None), ("wash-1", "porosity"))
    begin = datetime(2026, 11, 22, 22, tzinfo=UTC)
    for day in range(21):
        station, defect = places[day % len(places)]
        named = works.press(station, "stop" if day % 4 == 3 else "reject", defect=defect, qty=day % 5 or None,
                            part=(None, "P-77", DANGEROUS)[day % 3])  # fmt: skip
        works.wait(minutes=7 + day)
        if day % 3:
            _closed(desk, named, rating=3 + day % 3)
        works.says("cast-1", "catch", defect="porosity")
        for process in ("die-casting", "trimming", "machining"):
            desk.count(process, begin + timedelta(days=day), begin + timedelta(days=day + 1), 400 + day)
        works.wait(hours=22)


def _closed(desk: Desk, named: str, rating: int) -> None:
    works = desk.works
    named = works[named].id
    works.give(named, "arrive", code=arrival_code(KEYS.arrival, named))
    works.give(named, "contain", what="all", where="cage 3")
    complaint = works[named]
    if complaint.stop is not None and complaint.stop["until"] is None:
        works.wait(minutes=11)
        with works.db.write() as session:
            giving.release(session, SITE, complaint.line, Release(complaint=named), ALL, works.now)
    works.give(named, "dispose", decision="scrap", qty=2)
    if complaint.made_at not in (None, "unclassified"):
        works.give(named, "answer")
        works.give(named, "accept", rating=rating)


@pytest.fixture(scope="module")
def documents(imported: Template) -> Iterator[dict[str, Document]]:
    """Every report about the story; the Pareto by part, of cost, beside another period."""
    with opened(imported) as desk:
        tell(desk)
        more = {"pareto": {"by": "part", "compare_from": "2026-11-01", "compare_to": "2026-11-20"},
                "trend": {"step": "day"}}  # fmt: skip
        yield {name: desk.ask(name, **PERIOD, **more.get(name, {})) for name in REPORTS}


def every_row(document: Document) -> Iterator[tuple[str, list[Column], Row]]:
    """All rows of all tables, with the table's title in English."""
    for table in document.tables:
        for row in table.rows:
            yield table.id, table.columns, row


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_csv_has_every_number(documents: dict[str, Document], name: str, language: Language) -> None:
    """UTF-8 with a byte order mark; each row of each table is a line, unrounded; nothing is left of the document."""
    document = documents[name]
    data = to_csv(document, language)
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    for _, columns, row in every_row(document):
        wanted = [cell for value, c in zip(row.cells, columns, strict=True) for cell in _csv_cells(value, c, language)]
        assert wanted in lines
    told = " ".join(cell for line in lines for cell in line)
    for text in (document.definition, document.population.text, *(n.text for n in document.notes)):
        assert (text.zh if language == "zh-CN" else text.en) in told


def _csv_cells(value: Any, column: Column, language: Language) -> list[str]:
    if column.type == "interval":
        return ["", ""] if value is None else ["inf" if v is None else str(v) for v in value]
    if column.type == "name":
        names = ["", ""] if value is None else [name_of(value, language), id_of(value)]
        return [f"'{n}" if n.startswith("=") else n for n in names]
    if column.type == "list":
        return [", ".join(value)]
    if isinstance(value, bool):
        return [str(value).lower()]
    return ["" if value is None else str(value)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_the_workbook_has_every_number_as_a_number(
    documents: dict[str, Document], name: str, language: Language
) -> None:
    """Read by another library: numbers are numbers to the last digit, names are texts, what cannot be said is empty."""
    document = documents[name]
    book = load_workbook(io.BytesIO(to_xlsx(document, language)))
    sheets = {sheet.title: [list(r) for r in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book}
    for table in document.tables:
        title = table.title.zh if language == "zh-CN" else table.title.en
        rows = next(rows for name, rows in sheets.items() if name == title[:31])
        for row, found in zip(table.rows, rows, strict=False):
            wanted = [v for value, c in zip(row.cells, table.columns, strict=True) for v in _typed(value, c, language)]
            assert [p for p in zip(found, wanted, strict=False) if not _same(*p)] == [], name
    about = " ".join(str(cell) for row in next(iter(sheets.values())) for cell in row)
    assert (document.definition.zh if language == "zh-CN" else document.definition.en) in about
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def _same(found: Any, wanted: Any) -> bool:
    """A workbook keeps sixteen digits, and the other library reads durations to the microsecond."""
    if isinstance(found, timedelta):
        return abs(found.total_seconds() - wanted * 86_400) < 1e-5
    if isinstance(wanted, float):
        return isinstance(found, int | float) and math.isclose(found, wanted, rel_tol=1e-14)
    return bool(found == wanted)


def _typed(value: Any, column: Column, language: Language) -> list[Any]:
    if column.type == "interval":
        return [None, None] if value is None else ["∞" if v is None else v for v in value]
    if value is None or isinstance(value, bool):
        return [value]
    if column.type == "name":
        return [name_of(value, language)]
    if column.type == "list":
        return [", ".join(value)]
    return [value / 86_400] if column.type == "seconds" else [value]


def test_a_workbook_has_native_charts(documents: dict[str, Document]) -> None:
    """The Pareto chart draws cells of the table, with the cumulative line on an axis of its own."""
    book = load_workbook(io.BytesIO(to_xlsx(documents["pareto"], "en")))
    (chart, *_), *_ = [sheet._charts for sheet in book if sheet._charts]
    assert [type(part).__name__ for part in (chart, *chart._charts[1:])] == ["BarChart", "LineChart"]
    assert "'Pareto by part'!$B$2" in chart.series[0].val.numRef.f


def test_no_text_becomes_a_formula(documents: dict[str, Document]) -> None:
    """A part whose name begins with an equals sign stays a text in each file."""
    document = documents["pareto"]
    lines = list(csv.reader(io.StringIO(to_csv(document, "en").decode("utf-8-sig"))))
    assert [f"'{DANGEROUS}", f"'{DANGEROUS}"] in [line[:2] for line in lines]
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "@", "\t"))]
    sheet = load_workbook(io.BytesIO(to_xlsx(document, "en")))["Pareto by part"]
    (found,) = [row[0] for row in sheet.iter_rows(min_row=2) if row[0].value == DANGEROUS]
    assert (found.data_type, found.quotePrefix) == ("s", True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_say_the_same_numbers(documents: dict[str, Document], language: Language, tmp_path: Path) -> None:
    """pdftotext finds the cells of each table one after the other, as their columns say; all fonts are in it."""
    parts = [page.section(d, language) for d in documents.values()]
    pdf = press.pressed(page.whole("all", "now", language, *parts))
    text = re.sub(r"\s+", "", read_pdf(pdf, tmp_path))
    for document in documents.values():
        tz = ZoneInfo(document.period.timezone)
        heated = {c.table for c in document.charts if c.kind == "matrix"}
        for table, columns, row in every_row(document):
            wanted = "".join(_printed(v, c, language, tz) for v, c in zip(row.cells, columns, strict=True))
            assert re.sub(r"\s+", "", wanted) in text, (document.report, table, wanted)
        assert heated <= {"main"}
    fonts = told("pdffonts", str(tmp_path / "it.pdf"))
    embedded = [line.split()[-5] for line in fonts.splitlines()[2:]]
    assert embedded
    assert set(embedded) == {"yes"}


def _printed(value: Any, column: Column, language: Language, tz: ZoneInfo) -> str:
    """What a page should say, written down apart from what it is made with."""
    zh, digits = language == "zh-CN", column.digits
    if value is None or value == []:
        return "–"
    if column.type == "name":
        return value if isinstance(value, str) else name_of(value, language)
    if column.type == "flag":
        return ("否", "是")[value] if zh else ("no", "yes")[value]
    if column.type == "share":
        return f"{value * 100:.{digits}f}%"
    if column.type == "seconds":
        hours, minutes = value >= 7200, value >= 120
        unit = (("小时", "分钟", "秒") if zh else ("h", "min", "s"))[0 if hours else 1 if minutes else 2]
        return f"{value / (3600 if hours else 60):,.1f}{unit}" if minutes else f"{value:,.0f}{unit}"
    if column.type == "interval":
        return "–".join("∞" if end is None else f"{end:,.{digits}f}" for end in value)
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, str):
        instant = value.endswith("Z") and value[10:11] == "T"
        return f"{datetime.fromisoformat(value).astimezone(tz):%Y-%m-%d %H:%M}" if instant else value
    return f"{value:,.{digits}f}"


def read_pdf(pdf: bytes, directory: Path) -> str:
    """The text of a PDF in the order in which it was written."""
    path = directory / "it.pdf"
    path.write_bytes(pdf)
    return told("pdftotext", "-raw", str(path), "-")


def told(*command: str) -> str:
    """What a program prints that has to succeed."""
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_pages_are_a4_and_numbered(documents: dict[str, Document], tmp_path: Path) -> None:
    """One PDF of one report, with its number of pages on each."""
    text = read_pdf(to_pdf(documents["cost"], "zh-CN"), tmp_path)
    info = told("pdfinfo", str(tmp_path / "it.pdf"))
    assert "A4" in info
    assert "第 1 页，共 1 页" in text


def test_nothing_is_fetched_for_a_pdf(tmp_path: Path) -> None:
    """A style sheet and a picture that a page names are left alone, though they are there."""
    (tmp_path / "a.css").write_text("body::before { content: 'FETCHED' }")
    link = f'<link rel="stylesheet" href="{(tmp_path / "a.css").as_uri()}">'
    text = read_pdf(press.pressed(f"<!doctype html><html><head>{link}</head><body>here</body></html>"), tmp_path)
    assert text.split() == ["here"]


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without pango says so, with the package's name."""
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(NotInstalled, match=r"libpango-1\.0-0"):
        press.pressed("<p>here</p>")


def test_a_missing_font_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a Chinese font says so, rather than to print little boxes."""
    (tmp_path / "fonts.conf").write_text("<?xml version='1.0'?><fontconfig></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    with pytest.raises(NotInstalled, match="fonts-noto-cjk"):
        press.pressed("<p>缺陷</p>")


def test_a_character_without_a_glyph_is_noticed() -> None:
    """What the printer says of an ideograph that no font has counts; of an emoji it does not."""
    noticed = press.Without()
    for character in "缺😀":
        said = ("no glyph: %s (U+%04X)", (character, ord(character)))
        noticed.handle(logging.LogRecord("weasyprint", logging.WARNING, "", 0, *said, None))
    assert noticed.glyphs == 1


def test_forms_have_names_that_browsers_save() -> None:
    """Each form has its media type and suffix."""
    assert [(f.suffix, f.media_type.split("/")[0]) for f in FORMS.values()] == [
        ("csv", "text"), ("xlsx", "application"), ("pdf", "application")
    ]  # fmt: skip
