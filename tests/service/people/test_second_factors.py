"""A second factor: set up at one's own account, asked for after the password, taken by an administrator."""

from base64 import b32decode, b64encode
from datetime import timedelta

import pytest
from browser import KEYS, PASSWORD, Browser, MovedClock, Telephone, hire, problem, serve, signed_in, turn_on
from flask import Flask
from homes import everything
from structlog.testing import capture_logs

from threenos_server.access import Grant, Role
from threenos_server.cli import main
from threenos_server.db import Database
from threenos_server.errors import Invalid
from threenos_server.people import first_run, limits, second_factors
from threenos_server.people import service as people
from threenos_server.people.second_factors import Wanted
from threenos_server.people.tables import SecondFactor

ADMIN, LEADER = Grant(Role.ADMIN), Grant(Role.TEAM_LEADER, line="motor")
STEP = timedelta(seconds=30)


@pytest.fixture
def li(db: Database, clock: MovedClock) -> Telephone:
    """The telephone of somebody who has a second factor."""
    made = turn_on(db, hire(db, "Li Na", LEADER).id, clock())
    clock.advance(seconds=60)
    return made


def on_the_way(app: Flask) -> Browser:
    """Li Na's browser, after the password."""
    browser = Browser(app)
    assert browser.sign_in("Li Na").get_json()["lacks"] == "code"
    return browser


def test_one_sets_a_second_factor_up_and_is_asked_for_it(app: Flask, db: Database, clock: MovedClock) -> None:
    """By the password and a first code; other browsers are signed out, and the next sign-in asks for a code."""
    here = signed_in(app, db, "Li Na", LEADER)
    there = Browser(app)
    there.sign_in("Li Na")
    assert here.get("/session/second-factor").get_json() == {
        "since": None, "codes_left": 0, "possible": True, "wanted": False
    }  # fmt: skip
    assert here.post("/session/second-factor", {"present_password": "a guess of it"}).status_code == 403
    proposed = here.post("/session/second-factor", {"present_password": PASSWORD}).get_json()
    assert proposed["address"].startswith("otpauth://totp/Threenos:Li%20Na?")
    assert proposed["key"] in proposed["address"]
    telephone = Telephone(proposed["key"])
    wrong = problem(here.ask("PUT", "/session/second-factor", {"sealed": proposed["sealed"], "code": "000000"}))
    assert (wrong["status"], wrong["errors"][0]["pointer"]) == (422, "#/code")
    right = {"sealed": proposed["sealed"], "code": telephone.code(clock())}
    made = here.ask("PUT", "/session/second-factor", right).get_json()
    assert len(set(made["recovery_codes"])) == 10
    assert (there.get("/session").status_code, here.get("/session").status_code) == (401, 200)
    assert here.get("/session/second-factor").get_json()["codes_left"] == 10
    asked = on_the_way(app)
    for path in ("/board", "/people", "/sessions", "/session/second-factor"):
        assert problem(asked.get(path))["lacks"] == "code"
    clock.advance(seconds=30)
    before = asked.cookie
    whole = asked.begin("/session/code", {"code": telephone.code(clock())})
    assert (whole.get_json()["lacks"], whole.get_json()["roles"][0]["role"]) == (None, "team-leader")
    assert asked.cookie != before
    assert asked.get("/board").status_code == 200


def test_a_code_is_good_once(app: Flask, li: Telephone, clock: MovedClock) -> None:
    """Neither it nor one from before it lets anybody in again, and the one that set it up is used already."""
    code, older = li.code(clock()), li.code(clock() - STEP)
    assert on_the_way(app).begin("/session/code", {"code": code}).status_code == 200
    thief = on_the_way(app)
    assert [thief.post("/session/code", {"code": c}).status_code for c in (code, older)] == [422, 422]
    clock.advance(seconds=30)
    assert thief.post("/session/code", {"code": li.code(clock())}).status_code == 200


def test_a_telephone_may_be_wrong_by_half_a_minute(app: Flask, li: Telephone, clock: MovedClock) -> None:
    """And by no more, and with spaces between the digits as it shows them."""
    clock.advance(minutes=10)
    browser = on_the_way(app)
    for off in (-2, 2):
        assert browser.post("/session/code", {"code": li.code(clock() + off * STEP)}).status_code == 422
    spaced = li.code(clock() - STEP)
    assert browser.begin("/session/code", {"code": f"{spaced[:3]} {spaced[3:]}"}).status_code == 200
    assert on_the_way(app).begin("/session/code", {"code": li.code(clock() + STEP)}).status_code == 200


