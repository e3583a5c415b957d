"""One's own sessions, those that others end, who is locked out by guessing, and what of it is logged."""

import json
import subprocess
import sys

import pytest
import structlog
from browser import PASSWORD, Browser, MovedClock, hire, problem, signed_in
from flask import Flask
from structlog.testing import capture_logs

from threenos_server.access import Grant, Role
from threenos_server.cli import main
from threenos_server.db import Database
from threenos_server.people import service, sessions

LEADER = Grant(Role.TEAM_LEADER, line="motor")


def two(app: Flask, db: Database) -> tuple[Browser, Browser]:
    """Somebody who is signed in at the desk and on a phone."""
    here = signed_in(app, db, "Li Na", LEADER)
    there = Browser(app)
    assert there.sign_in("Li Na").status_code == 200
    return here, there


def test_one_sees_where_one_is_signed_in_and_ends_what_is_not_needed(
    app: Flask, db: Database, clock: MovedClock
) -> None:
    """By id or all others at once, and this one stays; nothing of a list signs anybody in."""
    here, there = two(app, db)
    signed_in(app, db, "Wang Wei", LEADER)
    clock.advance(minutes=5)
    assert there.get("/board").status_code == 200
    found = here.get("/sessions").get_json()
    assert {s["here"]: s["begun_at"] for s in found} == dict.fromkeys((True, False), "2026-11-23T02:00:00Z")
    elsewhere = next(s["id"] for s in found if not s["here"])
    assert not any(there.cookie in s["id"] for s in found)
    assert here.post("/sessions/end", {"session": elsewhere}).status_code == 204
    assert there.get("/session").status_code == 401
    assert [s["here"] for s in here.get("/sessions").get_json()] == [True]
    there.sign_in("Li Na")
    assert here.post("/sessions/end", {}).status_code == 204
    assert (there.get("/session").status_code, here.get("/session").status_code) == (401, 200)


def test_others_are_ended_by_who_shows_again_who_it_is(app: Flask, db: Database, clock: MovedClock) -> None:
    """A stolen session does not throw its owner out: ten minutes after signing in the password is asked for again."""
    here, there = two(app, db)
    clock.advance(minutes=11)
    assert problem(here.post("/sessions/end", {}))["status"] == 403
    assert here.post("/sessions/end", {"present_password": "a guess of it"}).status_code == 403
    assert there.get("/session").status_code == 200
    assert here.post("/sessions/end", {"present_password": PASSWORD}).status_code == 204
    assert there.get("/session").status_code == 401
    other = signed_in(app, db, "Wang Wei", LEADER)
    mine = here.get("/sessions").get_json()[0]["id"]
    assert other.post("/sessions/end", {"session": mine}).status_code == 204
    assert here.get("/session").status_code == 200, "an id of somebody else's is nobody's"


def test_an_administrator_ends_all_sessions_of_a_person(app: Flask, db: Database) -> None:
    """At once, without changing the account."""
    here, there = two(app, db)
    person = here.get("/session").get_json()["id"]
    admin = signed_in(app, db, "Admin", Grant(Role.ADMIN))
    assert admin.ask("DELETE", f"/people/{person}/sessions").status_code == 204
    assert {b.get("/session").status_code for b in (here, there)} == {401}
    assert here.sign_in("Li Na").status_code == 200


