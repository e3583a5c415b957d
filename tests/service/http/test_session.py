"""Signing in, staying signed in, signing out."""

from browser import PASSWORD, Browser, MovedClock, hire, problem, serve, signed_in
from flask import Flask
from sqlalchemy import select, update

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.people import first_run
from threenos_server.people import service as people
from threenos_server.people.tables import PersonRow, PersonSession

LEADER = Grant(Role.TEAM_LEADER, line="motor")


def test_sign_in_answers_who_one_is(app: Flask, db: Database) -> None:
    """Signing in answers the name, the roles, the language and the CSRF token, and sets a strict cookie."""
    hire(db, "Li Na", LEADER)
    answer = Browser(app).sign_in("  LI  NA ")
    assert answer.status_code == 200
    mine = answer.get_json()
    assert (mine["name"], mine["language"]) == ("Li Na", "en")
    assert mine["roles"] == [{"role": "team-leader", "site": None, "line": "motor", "process": None}]
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Secure" not in cookie


def test_cookie_is_secure_behind_https(db: Database, site: str, clock: MovedClock) -> None:
    """Where people come by HTTPS, the cookie is sent by HTTPS only and browsers are told to stay there."""
    assert site
    hire(db, "Li Na", LEADER)
    answer = Browser(serve(db, clock, https=True)).sign_in("Li Na")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_only_the_hash_of_the_token_is_kept(app: Flask, db: Database) -> None:
    """Whoever reads the database cannot be signed in with what stands there."""
    browser = signed_in(app, db, "Li Na", LEADER)
    with db.read() as session:
        kept = session.scalars(select(PersonSession.token)).all()
    thief = Browser(app)
    thief.cookie = kept[0]
    assert browser.cookie not in kept
    assert thief.get("/session").status_code == 401


def test_wrong_password_and_unknown_name_answer_alike(app: Flask, db: Database) -> None:
    """A refusal does not say whether the name exists."""
    hire(db, "Li Na", LEADER)
    wrong = problem(Browser(app).sign_in("Li Na", "not the password"))
    unknown = problem(Browser(app).sign_in("Nobody", "not the password"))
    assert wrong == unknown
    assert wrong["status"] == 401


def test_each_sign_in_has_a_token_of_its_own_and_ends_the_one_before(app: Flask, db: Database) -> None:
    """A token that was planted or seen before the sign-in is worth nothing after it."""
    browser = signed_in(app, db, "Li Na", LEADER)
    before = browser.cookie
    assert browser.sign_in("Li Na").status_code == 200
    assert browser.cookie != before
    old = Browser(app)
    old.cookie = before
    assert old.get("/session").status_code == 401


def test_what_changes_something_needs_the_csrf_token(app: Flask, db: Database) -> None:
    """A cookie alone changes nothing: the header must carry the token that only our page can read."""
    browser = signed_in(app, db, "Li Na", LEADER)
    right, browser.csrf = browser.csrf, None
    assert problem(browser.ask("DELETE", "/session"))["status"] == 403
    assert browser.ask("DELETE", "/session", X_CSRF_Token="wrong").status_code == 403
    assert browser.get("/session").get_json()["csrf"] == right
    browser.csrf = right
    assert browser.ask("DELETE", "/session").status_code == 204
    assert browser.get("/session").status_code == 401


def test_a_page_of_another_site_changes_nothing(app: Flask, db: Database) -> None:
    """A request whose Origin is not ours is refused, even a sign-in."""
    hire(db, "Li Na", LEADER)
    body = {"name": "Li Na", "password": PASSWORD}
    assert Browser(app).post("/session", body, Origin="http://evil.example").status_code == 403
    assert Browser(app).post("/session", body, Origin="http://localhost").status_code == 200


def test_a_session_ends_when_idle_and_in_the_end_anyway(app: Flask, db: Database, clock: MovedClock) -> None:
    """Ten hours unused end a session, and so do seven days of use."""
    idle = signed_in(app, db, "Li Na", LEADER)
    busy = signed_in(app, db, "Wang Wei", LEADER)
    clock.advance(hours=9)
    assert busy.get("/session").status_code == 200
    assert busy.get("/board").status_code == 200
    clock.advance(hours=2)
    assert idle.get("/session").status_code == 401
    assert busy.get("/board").status_code == 200
    for _ in range(20):
        clock.advance(hours=9)
        last = busy.get("/board").status_code
    assert last == 401


