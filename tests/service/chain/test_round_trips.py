"""What is written is read back equal: YAML, JSON and workbooks."""

import io
import zipfile
from typing import Any

import msgspec
import openpyxl  # type: ignore[import-untyped]  # openpyxl carries no types
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threenos_server.chain import document, example, write, xlsx
from threenos_server.chain.model import Chain
from threenos_server.errors import Invalid

TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1, max_size=12).map(
    str.strip
)
NAMES = st.one_of(TEXTS.filter(bool), st.fixed_dictionaries({"en": TEXTS.filter(bool), "zh": TEXTS.filter(bool)}))
IDS = st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,7}\Z").filter(lambda x: x not in ("final-customer", "unclassified"))
SECONDS = st.integers(0, 3600)
DAYS = st.sampled_from(["mon", "wed", "sun"])
AMOUNTS = st.floats(0, 1e6)
LADDERS = st.lists(st.integers(0, 9999), unique=True, max_size=3).map(
    lambda n: [{"after": after, "role": "supervisor"} for after in sorted(n)]
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A sound document: a line of steps, each with a defect, and everything else by chance."""
    steps = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    rule = st.fixed_dictionaries(
        {"for": st.just("reject")},
        optional={"acknowledge": SECONDS, "answer": SECONDS, "ladder": LADDERS, "severity": st.just("major")},
    )
    return {
        "site": {"id": draw(IDS), "name": draw(NAMES), "timezone": "Europe/Berlin", "currency": "EUR"},
        "calendar": {
            "shifts": [{"id": "n", "name": draw(NAMES), "from": "22:00", "until": "06:00",
                        "days": draw(st.lists(DAYS, min_size=1)), "breaks": ["01:00-01:30"]}],
            "holidays": draw(st.lists(st.dates().map(str), max_size=4)),
        },
        "lines": [{"id": "l", "name": draw(NAMES), "stop_grace": draw(SECONDS)}],
        "processes": [{"id": p, "name": draw(NAMES), "line": "l"} for p in steps],
        "stations": [{"id": draw(IDS), "name": draw(NAMES), "process": steps[0]}],
        "links": [{"supplier": a, "customer": b} for a, b in zip(steps, [*steps[1:], "final-customer"], strict=True)],
        "defects": [{"code": p, "name": draw(NAMES), "origin": p, "inspected_by": steps[:1]} for p in steps],
        "standards": [{"id": "s", "rules": [draw(rule)]}],
        "rates": [{"from": "2026-01-01", "rework_hour": draw(AMOUNTS), "unit": {steps[0]: draw(AMOUNTS)}}],
    }  # fmt: skip


def sound(plain: dict[str, Any]) -> Chain:
    return document.check(document.from_data(plain)).sound()


@given(documents())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_yaml_gives_back_the_chain(plain: dict[str, Any]) -> None:
    """YAML → chain → YAML is the same chain and the same text."""
    chain = sound(plain)
    text = document.to_yaml(chain)
    again = document.check(document.from_yaml(text)).sound()
    assert again == chain
    assert document.to_yaml(again) == text


@given(documents())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_workbook_gives_back_the_chain(plain: dict[str, Any]) -> None:
    """A workbook holds everything that the document does."""
    chain = sound(plain)
    assert document.check(xlsx.from_xlsx(xlsx.to_xlsx(chain))).sound() == chain


@given(documents())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_json_gives_back_the_chain(plain: dict[str, Any]) -> None:
    """What the journal keeps is the whole chain."""
    chain = sound(plain)
    assert sound(msgspec.json.decode(msgspec.json.encode(write.document(chain)))) == chain


def test_the_example_comes_back_from_every_form() -> None:
    """The example factory survives each way out and in."""
    chain = example.chain()
    assert document.check(document.from_yaml(document.to_yaml(chain))).sound() == chain
    assert document.check(xlsx.from_xlsx(xlsx.to_xlsx(chain))).sound() == chain


def workbook(change: Any) -> bytes:
    """The example's workbook, changed by hand."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx.to_xlsx(example.chain())))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_no_cell_is_ever_a_formula() -> None:
    """A name that begins like a formula stays a text, and is quoted so that it stays one when touched."""
    plain = write.document(example.chain())
    plain["lines"][0]["name"] = '=HYPERLINK("http://x")'
    book = openpyxl.load_workbook(io.BytesIO(xlsx.to_xlsx(sound(plain))))
    cell = book["lines"]["B2"]
    assert (cell.data_type, cell.quotePrefix, cell.value) == ("s", True, '=HYPERLINK("http://x")')
    assert all(c.data_type != "f" for sheet in book for row in sheet.iter_rows() for c in row)


def test_a_formula_in_an_import_is_refused_with_its_place() -> None:
    """What a formula would show is nobody's word."""
    found = document.check(xlsx.from_xlsx(workbook(lambda book: book["stations"].__setitem__("A3", "=1+1"))))
    assert any(f.where == "sheet stations, row 3" and "formula" in f.detail for f in found.errors)


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "where", "detail"),
    [
        ("links", "B4", "glue", "sheet links, row 4", "unknown process `glue`"),
        ("defects", "E7", "glue", "sheet defects, row 7", "unknown origin `glue`"),
        ("standards", "D3", "soon", "sheet standards, row 3", "no duration"),
        ("rates", "D5", -1, "sheet rates, row 5", "no amount"),
        ("shifts", "D3", "dawn", "sheet shifts, row 3", "no time of day"),
        ("lines", "D1", "pause", "sheet lines, row 1", "column `pause`"),
        ("site", "D2", "Nowhere", "sheet site, row 2", "no time zone"),
        ("site", "A3", "second", "sheet site, row 3", "of one site"),
        ("holidays", "A4", "some day", "sheet holidays, row 4", "no date"),
    ],
)
def test_faults_in_a_workbook_name_sheet_and_row(sheet: str, cell: str, value: Any, where: str, detail: str) -> None:
    """A plant finds the cell that is wrong without counting commas."""
    found = document.check(xlsx.from_xlsx(workbook(lambda book: book[sheet].__setitem__(cell, value))))
    assert any(f.where == where and detail in f.detail for f in found.errors), found.errors


def test_an_unknown_sheet_is_an_error() -> None:
    """A misspelt sheet would otherwise be left out in silence."""
    found = document.check(xlsx.from_xlsx(workbook(lambda book: book.create_sheet("station"))))
    assert [(f.where, f.detail[:13]) for f in found.errors] == [("sheet station, row 1", "unknown sheet")]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 an old XLS"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    """Any bytes get an answer."""
    with pytest.raises(Invalid, match="no XLSX"):
        xlsx.from_xlsx(content)


def test_a_zip_bomb_is_refused_before_it_is_opened() -> None:
    """A small file that unpacks to a large one costs nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(xlsx.MAX_UNPACKED + 1))
    with pytest.raises(Invalid) as refused:
        xlsx.from_xlsx(out.getvalue())
    assert "unpacked" in refused.value.faults[0].detail


@pytest.mark.parametrize(
    "name", ["?0", "? ", "- x", ": y", "{z", "*a", "&b", "!c", "#d", "%e", "@f", "null", "1e3", "yes"]
)
def test_a_name_that_looks_like_yaml_is_a_name(name: str) -> None:
    """What YAML gives a meaning to is quoted when it is written."""
    plain = write.document(example.chain())
    plain["defects"][0]["name"] = name
    chain = sound(plain)
    assert document.check(document.from_yaml(document.to_yaml(chain))).sound() == chain