def test_a_recovery_code_stands_in_for_the_telephone_once(app: Flask, li: Telephone) -> None:
    """However it is typed; nine are left then."""
    typed = li.recovery[3].lower().replace("-", " ")
    browser = on_the_way(app)
    assert browser.begin("/session/code", {"code": typed}).status_code == 200
    assert browser.get("/session/second-factor").get_json()["codes_left"] == 9
    assert on_the_way(app).post("/session/code", {"code": typed}).status_code == 422
    assert on_the_way(app).begin("/session/code", {"code": li.recovery[4]}).status_code == 200


def test_who_does_not_finish_in_five_minutes_begins_again(app: Flask, li: Telephone, clock: MovedClock) -> None:
    """The right code comes too late then."""
    slow, slower = on_the_way(app), on_the_way(app)
    clock.advance(seconds=299)
    assert slow.begin("/session/code", {"code": li.code(clock())}).status_code == 200
    clock.advance(seconds=1)
    assert slower.post("/session/code", {"code": li.code(clock() + STEP)}).status_code == 401


def test_codes_are_not_guessed(app: Flask, li: Telephone, clock: MovedClock) -> None:
    """Ten in a quarter of an hour, and signing in by the password again forgives none of them."""
    browser = on_the_way(app)
    wrong = {"code": next(c for c in ("000000", "111111") if c != li.code(clock()))}
    assert {browser.post("/session/code", wrong).status_code for _ in range(5)} == {422}
    browser = on_the_way(app)
    assert {browser.post("/session/code", wrong).status_code for _ in range(5)} == {422}
    held = on_the_way(app).post("/session/code", {"code": li.code(clock())})
    assert held.status_code == 429 and 0 < int(held.headers["Retry-After"]) <= 900
    clock.advance(seconds=901)
    assert on_the_way(app).begin("/session/code", {"code": li.code(clock())}).status_code == 200


@pytest.mark.parametrize("limit", [limits.CODE_ADDRESS, limits.CODE_ANYWHERE], ids=lambda limit: limit.kind)
def test_codes_are_not_guessed_by_many(
    app: Flask, db: Database, li: Telephone, clock: MovedClock, limit: limits.Limit
) -> None:
    """From one address for many people, and from many addresses for one."""
    browser = on_the_way(app)
    who = "127.0.0.1" if limit is limits.CODE_ADDRESS else browser.get("/session").get_json()["id"]
    with db.write() as session:
        for _ in range(limit.count):
            limits.spend(session, limit, who, clock())
    assert browser.post("/session/code", {"code": li.code(clock())}).status_code == 429


def test_fifty_wrong_codes_a_day_are_enough(app: Flask, li: Telephone, clock: MovedClock) -> None:
    """However slowly they are tried; a recovery code lets in all the same, and then nothing counts any more."""
    wrong = {"code": next(c for c in ("000000", "111111") if c != li.code(clock()))}
    for _ in range(5):
        browser = on_the_way(app)
        assert {browser.post("/session/code", wrong).status_code for _ in range(10)} == {422}
        clock.advance(minutes=16)
    held = on_the_way(app).post("/session/code", {"code": li.code(clock())})
    assert held.status_code == 429 and int(held.headers["Retry-After"]) > 3600
    assert on_the_way(app).begin("/session/code", {"code": li.recovery[0]}).status_code == 200
    assert on_the_way(app).begin("/session/code", {"code": li.code(clock())}).status_code == 200


def test_a_day_later_the_telephone_is_good_again(app: Flask, db: Database, li: Telephone, clock: MovedClock) -> None:
    """And at once where another one was set up."""
    browser = on_the_way(app)
    person = browser.get("/session").get_json()["id"]
    _spend_the_day(db, person, clock)
    assert browser.post("/session/code", {"code": li.code(clock())}).status_code == 429
    clock.advance(days=1)
    assert on_the_way(app).begin("/session/code", {"code": li.code(clock())}).status_code == 200
    _spend_the_day(db, person, clock)
    with db.write() as session:
        people.take_second_factor(session, person)
    other = turn_on(db, person, clock())
    clock.advance(seconds=60)
    assert on_the_way(app).begin("/session/code", {"code": other.code(clock())}).status_code == 200


