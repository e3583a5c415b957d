"""The chain over real HTTP as its editor asks: check in codes, convert between the three forms."""

import base64
import re
from pathlib import Path

import pytest
from browser import Browser, MovedClock, problem, serve, signed_in

from threenos_server.access import Grant, Role
from threenos_server.chain import document, example, write, xlsx
from threenos_server.chain.finding import Code
from threenos_server.db import Database

WORDS = Path(__file__).parents[3] / "web" / "src" / "i18n" / "chain-problems.ts"
BROKEN = """\
site: {id: plant, timezone: UTC}
processes: [{id: press, line: one}, {id: weld}]
links: [{supplier: press, customer: weld}, {supplier: weld, customer: press}]
"""


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def reader(db: Database, clock: MovedClock) -> Browser:
    return signed_in(serve(db, clock), db, "reader", Grant(Role.AUDITOR))


def test_a_file_becomes_the_document_of_an_editor(reader: Browser) -> None:
    """YAML and workbook give the same sections as GET /chain would, without being saved."""
    wanted = write.document(example.chain())
    workbook = base64.b64encode(xlsx.to_xlsx(example.chain())).decode()
    for body in ({"yaml": example.text()}, {"xlsx": workbook}, wanted):
        assert reader.post("/chain/convert", body).get_json() == wanted
    assert reader.get("/chain?site=lakeside").status_code == 404


def test_a_draft_becomes_the_files_of_the_command_line(reader: Browser) -> None:
    """What an editor has is written as an export would write it, and reads back equal."""
    draft = write.document(example.chain())
    yaml, workbook = (reader.post(f"/chain/convert?to={form}", draft) for form in ("yaml", "xlsx"))
    assert document.check(document.from_yaml(yaml.text)).sound() == example.chain()
    assert document.check(xlsx.from_xlsx(workbook.data)).sound() == example.chain()
    assert workbook.headers["Content-Disposition"] == 'attachment; filename="lakeside.xlsx"'


def test_a_draft_with_errors_is_no_file(reader: Browser) -> None:
    """Every error is told, and an unknown form is refused."""
    assert len(problem(reader.post("/chain/convert", {"yaml": BROKEN}))["errors"]) == 2
    assert reader.post("/chain/convert?to=csv", {"yaml": BROKEN}).status_code == 422


def test_a_check_says_what_it_is_and_about_what(reader: Browser) -> None:
    """A page words the code in its language; the names are those of the document."""
    errors = reader.post("/chain/check", {"yaml": BROKEN}).get_json()["errors"]
    assert [(e["where"], e["code"], e["about"]) for e in errors] == [
        ("line 2", "process-line", ["press", "one"]),
        ("line 3", "cycle", ["press", "weld", "press"]),
    ]
    unreadable = reader.post("/chain/check", {"yaml": "site: {"}).get_json()["errors"]
    assert [e["code"] for e in unreadable] == ["unreadable"]


def test_every_code_is_worded_in_both_languages() -> None:
    """The pages know each code that a check may answer, and no other."""
    text = WORDS.read_text()
    english, chinese = text.partition("const zh")[0], text.partition("const zh")[2].partition("};")[0]
    for half in (english, chinese):
        assert set(re.findall(r'^  "?([a-z-]+)"?: \(', half, re.MULTILINE)) == set(Code)
