"""Review packs and 8D as files: who may make and read them, and that what was made stays what it was."""

import hashlib
import io
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, MovedClock, problem, serve, signed_in
from flask import Flask
from openpyxl import load_workbook
from service.complaints.works import ALL, SITE, Works, begin

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.journal import service as journal
from threenos_server.reports import actions_service, packs
from threenos_server.reports.actions import ActionType, NewAction
from threenos_server.reports.eight_d import NewEightD
from threenos_server.reports.service import REPORTS

TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
WEEK = {"line": "housing", "week": "2026-W48"}


@pytest.fixture
def works(db: Database) -> Works:
    """The example factory with one rejection, and an action about it."""
    works = begin(db)
    named = works.press("mill-1", defect="porosity", qty=3)
    with db.write() as session:
        said = NewAction(type=ActionType.CORRECTIVE, what="=1+1 new gauge", owner="Somebody Else",
                         due_on=date(2026, 11, 22), complaint=named)  # fmt: skip
        actions_service.open_action(session, SITE, said, ALL, works.now)
    works.now = TUESDAY
    return works


@pytest.fixture
def app(works: Works) -> Flask:
    return serve(works.db, MovedClock(TUESDAY))


@pytest.fixture
def engineer(app: Flask, works: Works) -> Browser:
    return signed_in(app, works.db, "Engineer", Grant(Role.QUALITY_ENGINEER, SITE))


def made(browser: Browser, **asked: Any) -> dict[str, Any]:
    """A new pack; workbooks only, unless it is said otherwise."""
    answer = browser.post("/packs", WEEK | {"formats": ["xlsx"]} | asked)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def matrix_of(browser: Browser, pack: str) -> list[tuple[Any, ...]]:
    """The matrix in the workbook of a pack."""
    data = browser.get(f"/packs/{pack}/file?format=xlsx&language=en").data
    return list(load_workbook(io.BytesIO(data))["1 Made at × found at"].iter_rows(values_only=True))


def test_a_pack_stays_what_it_was(engineer: Browser, works: Works) -> None:
    """A ruling moves the complaint in the report and in the next pack, and changes no byte of the first."""
    first = made(engineer)
    before = engineer.get(f"/packs/{first['id']}/file?format=xlsx&language=zh-CN").data
    works.give(works_complaint(works), "rule", reason="measured", made_at="trimming")
    second = made(engineer)
    assert engineer.get(f"/packs/{first['id']}/file?format=xlsx&language=zh-CN").data == before
    assert matrix_of(engineer, first["id"])[1][0] == "Die casting"
    assert matrix_of(engineer, second["id"])[1][0] == "Trimming"
    assert [p["id"] for p in engineer.get("/packs?line=housing&week=2026-W48").get_json()["items"]] == [
        second["id"], first["id"]
    ]  # fmt: skip
    assert engineer.get(f"/packs/{first['id']}").get_json() == first


def test_a_pack_is_kept_by_both_databases(either_db: Database) -> None:
    """Bytes, hash and filter come back as they were given; a rebuild leaves them alone."""
    works = begin(either_db)
    with works.db.read() as session:
        shown = packs.contents(session, SITE, "housing", "2026-W48", ALL, works.now)
    files = [packs.Rendered("pdf", "en", b"%PDF \x00\xff")]
    kept = packs.keep(works.db, SITE, shown, "housing", files, ALL, works.now)
    assert works.differences() == []
    with works.db.read() as session:
        assert packs.one(session, SITE, kept.id) == kept
        assert packs.every(session, SITE, "housing", None, None, 5) == [kept]
        assert packs.file_of(session, SITE, kept.id, "pdf", "en") == (kept.files[0], b"%PDF \x00\xff")
    assert kept.filter["trend"]["from"] == "2026-08-31"
    assert kept.filter["pareto"]["compare_from"] == "2026-11-16"


def works_complaint(works: Works) -> str:
    """The one complaint of the story."""
    return next(row.complaint for row in works.rows() if row.kind == "reject" and row.complaint)


def test_the_journal_knows_each_file(engineer: Browser, works: Works) -> None:
    """The row of a pack has the hashes of what is downloaded, and the row up to which its figures are true."""
    pack = made(engineer)
    with works.db.read() as session:
        *_, row = journal.every(session, SITE)
    assert (row.kind, row.line, row.seq) == ("pack-made", "housing", pack["seq"] + 1)
    for filed in row.body["command"]["files"]:
        answer = engineer.get(f"/packs/{pack['id']}/file?format={filed['format']}&language={filed['language']}")
        assert hashlib.sha256(answer.data).hexdigest() == filed["sha256"] == answer.headers["ETag"].strip('"')
    assert len(row.body["command"]["files"]) == 2
    assert works.differences() == []


