"""What could not be taken, over HTTP: looked at, tried again, given up; and nothing of it in silence."""

import json
from typing import Any

import pytest
from browser import MONDAY, Browser, MovedClock, problem, serve, signed_in, with_example
from flask import Flask

from threenos_server.access import Grant, Role
from threenos_server.complaints import service as complaints
from threenos_server.db import Database
from threenos_server.intake import quarantine
from threenos_server.journal import service as journal
from threenos_wire.decode import decode_one
from threenos_wire.events import Event, Malformed, Reason
from threenos_wire.ids import new_id
from threenos_wire.topics import Address, Leaf

SITE = "lakeside"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def app(either_db: Database, clock: MovedClock) -> Flask:
    with_example(either_db)
    return serve(either_db, clock)


@pytest.fixture
def supervisor(app: Flask, either_db: Database) -> Browser:
    return signed_in(app, either_db, "Su", Grant(Role.SUPERVISOR))


def put_aside(db: Database, raw: bytes, station: str = "mill-1", site: str = SITE) -> None:
    """As the intake does with what it cannot read."""
    read = decode_one(raw)
    why = read if isinstance(read, Malformed) else Malformed(raw, Reason.UNKNOWN_STATION, "no such station")
    at = Address(site, station)
    with db.write() as session:
        aside = quarantine.Aside(session, quarantine.Room())
        if isinstance(read, Event):
            aside.keep_event(at.topic(Leaf.EVENT), at, read, why, MONDAY)
        else:
            aside.keep(at.topic(Leaf.EVENT), at, why, MONDAY)
        aside.close()


def reject(**fields: Any) -> bytes:
    said = {
        "v": 1, "id": new_id(), "boot": new_id(), "seq": 1, "at": "2026-11-23T01:59:00.000Z", "age_ms": 60_000,
        "kind": "reject", "defect": "burr",
    }  # fmt: skip
    return json.dumps(said | fields).encode()


def listed(browser: Browser, query: str = "") -> list[dict[str, Any]]:
    answer = browser.get(f"/quarantine{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def test_it_is_looked_at_without_persons(supervisor: Browser, either_db: Database) -> None:
    """Newest first, page by page; a badge or PIN is not shown, and the PIN of a readable event not even kept."""
    put_aside(either_db, b'{"operator": "B-1044", "pin" :"123456')
    put_aside(either_db, reject(operator="B-7", pin="654321"), "ghost")
    newest, oldest = listed(supervisor)
    assert [newest["reason"], oldest["reason"]] == ["unknown-station", "malformed"]
    assert (newest["station"], newest["times"], newest["settled_at"]) == ("ghost", 1, None)
    assert not any(secret in json.dumps([newest, oldest]) for secret in ("B-1044", "123456", "B-7", "654321"))
    assert "burr" in newest["text"]
    with either_db.read() as session:
        assert b"654321" not in quarantine.find(session, newest["id"]).raw
    page = supervisor.get("/quarantine?limit=1").get_json()
    assert [i["id"] for i in page["items"]] == [newest["id"]]
    assert [i["id"] for i in listed(supervisor, f"?limit=1&cursor={page['next']}")] == [oldest["id"]]
    assert [i["id"] for i in listed(supervisor, "?station=ghost")] == [newest["id"]]


def test_a_retry_records_what_can_be_taken_now(supervisor: Browser, either_db: Database, clock: MovedClock) -> None:
    """It happened when it happened, its clocks run from now on; the act is journalled, and cannot be repeated."""
    raw = reject()
    put_aside(either_db, raw)
    clock.advance(hours=3)
    (piece,) = listed(supervisor)
    answer = supervisor.post(f"/quarantine/{piece['id']}/retry")
    id_ = json.loads(raw)["id"]
    assert (answer.status_code, answer.get_json()) == (200, {"accepted": [id_]})
    with either_db.read() as session:
        found = complaints.find(session, SITE, id_)
        rows = journal.after(session, SITE, 1)
    assert found.occurred_at == "2026-11-23T01:59:00.000Z"
    assert (found.received_at, found.replay) == ("2026-11-23T05:00:00.000Z", True)
    assert [row.kind for row in rows] == ["reject", "quarantine-retried"]
    assert rows[1].actor is not None
    assert listed(supervisor) == []
    assert [i["settled_how"] for i in listed(supervisor, "?settled=true")] == ["retried"]
    assert problem(supervisor.post(f"/quarantine/{piece['id']}/retry"))["status"] == 409


@pytest.mark.parametrize(
    ("raw", "station", "site"),
    [(b"{", "mill-1", SITE), (b"[]", "mill-1", SITE), (reject(), "ghost", SITE), (reject(), "mill-1", "nowhere")],
    ids=["unreadable", "empty", "unknown-station", "unknown-site"],
)
def test_a_retry_in_vain_changes_nothing(
    supervisor: Browser, either_db: Database, raw: bytes, station: str, site: str
) -> None:
    """What still cannot be taken stays where it is, and the answer says why."""
    put_aside(either_db, raw, station, site)
    (piece,) = listed(supervisor)
    refused = problem(supervisor.post(f"/quarantine/{piece['id']}/retry"))
    assert (refused["status"], bool(refused["detail"])) == (409, True)
    assert listed(supervisor) == [piece]
    with either_db.read() as session:
        assert journal.head(session, SITE).seq == 1


def test_who_gives_something_up_says_why(supervisor: Browser, either_db: Database) -> None:
    """With a reason, which is journalled; when the same comes again it is there again."""
    put_aside(either_db, b"{")
    (piece,) = listed(supervisor)
    at = f"/quarantine/{piece['id']}/discard"
    assert problem(supervisor.post(at, {}))["status"] == 422
    assert supervisor.post(at, {"reason": "a test of the electrician"}).status_code == 204
    assert listed(supervisor) == []
    with either_db.read() as session:
        row = journal.after(session, SITE, 1)[0]
    assert (row.kind, row.body["command"]["reason"]) == ("quarantine-discarded", "a test of the electrician")
    put_aside(either_db, b"{")
    assert [(i["id"], i["times"]) for i in listed(supervisor)] == [(piece["id"], 2)]


def test_everybody_settles_their_own_only(app: Flask, supervisor: Browser, either_db: Database) -> None:
    """A role of one line sees none, one of this site not what came from nowhere; an auditor settles nothing."""
    put_aside(either_db, b"{")
    put_aside(either_db, b"{", site="nowhere")
    here = signed_in(app, either_db, "Here", Grant(Role.ADMIN, site=SITE))
    of_line = signed_in(app, either_db, "Line", Grant(Role.SUPERVISOR, line="motor"))
    auditor = signed_in(app, either_db, "Au", Grant(Role.AUDITOR))
    nowhere, mine = listed(supervisor)
    assert [i["id"] for i in listed(here)] == [mine["id"]]
    assert len(listed(auditor)) == 2
    assert problem(of_line.get("/quarantine"))["status"] == 403
    assert problem(here.post(f"/quarantine/{nowhere['id']}/discard", {"reason": "x"}))["status"] == 404
    assert problem(of_line.post(f"/quarantine/{mine['id']}/retry"))["status"] == 403
    assert problem(auditor.post(f"/quarantine/{mine['id']}/retry"))["status"] == 403
    for strange in ("0", "x", "9" * 30):
        assert problem(supervisor.post(f"/quarantine/{strange}/retry"))["status"] == 404