def test_other_roles_sign_out_everywhere(app: Flask, db: Database) -> None:
    """After a change of roles nobody goes on with a session from before."""
    browser = signed_in(app, db, "Li Na", LEADER)
    with db.write() as session:
        people.change(session, people.named(session, "Li Na").id, grants=[Grant(Role.WORKER)])
    assert browser.get("/session").status_code == 401


def test_an_inactive_person_is_out_at_once(app: Flask, db: Database) -> None:
    """Making somebody inactive ends the sessions and refuses the next sign-in."""
    browser = signed_in(app, db, "Li Na", LEADER)
    with db.write() as session:
        people.change(session, people.named(session, "Li Na").id, active=False)
    assert browser.get("/board").status_code == 401
    assert browser.sign_in("Li Na").status_code == 401


def test_a_session_of_somebody_inactive_is_none_even_if_it_was_left(app: Flask, db: Database) -> None:
    """Whoever sets the column by hand need not know about sessions."""
    browser = signed_in(app, db, "Li Na", LEADER)
    with db.write() as session:
        session.execute(update(PersonRow).values(active=False))
    assert browser.get("/session").status_code == 401
    assert browser.get("/board").status_code == 401


def test_another_password_needs_the_present_one_and_keeps_only_this_browser(app: Flask, db: Database) -> None:
    """Changing the password gives this browser a new token and signs the others out."""
    here = signed_in(app, db, "Li Na", LEADER)
    there = Browser(app)
    there.sign_in("Li Na")
    before = here.cookie
    refused = here.ask("PATCH", "/session", {"password": "another good one", "present_password": "guess"})
    assert problem(refused)["errors"][0]["pointer"] == "#/present_password"
    changed = here.ask("PATCH", "/session", {"password": "another good one", "present_password": PASSWORD})
    assert changed.status_code == 200
    assert here.cookie != before
    assert there.get("/session").status_code == 401
    assert here.get("/session").status_code == 200
    assert Browser(app).sign_in("Li Na", "another good one").status_code == 200


def test_language_is_remembered(app: Flask, db: Database) -> None:
    """The language that a person chose is answered the next time."""
    browser = signed_in(app, db, "Li Na", LEADER)
    assert browser.ask("PATCH", "/session", {"language": "zh-CN"}).get_json()["language"] == "zh-CN"
    assert browser.get("/session").get_json()["language"] == "zh-CN"
    assert browser.ask("PATCH", "/session", {"language": "tlh"}).status_code == 422


def test_too_many_tries_are_told_to_wait(app: Flask, db: Database, clock: MovedClock) -> None:
    """After ten wrong passwords the account waits, the right one included, until the window is over."""
    hire(db, "Li Na", LEADER)
    browser = Browser(app)
    tries = [browser.sign_in("Li Na", "wrong password").status_code for _ in range(10)]
    assert tries == [401] * 10
    held = browser.sign_in("Li Na")
    assert held.status_code == 429
    assert 0 < int(held.headers["Retry-After"]) <= 900
    clock.advance(seconds=901)
    assert browser.sign_in("Li Na").status_code == 200


def test_an_address_that_tries_many_names_is_told_to_wait(app: Flask, db: Database) -> None:
    """Fifty tries from one address are enough, whatever the names."""
    hire(db, "Li Na", LEADER)
    browser = Browser(app)
    tries = {browser.sign_in(f"name {n}", "wrong password").status_code for n in range(50)}
    assert tries == {401}
    assert browser.sign_in("Li Na").status_code == 429


def test_the_first_administrator_types_the_printed_code(db: Database, site: str, clock: MovedClock) -> None:
    """Only the code that was printed makes the first administrator, and it does so once."""
    assert site
    app = serve(db, clock)
    with db.write() as session:
        code = first_run.issue(session)
    assert code is not None
    browser = Browser(app)
    assert browser.get("/first-run").get_json() == {"needed": True}
    who = {"name": "Boss", "password": PASSWORD, "language": "zh-CN"}
    assert browser.post("/first-run", {"code": "AAAA-BBBB-CCCC"} | who).status_code == 403
    made = browser.post("/first-run", {"code": code.lower().replace("-", " ")} | who)
    assert made.status_code == 200
    assert made.get_json()["roles"] == [{"role": "admin", "site": None, "line": None, "process": None}]
    assert browser.get("/first-run").get_json() == {"needed": False}
    assert Browser(app).post("/first-run", {"code": code} | who | {"name": "Thief"}).status_code == 409
    with db.write() as session:
        assert first_run.issue(session) is None