def test_the_console_ends_one_persons_sessions_or_everybodys(
    app: Flask, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """For whoever runs the machine, after a theft."""
    li, wang = signed_in(app, db, "Li Na", LEADER), signed_in(app, db, "Wang Wei", LEADER)
    assert main(["user", "sign-out", "Li Na", "--database", db.url]) == 0
    assert (li.get("/session").status_code, wang.get("/session").status_code) == (401, 200)
    assert main(["user", "sign-out", "--everybody", "--database", db.url]) == 0
    assert wang.get("/session").status_code == 401
    with pytest.raises(SystemExit) as wrong:
        main(["user", "sign-out", "--database", db.url])
    assert (wrong.value.code, "--everybody" in capsys.readouterr().err) == (2, True)


def test_guessing_from_elsewhere_locks_nobody_out(db: Database, clock: MovedClock) -> None:
    """Ten wrong passwords from one address hold that address off, and no other; a hundred from everywhere do."""
    hire(db, "Li Na", LEADER)

    def tries(address: str, password: str = "a wrong one") -> str:
        try:
            sessions.sign_in(db, "Li Na", password, address, clock())
        except Exception as e:  # noqa: BLE001 - which of the refusals it is, is what is asked
            return type(e).__name__
        return "in"

    assert [tries("10.0.0.66") for _ in range(11)] == ["Unauthenticated"] * 10 + ["TooMany"]
    assert tries("10.0.0.66", PASSWORD) == "TooMany"
    assert tries("10.0.0.7", PASSWORD) == "in"
    guessed = [tries(f"10.1.{n}.1") for n in range(101)]
    assert guessed == ["Unauthenticated"] * 100 + ["TooMany"]
    assert tries("10.0.0.7", PASSWORD) == "TooMany"
    clock.advance(seconds=901)
    assert tries("10.0.0.7", PASSWORD) == "in"


def test_sign_ins_and_refusals_are_logged_without_a_secret(app: Flask, db: Database) -> None:
    """When, who, from where, in what way; never a password, never a name that was typed, which may be one."""
    person = hire(db, "Li Na", LEADER).id
    with capture_logs() as lines:
        browser = Browser(app)
        browser.sign_in("Li Na", "not the password")
        browser.sign_in("my secret typed in the wrong field", "x")
        browser.sign_in("Li Na")
        browser.ask("PATCH", "/session", {"password": "another good one", "present_password": "guess"})
    of_sign_in = [(e["event"], e.get("person"), e.get("address")) for e in lines if e["event"] != "request"]
    assert of_sign_in == [
        ("sign-in refused", person, "127.0.0.1"), ("sign-in refused", None, "127.0.0.1"),
        ("signed in", person, "127.0.0.1"), ("present password refused", person, "127.0.0.1"),
    ]  # fmt: skip
    for secret in ("not the password", "my secret", PASSWORD, "another good one", browser.cookie, "Li Na"):
        assert secret not in str(lines)


def test_whoever_is_kept_out_is_logged_by_pseudonym(app: Flask, db: Database) -> None:
    """The request's line says which door, who stood before it, and from where."""
    browser = signed_in(app, db, "Li Na", LEADER)
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        assert browser.post("/drills", {"line": "motor"}).status_code == 403
    (line,) = [e for e in lines if e["event"] == "request"]
    assert (line["route"], line["status"], line["address"]) == ("/api/v1/drills", 403, "127.0.0.1")
    assert line["actor"].startswith("p-") and "Li Na" not in str(line)


def test_no_account_is_there_by_itself(app: Flask, db: Database) -> None:
    """Neither of the usual names, nor any other: the first administrator is made by the printed code."""
    with db.read() as session:
        assert service.every(session) == []
        assert not service.has_administrator(session)
    for name in ("admin", "root", "administrator", "threenos", "demo"):
        assert Browser(app).sign_in(name, name).status_code in (401, 422)


def test_nothing_that_is_logged_makes_a_line_of_its_own() -> None:
    """Line ends, escapes of a terminal and quotes stay inside the value that they came in."""
    evil = 'a\\n{"event": "signed in", "person": "admin"}\\x1b[2J\\u2028"'
    program = (
        "import structlog; from threenos_server.cli import logs; logs.configure('info');"
        f"structlog.get_logger('sign-in').warning('sign-in refused', account='{evil}')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    (line,) = done.stderr.rstrip("\n").split("\n")
    assert json.loads(line)["account"].startswith('a\n{"event"')
    assert "\x1b" not in line
