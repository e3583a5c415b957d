"""Texts that mean something elsewhere: in a spreadsheet, in a page, in a workbook they stay texts."""

import csv
import io
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hostile.corpus import texts
from openpyxl import load_workbook

from threenos_server.chain import example
from threenos_server.chain.document import check, from_yaml, to_yaml
from threenos_server.chain.naming import Name
from threenos_server.chain.xlsx import from_xlsx, to_xlsx
from threenos_server.reports.document import (
    Column,
    Document,
    Named,
    Note,
    Period,
    Population,
    Row,
    Table,
    Text,
)
from threenos_server.reports.exports import FORMS, page
from threenos_server.reports.exports.csv_file import safe

FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


def hostile() -> Document:
    """A report of which every word came from outside."""
    both = [Text(text, text) for text in texts.EVERY.values()]
    named = [Named(text[:200], text, text) for text in texts.EVERY.values()]
    columns = [
        Column("name", both[0], "name"),
        Column("text", both[1], "text", unit=both[2]),
        Column("id", both[3], "id"),
        Column("list", both[4], "list"),
        Column("rate", both[5], "rate", unit=both[6]),
        Column("share", Text("=1", "=1"), "interval"),
    ]
    rows = [Row([name, text, text[:60], [text, text], 1.5, [0.5, None]])
            for name, text in zip(named, texts.EVERY.values(), strict=True)]  # fmt: skip
    tables = [Table("main", both[7], columns, rows, [None, *[texts.FORMULAS["equals"]] * 3, 3.0, None])]
    tables += [Table(f"t{i}", title, columns, rows[:1]) for i, title in enumerate(both)]
    period = Period("2026-11-01", "2026-11-30", 29, "Asia/Shanghai", "2026-11-23T02:00:00Z", "", "")
    population = Population(both[8], 1, 1, None, 0)
    asked = {"part": list(texts.EVERY.values())}
    notes = [Note("code", "warning", text) for text in both]
    return Document("pareto", both[9], both[10], population, period, asked, notes, tables, [])


DOCUMENT = hostile()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_of_a_csv_is_a_formula(separator: str) -> None:
    """Whatever program opens it: also one that separates by semicolons or tabs, which we did not write it for."""
    data = FORMS["csv"].render(DOCUMENT, "en").decode("utf-8-sig")
    quoting = csv.QUOTE_MINIMAL if separator == "," else csv.QUOTE_NONE
    rows = csv.reader(io.StringIO(data, newline=""), delimiter=separator, quoting=quoting)
    cells = [cell.strip(" \u00a0\u3000").strip('"') if separator != "," else cell for row in rows for cell in row]
    assert len(cells) > 200
    assert [cell for cell in cells if cell.startswith(FORMULA_STARTS)] == []


def test_a_text_is_marked_and_not_changed() -> None:
    """An apostrophe stands before what could be taken for a formula, and nothing else is touched."""
    assert [safe(text) for text in ("P-77", "a; b", "Schicht 1\nSchicht 2", "=1", "x;=1", "")] == [
        "P-77", "a; b", "Schicht 1\nSchicht 2", "'=1", "x;'=1", "",
    ]  # fmt: skip


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    """Of a report and of a chain, read by another library; what XML cannot hold does not break the file."""
    book = load_workbook(io.BytesIO(FORMS["xlsx"].render(DOCUMENT, "zh-CN")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 200 and {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell.value for cell in cells if cell.data_type == "n" and isinstance(cell.value, str)] == []
    assert all(cell.hyperlink is None for cell in cells)


def test_a_chain_of_such_names_is_the_same_after_each_form() -> None:
    """What the check lets through comes back from YAML and from a workbook as it was, and is no formula there."""
    chain = check(from_yaml(example.text())).sound()
    # No name has a tab or a line break: that is the check's own test.
    names = [text for text in texts.EVERY.values() if text.isprintable() and text == text.strip() and len(text) <= 120]
    assert len(names) >= len(chain.processes) > 5
    renamed = {
        key: replace(process, name=Name(text, text))
        for (key, process), text in zip(chain.processes.items(), names, strict=False)
    }
    named = replace(chain, processes=renamed)
    book = load_workbook(io.BytesIO(to_xlsx(named)))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    for form in (from_xlsx(to_xlsx(named)), from_yaml(to_yaml(named))):
        assert check(form).sound().processes == named.processes


class _Tags(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs)}


def test_a_printed_page_has_no_element_from_outside() -> None:
    """What is pressed into a PDF: the same elements as of a report of harmless words, and no script."""
    seen = _Tags()
    seen.feed(page.html(DOCUMENT, "en"))
    assert not seen.seen & {"script", "img", "svg", "textarea", "onerror", "onload", "src", "href"}
    assert "td" in seen.seen