def test_nobody_confirms_by_guessing(app: Flask, db: Database) -> None:
    """Whoever has somebody's proposal has no key of it."""
    browser = signed_in(app, db, "Li Na", LEADER)
    sealed = browser.post("/session/second-factor", {"present_password": PASSWORD}).get_json()["sealed"]
    said = [
        browser.ask("PUT", "/session/second-factor", {"sealed": sealed, "code": "nothing"}).status_code
        for _ in range(11)
    ]
    assert said == [422] * 10 + [429]


def test_what_is_refused_is_in_the_log(app: Flask, db: Database, li: Telephone, clock: MovedClock) -> None:
    """Whose it was and from where, and not what was typed."""
    browser = on_the_way(app)
    person = browser.get("/session").get_json()["id"]
    wrong = next(c for c in ("000000", "111111") if c != li.code(clock()))
    setting_up = signed_in(app, db, "Wang Wei", LEADER)
    sealed = setting_up.post("/session/second-factor", {"present_password": PASSWORD}).get_json()["sealed"]
    with capture_logs() as lines:
        for _ in range(11):
            browser.post("/session/code", {"code": wrong})
        setting_up.ask("PUT", "/session/second-factor", {"sealed": sealed, "code": "nothing"})
    told = [(e["log_level"], e["person"], e["address"]) for e in lines if e["event"] == "second factor refused"]
    other = setting_up.get("/session").get_json()["id"]
    assert told == [("warning", person, "127.0.0.1")] * 11 + [("warning", other, "127.0.0.1")]
    assert wrong not in str([e for e in lines if e["event"] != "request"])


def test_a_proposal_is_good_once(app: Flask, db: Database, clock: MovedClock) -> None:
    """Again it voids no recovery code, makes no used code good again, and turns on nothing that was turned off;
    another one from before is void as well.
    """
    browser = signed_in(app, db, "Li Na", LEADER)
    proposed, before = (
        browser.post("/session/second-factor", {"present_password": PASSWORD}).get_json() for _ in range(2)
    )
    telephone = Telephone(proposed["key"])
    body = {"sealed": proposed["sealed"], "code": telephone.code(clock())}
    made = browser.ask("PUT", "/session/second-factor", body).get_json()
    clock.advance(seconds=30)
    used = telephone.code(clock())
    assert on_the_way(app).begin("/session/code", {"code": used}).status_code == 200
    stale = {"sealed": before["sealed"], "code": Telephone(before["key"]).code(clock())}
    for again in (body, body | {"code": used}, body | {"sealed": f"{proposed['sealed']}\n"}, stale):
        refused = problem(browser.ask("PUT", "/session/second-factor", again))
        assert (refused["status"], refused["errors"][0]["pointer"]) == (422, "#/sealed")
    assert on_the_way(app).post("/session/code", {"code": used}).status_code == 422
    assert on_the_way(app).begin("/session/code", {"code": made["recovery_codes"][0]}).status_code == 200
    assert browser.post("/session/second-factor/end", {"present_password": PASSWORD}).status_code == 204
    for sealed in (proposed["sealed"], f"{proposed['sealed']}\n"):
        again = {"sealed": sealed, "code": telephone.code(clock())}
        assert browser.ask("PUT", "/session/second-factor", again).status_code == 422
    assert Browser(app).sign_in("Li Na").get_json()["lacks"] is None


def test_one_renews_it_and_turns_it_off_by_the_password(app: Flask, db: Database, clock: MovedClock) -> None:
    """After renewing, the telephone and the codes from before are worth nothing; after turning off nothing is asked."""
    browser = signed_in(app, db, "Li Na", LEADER)
    old = turn_on(db, browser.get("/session").get_json()["id"], clock())
    clock.advance(minutes=1)
    proposed = browser.post("/session/second-factor", {"present_password": PASSWORD}).get_json()
    new = Telephone(proposed["key"])
    body = {"sealed": proposed["sealed"], "code": new.code(clock())}
    assert browser.ask("PUT", "/session/second-factor", body).status_code == 200
    clock.advance(seconds=30)
    other = on_the_way(app)
    for code in (old.code(clock()), old.recovery[0]):
        assert other.post("/session/code", {"code": code}).status_code == 422
    assert other.begin("/session/code", {"code": new.code(clock())}).status_code == 200
    assert other.post("/session/second-factor/end", {"present_password": "a guess"}).status_code == 403
    assert other.post("/session/second-factor/end", {"present_password": PASSWORD}).status_code == 204
    assert Browser(app).sign_in("Li Na").get_json()["lacks"] is None