def test_the_pages_of_a_pack(engineer: Browser, tmp_path: Path) -> None:
    """The cover, each report and the open actions, in Chinese; no name of a person; a formula stays a text."""
    pack = made(engineer, formats=["pdf"], languages=["zh-CN"])
    answer = engineer.get(f"/packs/{pack['id']}/file?language=zh-CN")
    assert answer.mimetype == "application/pdf"
    assert "pack_housing_2026-W48_zh-CN.pdf" in answer.headers["Content-Disposition"]
    (tmp_path / "it.pdf").write_bytes(answer.data)
    command = ["pdftotext", str(tmp_path / "it.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    for word in ("质量评审资料", "壳体线", "未关闭的措施", *(report.title.zh for report in REPORTS.values())):
        assert word in text.stdout or word == REPORTS["alarm-load"].title.zh, word
    assert "=1+1 new gauge" in text.stdout
    assert "Somebody Else" not in text.stdout


def test_who_makes_and_who_reads(app: Flask, works: Works, engineer: Browser) -> None:
    """An auditor reads and does not make; a supervisor of another line does neither; a worker has no door."""
    pack = made(engineer)["id"]
    auditor = signed_in(app, works.db, "Auditor", Grant(Role.AUDITOR, SITE))
    assert auditor.get(f"/packs/{pack}").status_code == 200
    assert auditor.post("/packs", WEEK).status_code == 403
    other = signed_in(app, works.db, "Other", Grant(Role.SUPERVISOR, SITE, line="rotor"))
    assert [other.get(f"/packs/{pack}").status_code, other.post("/packs", WEEK).status_code] == [403, 403]
    assert [other.get("/packs").status_code, other.get("/packs?line=rotor").status_code] == [403, 200]
    worker = signed_in(app, works.db, "Worker", Grant(Role.WORKER, SITE))
    assert worker.get("/packs").status_code == 403


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"week": "2026-W54"}, 422), ({"week": "2026-48"}, 422), ({"week": "2026-W50"}, 422), ({"line": "none"}, 404),
     ({"formats": ["pdf", "pdf"]}, 422), ({"formats": []}, 422)],
)  # fmt: skip
def test_what_is_no_pack(engineer: Browser, asked: dict[str, Any], status: int) -> None:
    """A week that does not exist or has not begun, an unknown line, a format twice or none."""
    assert problem(engineer.post("/packs", WEEK | asked))["status"] == status


def test_a_file_that_was_not_made(engineer: Browser) -> None:
    """A pack that was made as workbook only has no pages; an unknown pack has nothing."""
    pack = made(engineer)["id"]
    assert problem(engineer.get(f"/packs/{pack}/file?format=pdf"))["status"] == 404
    assert problem(engineer.get("/packs/none/file"))["status"] == 404


def test_an_eight_d_as_files(engineer: Browser, works: Works, tmp_path: Path) -> None:
    """D0 to D8 with complaint and actions in both forms; whoever may not see names gets the file without them."""
    with works.db.write() as session:
        said = NewEightD(title="Pores 气孔", complaints=[works_complaint(works)])
        eight = actions_service.open_eight_d(session, SITE, said, ALL, works.now).id
        action = NewAction(type=ActionType.CONTAINMENT, what="=2+2 sort", owner="Chen Wei", due_on=date(2026, 12, 1),
                           eight_d=eight)  # fmt: skip
        actions_service.open_action(session, SITE, action, ALL, works.now)
    pdf = engineer.get(f"/eight-d/{eight}/file?format=pdf&language=zh-CN")
    (tmp_path / "it.pdf").write_bytes(pdf.data)
    command = ["pdftotext", str(tmp_path / "it.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    for word in ("8D 报告", "Pores 气孔", "压铸", "D0 应急响应", "D4b", "D8 总结与致谢", "Chen Wei", "=2+2 sort"):
        assert word in text.stdout, word
    book = load_workbook(io.BytesIO(engineer.get(f"/eight-d/{eight}/file?format=xlsx").data))
    assert book.sheetnames == ["8D", "Complaints", "Actions"]
    assert [c.value for c in book["Actions"][2]][:3] == ["Containment", "=2+2 sort", "Chen Wei"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_an_eight_d_without_names(app: Flask, works: Works) -> None:
    """A worker's file says no names."""
    with works.db.write() as session:
        said = NewEightD(title="Pores", complaints=[works_complaint(works)])
        eight = actions_service.open_eight_d(session, SITE, said, ALL, works.now).id
        action = NewAction(type=ActionType.CONTAINMENT, what="sort", owner="Chen Wei", due_on=date(2026, 12, 1),
                           eight_d=eight)  # fmt: skip
        actions_service.open_action(session, SITE, action, ALL, works.now)
    worker = signed_in(app, works.db, "Worker", Grant(Role.WORKER, SITE))
    book = load_workbook(io.BytesIO(worker.get(f"/eight-d/{eight}/file?format=xlsx").data))
    assert [c.value for c in book["Actions"][2]][:3] == ["Containment", "sort", None]


def test_a_report_as_a_file(engineer: Browser) -> None:
    """The route that answers JSON answers a file as well, named by report, period and language."""
    answer = engineer.get("/reports/pareto?format=csv&language=zh-CN&from=2026-11-20&to=2026-12-01")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "pareto_2026-11-20_2026-12-01_zh-CN.csv" in answer.headers["Content-Disposition"]
    assert "气孔,porosity,1,3.0" in answer.data.decode("utf-8-sig")
    assert engineer.get("/reports/pareto?format=xlsx").data[:2] == b"PK"
    assert engineer.get("/reports/pareto").get_json()["report"] == "pareto"
