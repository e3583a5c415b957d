"""Actions and 8D: verified by somebody else, closed only with a verified effect, and made again from the journal."""

from datetime import UTC, datetime
from typing import Any

import pytest
from browser import Browser, MovedClock, problem, serve, signed_in, with_example
from service.complaints.works import Works

from threenos_server.access import Grant, Role
from threenos_server.db import Database

CAUSE = {"whys": ["the die was cold", "nobody measured it"], "evidence": "log", "verified": True}
SAID = {
    "d2": {"what": "porosity"},
    "d3": "sorted",
    "occurrence": CAUSE,
    "escape": CAUSE,
    "d5": "a sensor",
    "d7": "FMEA",
}


class Office:
    """People at the example factory."""

    def __init__(self, db: Database) -> None:
        with_example(db)
        self.works = Works(db)
        self.clock = MovedClock()
        app = serve(db, self.clock)
        roles = {"Ann": Role.QUALITY_ENGINEER, "Bo": Role.PROCESS_OWNER, "Wu": Role.WORKER}
        self.people = {name: signed_in(app, db, name, Grant(role)) for name, role in roles.items()}

    def __getitem__(self, name: str) -> Browser:
        return self.people[name]


@pytest.fixture
def office(db: Database) -> Office:
    return Office(db)


def ok(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def done(office: Office, **said: Any) -> dict[str, Any]:
    """An action of Bo's that he has done."""
    new = {"type": "corrective", "what": "interlock", "owner": "Bo", "due_on": "2026-12-01"} | said
    action = ok(office["Ann"].post("/actions", new), 201)
    return ok(office["Bo"].ask("PATCH", f"/actions/{action['id']}", {"state": "done"}, If_Match='"1"'))


def test_an_action_is_verified_by_somebody_else(office: Office) -> None:
    """Its owner may not; without an effect it is in progress again; once verified it stays."""
    action = done(office)
    path = f"/actions/{action['id']}"
    seen = {"effective": True, "evidence": "no more cold dies"}
    assert office["Bo"].post(f"{path}/verify", seen, If_Match='"2"').status_code == 403
    again = ok(office["Ann"].post(f"{path}/verify", seen | {"effective": False}, If_Match='"2"'))
    assert again["state"] == "in-progress"
    ok(office["Bo"].ask("PATCH", path, {"state": "done", "note": "moved"}, If_Match='"3"'))
    assert ok(office["Ann"].post(f"{path}/verify", seen, If_Match='"4"'))["state"] == "verified"
    assert office["Bo"].ask("PATCH", path, {"state": "open"}, If_Match='"5"').status_code == 409
    assert [a["id"] for a in office["Ann"].get("/actions?state=verified").get_json()] == [action["id"]]
    assert office.works.differences() == []


def test_a_stale_version_is_a_conflict(office: Office) -> None:
    """With the present state; and a version must be said."""
    action = done(office)
    path = f"/actions/{action['id']}"
    stale = office["Ann"].ask("PATCH", path, {"note": "x"}, If_Match='"1"')
    assert stale.status_code == 409
    assert problem(stale)["present"]["state"] == "done"
    assert office["Ann"].ask("PATCH", path, {"note": "x"}).status_code == 422


def test_names_are_not_for_everybody(office: Office) -> None:
    """A worker sees what is to be done, not who does it."""
    action = done(office)
    found = ok(office["Wu"].get(f"/actions/{action['id']}"))
    assert (found["what"], found["owner"], found["by"], found["done_by"]) == ("interlock", "", "", None)
    assert ok(office["Ann"].get(f"/actions/{action['id']}"))["owner"] == "Bo"


def test_an_eight_d_closes_only_with_a_verified_effect(office: Office) -> None:
    """Each thing that is missing is named, until causes, actions and effect are verified."""
    named = office.works.press("mill-1", defect="porosity")
    ann = office["Ann"]
    eight = ok(ann.post("/eight-d", {"title": "Porosity", "complaints": [named]}), 201)
    path = f"/eight-d/{eight['id']}"
    refused = ann.post(f"{path}/close", None, If_Match='"1"')
    assert refused.status_code == 422
    missing = {e["pointer"] for e in problem(refused)["errors"]}
    assert missing == {"#/d2", "#/d3", "#/d5", "#/d7", "#/occurrence", "#/escape", "#/actions", "#/effect"}
    ok(ann.ask("PATCH", path, {**SAID, "d6": {"on": "2026-11-24"}}, If_Match='"1"'))
    action = done(office, eight_d=eight["id"])
    ok(ann.post(f"/actions/{action['id']}/verify", {"effective": True, "evidence": "seen"}, If_Match='"2"'))
    effect = {
        "metric": "ppm", "baseline": "400", "from": "2026-11-24", "to": "2026-12-24", "result": "3", "effective": True
    }  # fmt: skip
    bo = office["Bo"]
    assert bo.post(f"{path}/verify", effect, If_Match='"2"').status_code == 422  # it lies ahead
    office.clock.at = datetime(2026, 12, 28, tzinfo=UTC)
    for browser, name in ((ann, "Ann"), (bo, "Bo")):
        browser.sign_in(name)
    assert ann.post(f"{path}/verify", effect, If_Match='"2"').status_code == 403
    assert bo.post(f"{path}/verify", {**effect, "to": "2026-12-01"}, If_Match='"2"').status_code == 422
    ok(bo.post(f"{path}/verify", effect, If_Match='"2"'))
    assert ok(ann.get(path))["missing"] == []
    assert ok(ann.post(f"{path}/close", None, If_Match='"3"'))["state"] == "closed"
    assert ann.ask("PATCH", path, {"d8": "thanks"}, If_Match='"4"').status_code == 409
    assert office["Ann"].post("/actions", {"type": "corrective", "what": "x", "owner": "Bo", "due_on": "2027-01-01",
                                           "eight_d": eight["id"]}).status_code == 409  # fmt: skip
    assert office.works.differences() == []


def test_what_is_not_there_is_said(office: Office) -> None:
    """An unknown complaint, action and 8D; a worker begins nothing."""
    ann, nobody = office["Ann"], "0" * 36
    assert ann.post("/eight-d", {"title": "x", "complaints": [nobody]}).status_code == 422
    assert ann.get(f"/actions/{nobody}").status_code == 404
    assert ann.get(f"/eight-d/{nobody}").status_code == 404
    new = {"type": "corrective", "what": "x", "owner": "Bo", "due_on": "2026-12-01", "complaint": nobody}
    assert ann.post("/actions", new).status_code == 422
    assert office["Wu"].post("/actions", {**new, "complaint": None}).status_code == 403