def test_a_proposal_is_ones_own_and_ends(db: Database, clock: MovedClock) -> None:
    """What was sealed for somebody else, by another key, or a quarter of an hour ago, is nothing."""
    li, wang = hire(db, "Li Na").id, hire(db, "Wang Wei").id
    with db.write() as session:
        made = second_factors.propose(session, KEYS.pseudonym, li, clock())
        telephone = Telephone(made.key)
        for person, key, later in ((wang, KEYS.pseudonym, 0), (li, b"x" * 32, 0), (li, KEYS.pseudonym, 901)):
            now = clock() + timedelta(seconds=later)
            with pytest.raises(Invalid):
                second_factors.confirm(session, key, person, made.sealed, telephone.code(now), now)
        for nothing in ("", "AAAA", made.sealed[:-4], "密" * 9):
            with pytest.raises(Invalid):
                second_factors.confirm(session, KEYS.pseudonym, li, nothing, telephone.code(clock()), clock())
        assert second_factors.confirm(session, KEYS.pseudonym, li, made.sealed, telephone.code(clock()), clock())


def test_the_database_alone_makes_no_code(db: Database, li: Telephone, clock: MovedClock) -> None:
    """No key and no recovery code stands there in plain, and without the installation's key, or moved to somebody else,
    what stands there is worth nothing.
    """
    wang = hire(db, "Wang Wei").id
    with db.write() as session:
        made = second_factors.propose(session, KEYS.pseudonym, wang, clock())
        code = Telephone(made.key).code(clock())
        second_factors.confirm(session, KEYS.pseudonym, wang, made.sealed, code, clock())
    kept, raw = everything(db), b32decode(made.key)
    for plain in (li.recovery[0], made.key, raw.hex(), str(raw)[2:-1], b64encode(raw).decode(), made.address):
        assert plain not in kept
    with db.write() as session:
        second_factors.take(session, wang)
    with db.read() as session:
        row = session.query(SecondFactor).one()
    assert row.sealed in kept
    with db.write() as session:
        session.add(SecondFactor(person=wang, sealed=row.sealed, last_step=0, since=clock()))
        session.flush()
        for person, key in ((row.person, b"x" * 32), (wang, KEYS.pseudonym)):
            with pytest.raises(Invalid):
                second_factors.accept(session, key, person, li.code(clock()), "10.0.0.1", clock())
        second_factors.accept(session, KEYS.pseudonym, row.person, li.code(clock()), "10.0.0.1", clock())


def test_an_administrator_takes_it_from_whoever_lost_the_telephone(app: Flask, db: Database, li: Telephone) -> None:
    """Who is signed out everywhere then; nobody takes the own one in this way, and it is logged who did it to whom."""
    admin = signed_in(app, db, "Admin", ADMIN)
    theirs, waiting = on_the_way(app), on_the_way(app)
    theirs.begin("/session/code", {"code": li.recovery[0]})
    person, me = (b.get("/session").get_json()["id"] for b in (theirs, admin))
    assert admin.get(f"/people/{person}/second-factor").get_json()["since"] is not None
    assert admin.ask("DELETE", f"/people/{me}/second-factor").status_code == 403
    with capture_logs() as lines:
        assert admin.ask("DELETE", f"/people/{person}/second-factor").status_code == 204
    (taken,) = [e for e in lines if e["event"] == "second factor taken"]
    assert taken["person"] == person and taken["actor"].startswith("p-")
    assert (theirs.get("/session").status_code, waiting.get("/session").status_code) == (401, 401)
    assert Browser(app).sign_in("Li Na").get_json()["lacks"] is None
    assert admin.get(f"/people/{person}/second-factor").get_json() == {"since": None}


def test_the_console_lets_the_only_administrator_in(app: Flask, db: Database, li: Telephone) -> None:
    """Whoever runs the machine takes the second factor of a person, as everything else of theirs."""
    assert li.recovery
    assert main(["user", "take-second-factor", "Li Na", "--database", db.url]) == 0
    assert Browser(app).sign_in("Li Na").get_json()["lacks"] is None
    assert main(["user", "take-second-factor", "Nobody", "--database", db.url]) == 1


