"""A password that somebody else has set lets its person in once, to choose an own one."""

import pytest
from browser import KEYS, PASSWORD, Browser, MovedClock, hire, problem, signed_in
from flask import Flask
from structlog.testing import capture_logs

from threenos_server.access import Grant, Role
from threenos_server.app import authenticate
from threenos_server.cli import main, user
from threenos_server.db import Database
from threenos_server.errors import Unfinished
from threenos_server.people import first_passwords, passwords
from threenos_server.people import service as people
from threenos_server.people.tables import PersonRow

ADMIN, LEADER = Grant(Role.ADMIN), Grant(Role.TEAM_LEADER, line="motor")
OWN = "what nobody else knows"


@pytest.fixture
def admin(app: Flask, db: Database) -> Browser:
    return signed_in(app, db, "Admin", ADMIN)


@pytest.fixture
def li(app: Flask, admin: Browser) -> Browser:
    """Somebody whom an administrator has added, signed in by the password that was given."""
    new = {"name": "Li Na", "password": PASSWORD, "roles": [{"role": "team-leader"}]}
    assert admin.post("/people", new).status_code == 201
    browser = Browser(app)
    assert browser.sign_in("Li Na").status_code == 200
    return browser


def test_a_given_password_is_good_for_choosing_an_own_one_only(li: Browser) -> None:
    """Until then every door is closed and says why; after it they are open, by a token that was never seen before."""
    mine = li.get("/session").get_json()
    assert (mine["name"], mine["roles"], mine["lacks"]) == ("Li Na", [], "own-password")
    for method, path in (("GET", "/board"), ("GET", "/people"), ("GET", "/sessions"), ("PATCH", "/session")):
        refused = problem(li.ask(method, path, {"language": "en"} if method == "PATCH" else None))
        assert (refused["status"], refused["type"], refused["lacks"]) == (
            403,
            "urn:threenos:unfinished",
            "own-password",
        )
    before = li.cookie
    chosen = li.post("/session/password", {"password": OWN})
    assert (chosen.status_code, chosen.get_json()["lacks"]) == (200, None)
    assert [role["role"] for role in chosen.get_json()["roles"]] == ["team-leader"]
    assert li.cookie != before
    assert li.get("/board").status_code == 200


def test_the_given_password_is_good_for_nothing_once_another_was_chosen(li: Browser, app: Flask) -> None:
    """It does not sign in again, and the own one signs in wholly."""
    li.post("/session/password", {"password": OWN})
    assert Browser(app).sign_in("Li Na").status_code == 401
    assert Browser(app).sign_in("Li Na", OWN).get_json()["lacks"] is None


def test_the_given_password_cannot_be_kept(li: Browser) -> None:
    """Neither it nor one that is too weak is taken, and whoever tries may try again."""
    for password in (PASSWORD, "short", "password1"):
        assert problem(li.post("/session/password", {"password": password}))["errors"][0]["pointer"] == "#/password"
    assert li.post("/session/password", {"password": OWN}).status_code == 200


def test_choosing_is_a_change_like_any_other(li: Browser) -> None:
    """It needs the token of our own page."""
    right, li.csrf = li.csrf, None
    assert problem(li.post("/session/password", {"password": OWN}))["status"] == 403
    li.csrf = right
    assert li.post("/session/password", {"password": OWN}).status_code == 200


def test_whoever_lacks_nothing_has_nothing_to_finish(admin: Browser, app: Flask) -> None:
    """A session that is whole changes its password by the present one only, and nobody at all changes none."""
    assert admin.post("/session/password", {"password": OWN}).status_code == 409
    assert Browser(app).post("/session/password", {"password": OWN}).status_code == 401


def test_of_two_browsers_one_chooses(li: Browser, app: Flask) -> None:
    """The other was let in by a password that is none any more."""
    other = Browser(app)
    other.sign_in("Li Na")
    assert li.post("/session/password", {"password": OWN}).status_code == 200
    assert other.post("/session/password", {"password": "quite another one"}).status_code == 401


def test_a_given_password_ends_when_it_is_not_used(li: Browser, app: Flask, admin: Browser, clock: MovedClock) -> None:
    """After three days; a quarter of an hour is there to choose. Another one begins anew."""
    clock.advance(minutes=14)
    assert li.get("/session").status_code == 200
    clock.advance(minutes=1)
    assert li.post("/session/password", {"password": OWN}).status_code == 401
    clock.advance(hours=71, minutes=44)
    assert Browser(app).sign_in("Li Na").status_code == 200
    clock.advance(minutes=1)
    ended = problem(Browser(app).sign_in("Li Na"))
    assert (ended["status"], ended["type"]) == (401, "urn:threenos:password-ended")
    assert problem(Browser(app).sign_in("Li Na", "a wrong one"))["type"] == "urn:threenos:unauthenticated"
    admin.sign_in("Admin")
    found = next(p for p in admin.get("/people").get_json()["people"] if p["name"] == "Li Na")
    assert admin.ask("PATCH", f"/people/{found['id']}", {"password": "given once more"}).status_code == 200
    assert Browser(app).sign_in("Li Na", "given once more").get_json()["lacks"] == "own-password"


