"""Reports over HTTP: who may read them, what a wrong question is answered, and the way to the complaints behind."""

import pytest
from browser import Browser, MovedClock, problem, serve, signed_in, with_example
from service.complaints.works import Works

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.reports.service import REPORTS


@pytest.fixture
def engineer(db: Database) -> Browser:
    """A quality engineer at the example factory, where two have been refused."""
    with_example(db)
    works = Works(db)
    works.press("mill-1", defect="porosity", qty=2, part="P 1&2")
    works.press("leak-1", defect="burr")
    return signed_in(serve(db, MovedClock()), db, "Q", Grant(Role.QUALITY_ENGINEER))


def test_each_report_that_is_offered_can_be_asked(engineer: Browser) -> None:
    """The list says what there is, and each of it answers."""
    offered = engineer.get("/reports").get_json()
    assert [o["name"] for o in offered] == list(REPORTS)
    for one in offered:
        answer = engineer.get(f"/reports/{one['name']}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.get_json()["report"] == one["name"]


def test_a_cell_leads_to_its_complaints(engineer: Browser) -> None:
    """The link of each cell is answered with as many complaints as the cell says."""
    checked = 0
    for name, query in (("matrix", ""), ("pareto", "?by=part"), ("pareto", "?by=shift"), ("trend", "?step=day")):
        for table in engineer.get(f"/reports/{name}{query}").get_json()["tables"]:
            for row in table["rows"]:
                for column, cell, link in zip(table["columns"], row["cells"], row["links"], strict=False):
                    if link is not None and column["id"].startswith(("found:", "count")):
                        page = engineer.get(f"/reports/complaints?{link}").get_json()
                        assert len(page["items"]) == cell, (name, column, link)
                        checked += 1
    assert checked >= 6


def test_pages_of_complaints_follow_each_other(engineer: Browser) -> None:
    """The cursor leads to the rest, and the last page has none."""
    first = engineer.get("/reports/complaints?limit=1").get_json()
    second = engineer.get(f"/reports/complaints?limit=1&cursor={first['next']}").get_json()
    assert len({first["items"][0]["id"], second["items"][0]["id"]}) == 2
    assert second["next"] is None


@pytest.mark.parametrize(
    ("question", "status", "where"),
    [
        ("/reports/workers", 404, None),
        ("/reports/pareto?by=operator", 422, "by"),
        ("/reports/pareto?from=yesterday", 422, "from"),
        ("/reports/pareto?from=2026-11-10&to=2026-11-01", 422, "to"),
        ("/reports/pareto?person=p-1", 422, "person"),
        ("/reports/complaints?cursor=x", 422, "cursor"),
    ],
)
def test_a_wrong_question_says_what_is_wrong(engineer: Browser, question: str, status: int, where: str | None) -> None:
    """Which parameter it is; there is none for persons."""
    answer = engineer.get(question)
    assert answer.status_code == status
    assert where is None or problem(answer)["errors"][0]["parameter"] == where


def test_no_person_stands_in_a_report(engineer: Browser) -> None:
    """Neither a pseudonym nor an operator, whatever is asked."""
    for name in REPORTS:
        text = engineer.get(f"/reports/{name}").get_data(as_text=True)
        assert "operator" not in text
        assert '"p-' not in text


def test_instants_are_widened_to_days(engineer: Browser) -> None:
    """An instant within a day asks for the whole of it."""
    asked = engineer.get("/reports/matrix?from=2026-11-23T01:00:00Z&to=2026-11-23T03:00:00Z").get_json()
    assert (asked["period"]["from"], asked["period"]["to"]) == ("2026-11-23", "2026-11-24")
    assert asked["population"]["count"] == 2