@pytest.mark.parametrize(
    ("wanted", "grant", "lacks"),
    [
        (Wanted.OWN, ADMIN, None), (Wanted.ADMINS, LEADER, None), (Wanted.ADMINS, ADMIN, "second-factor"),
        (Wanted.EVERYONE, LEADER, "second-factor"),
    ],
)  # fmt: skip
def test_the_setting_says_who_must_have_one(
    db: Database, clock: MovedClock, wanted: Wanted, grant: Grant, lacks: str | None
) -> None:
    """Whoever wants to, administrators, or everyone; who lacks it is led there after the password."""
    app = serve(db, clock, second_factor=wanted)
    hire(db, "Li Na", grant)
    assert Browser(app).sign_in("Li Na").get_json()["lacks"] == lacks


def test_who_must_have_one_sets_it_up_before_anything_else(db: Database, clock: MovedClock) -> None:
    """Without the password again, which was just given; it cannot be turned off then."""
    app = serve(db, clock, second_factor=Wanted.EVERYONE)
    hire(db, "Li Na", LEADER, first=True)
    browser, idle = Browser(app), Browser(app)
    browser.sign_in("Li Na")
    own = "what nobody else knows"
    assert browser.begin("/session/password", {"password": own}).get_json()["lacks"] == "second-factor"
    assert problem(browser.get("/board"))["lacks"] == "second-factor"
    assert idle.sign_in("Li Na", own).get_json()["lacks"] == "second-factor"
    proposed = browser.post("/session/second-factor", {}).get_json()
    telephone = Telephone(proposed["key"])
    body = {"sealed": proposed["sealed"], "code": telephone.code(clock())}
    made = browser.ask("PUT", "/session/second-factor", body)
    browser.csrf = made.get_json()["session"]["csrf"]
    assert made.get_json()["session"]["lacks"] is None
    assert browser.get("/board").status_code == 200
    assert browser.post("/session/second-factor/end", {"present_password": own}).status_code == 409
    # Whoever knows the password only, and came in time, sets no telephone of theirs up instead.
    assert idle.post("/session/second-factor", {}).status_code == 401


def test_the_first_administrator_is_asked_as_well(db: Database, clock: MovedClock) -> None:
    """The printed code opens an account, and the setting counts from the first."""
    with db.write() as session:
        code = first_run.issue(session)
    who = {"name": "Boss", "password": PASSWORD, "code": code}
    app = serve(db, clock, second_factor=Wanted.ADMINS)
    assert Browser(app).post("/first-run", who).get_json()["lacks"] == "second-factor"


def test_code_then_password_when_both_are_lacking(app: Flask, db: Database, li: Telephone, clock: MovedClock) -> None:
    """Whoever was given a password shows the telephone first, and chooses then."""
    with db.write() as session:
        people.set_password(session, people.named(session, "Li Na").id, "given to somebody", clock(), first=True)
    browser = Browser(app)
    assert browser.sign_in("Li Na", "given to somebody").get_json()["lacks"] == "code"
    assert browser.post("/session/password", {"password": "what nobody else knows"}).status_code == 403
    asked = browser.begin("/session/code", {"code": li.code(clock())})
    assert asked.get_json()["lacks"] == "own-password"
    assert browser.begin("/session/password", {"password": "what nobody else knows"}).get_json()["lacks"] is None


def test_what_is_logged_of_it_has_no_code(app: Flask, db: Database, clock: MovedClock) -> None:
    """Set up, given, turned off: who and from where, and nothing that lets anybody in."""
    browser = signed_in(app, db, "Li Na", LEADER)
    with capture_logs() as lines:
        proposed = browser.post("/session/second-factor", {"present_password": PASSWORD}).get_json()
        telephone = Telephone(proposed["key"])
        body = {"sealed": proposed["sealed"], "code": telephone.code(clock())}
        codes = browser.ask("PUT", "/session/second-factor", body).get_json()["recovery_codes"]
        clock.advance(seconds=30)
        on_the_way(app).begin("/session/code", {"code": telephone.code(clock())})
        browser.post("/session/second-factor/end", {"present_password": PASSWORD})
    said = [e["event"] for e in lines if e["event"] != "request"]
    assert said == ["second factor set up", "on the way in", "second factor given", "second factor turned off"]
    for secret in (proposed["key"], proposed["sealed"], body["code"], telephone.code(clock()), *codes):
        assert secret not in str(lines)


def _spend_the_day(db: Database, person: str, clock: MovedClock) -> None:
    with db.write() as session:
        for _ in range(limits.CODE_DAY.count):
            limits.spend(session, limits.CODE_DAY, person, clock())