def test_another_given_password_signs_out_everywhere(app: Flask, db: Database, admin: Browser) -> None:
    """Whoever was in by an own password is out, and whoever was on the way in by the one before is too."""
    li = signed_in(app, db, "Li Na", LEADER)
    person = li.get("/session").get_json()["id"]
    admin.ask("PATCH", f"/people/{person}", {"password": "given to somebody"})
    assert li.get("/session").status_code == 401
    assert li.sign_in("Li Na", "given to somebody").get_json()["lacks"] == "own-password"
    admin.ask("PATCH", f"/people/{person}", {"password": "given once more"})
    assert li.post("/session/password", {"password": OWN}).status_code == 401


def test_one_goes_back_and_an_administrator_ends_it_as_any_session(li: Browser, admin: Browser) -> None:
    """Signing out, and being signed out, end also what is not finished."""
    person = li.get("/session").get_json()["id"]
    assert li.ask("DELETE", "/session").status_code == 204
    assert li.get("/session").status_code == 401
    li.csrf = None
    li.sign_in("Li Na")
    assert admin.ask("DELETE", f"/people/{person}/sessions").status_code == 204
    assert li.post("/session/password", {"password": OWN}).status_code == 401


def test_an_administrators_own_password_is_no_exception(admin: Browser) -> None:
    """One's own is changed by the present one, and in no other way."""
    me = admin.get("/session").get_json()["id"]
    refused = problem(admin.ask("PATCH", f"/people/{me}", {"password": OWN}))
    assert (refused["status"], "PATCH /session" in refused["detail"]) == (403, True)


def test_no_socket_is_opened_on_the_way_in(li: Browser, db: Database, clock: MovedClock) -> None:
    """The board's socket asks the same question as every route."""
    with pytest.raises(Unfinished):
        authenticate(db, KEYS, clock)("lakeside", {"threenos_session": li.cookie}, None)


def test_what_an_older_program_changes_is_seen(db: Database, app: Flask) -> None:
    """One that knows no first passwords writes another password alone: then that is the person's own."""
    person = hire(db, "Li Na", LEADER, first=True).id
    with db.write() as session:
        session.get_one(PersonRow, person).password = passwords.hashed(OWN)
    assert Browser(app).sign_in("Li Na", OWN).get_json()["lacks"] is None


def test_who_is_on_the_way_in_by_a_password_of_before_chooses_none(db: Database, app: Flask) -> None:
    """An older program that gives another one does not know that somebody is on the way in by the first one."""
    person = hire(db, "Li Na", LEADER, first=True).id
    thief = Browser(app)
    assert thief.sign_in("Li Na").get_json()["lacks"] == "own-password"
    with db.write() as session:
        session.get_one(PersonRow, person).password = passwords.hashed(OWN)
    assert thief.post("/session/password", {"password": "what the thief wants"}).status_code == 401
    assert Browser(app).sign_in("Li Na", OWN).status_code == 200


def test_choosing_is_limited(li: Browser) -> None:
    """Each try costs as much as a sign-in, and tells whether it is the password that was given."""
    said = [li.post("/session/password", {"password": "short"}).status_code for _ in range(11)]
    assert said == [422] * 10 + [429]


def test_what_was_chosen_is_logged_without_it(li: Browser) -> None:
    """Who, and from where."""
    with capture_logs() as lines:
        li.post("/session/password", {"password": OWN})
    assert [e["event"] for e in lines if e["event"] != "request"] == ["own password chosen"]
    assert OWN not in str(lines) and li.cookie not in str(lines)


@pytest.mark.parametrize(
    ("flags", "prompted", "first"),
    [
        (["--password-stdin"], False, False), (["--password-stdin", "--first"], False, True), ([], True, True),
        (["--first"], True, True),
    ],
)  # fmt: skip
def test_the_console_gives_first_passwords_to_others(
    db: Database, flags: list[str], prompted: bool, first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed at the console is a first one; a program that gives one answers for it unless it says otherwise."""
    hire(db, "Admin", ADMIN)
    _type(monkeypatch, prompted)
    add = ["user", "add", "Li Na", "--role", "team-leader", "--database", db.url, *flags]
    assert main(add) == 0
    assert _is_first(db) is first
    assert main(["user", "passwd", "Li Na", "--database", db.url, *flags]) == 0
    assert _is_first(db) is first


def test_the_first_administrator_types_the_own_password(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there who could have given it."""
    _type(monkeypatch, prompted=True)
    assert main(["user", "add", "Li Na", "--role", "admin", "--database", db.url]) == 0
    assert not _is_first(db)


def _type(monkeypatch: pytest.MonkeyPatch, prompted: bool) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: prompted, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: PASSWORD + "\n", raising=False)
    monkeypatch.setattr(user.getpass, "getpass", lambda _: PASSWORD)


def _is_first(db: Database) -> bool:
    with db.read() as session:
        return first_passwords.until(session, people.named(session, "Li Na").id) is not None
