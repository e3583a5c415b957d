"""What lets a person in and what keeps them out, at the same moment: the later one sees what the earlier one did."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import pytest
from browser import KEYS, PASSWORD, Browser, MovedClock, Telephone, hire, problem, serve, signed_in, turn_on
from flask import Flask
from sqlalchemy.orm import Session

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.errors import Unauthenticated
from threenos_server.people import identities, limits, second_factors, secret, sessions, unfinished
from threenos_server.people import service as people
from threenos_server.people.second_factors import Wanted
from threenos_server.people.unfinished import Lack

T = TypeVar("T")

LEADER = Grant(Role.TEAM_LEADER, line="motor")
OTHER = "another password of hers"


def during(
    db: Database,
    first: Callable[[Session], object],
    second: Callable[[], T],
    then: Callable[[Session], object] = lambda _: None,
) -> T:
    """What `second` comes to when it begins before `first` is committed, which goes on with `then`.

    Unless it is held, it is over by then.
    """
    with ThreadPoolExecutor(1) as aside:
        with db.write() as session:
            first(session)
            begun = aside.submit(second)
            wait([begun], timeout=1)
            then(session)
        return begun.result(timeout=20)


def test_who_comes_while_a_second_factor_is_set_up_is_asked_for_it(db: Database, clock: MovedClock) -> None:
    """Otherwise whoever knows the password alone would set up a telephone of theirs in its place."""
    person = hire(db, "Li Na", LEADER).id
    thief = Browser(serve(db, clock, second_factor=Wanted.EVERYONE))

    def set_up(session: Session) -> None:
        made = second_factors.propose(session, KEYS.pseudonym, person, clock())
        code = Telephone(made.key).code(clock())
        second_factors.confirm(session, KEYS.pseudonym, person, made.sealed, code, clock())
        unfinished.end_all(session, person)

    assert during(db, set_up, lambda: thief.sign_in("Li Na")).get_json()["lacks"] == "code"


def test_nobody_on_the_way_in_replaces_a_second_factor(db: Database, clock: MovedClock) -> None:
    """However they came to be there."""
    person = hire(db, "Li Na", LEADER).id
    turn_on(db, person, clock())
    thief = Browser(serve(db, clock, second_factor=Wanted.EVERYONE))
    with db.write() as session:
        thief.cookie = unfinished.begin(session, person, Lack.SECOND_FACTOR, clock())
    thief.csrf = secret.csrf_token(thief.cookie)
    proposed = thief.post("/session/second-factor", {}).get_json()
    body = {"sealed": proposed["sealed"], "code": Telephone(proposed["key"]).code(clock())}
    assert problem(thief.ask("PUT", "/session/second-factor", body))["status"] == 409


def test_a_session_that_just_begins_is_ended_too(db: Database, clock: MovedClock) -> None:
    """By another password as by signing out everywhere."""
    person = hire(db, "Li Na", LEADER).id
    telephone = turn_on(db, person, clock())
    for out in (
        lambda s: people.set_password(s, person, OTHER, clock()), lambda s: people.sign_out_everywhere(s, person)
    ):  # fmt: skip
        clock.advance(seconds=60)
        begun: list[sessions.SignedIn] = []

        def come_in(session: Session, begun: list[sessions.SignedIn] = begun) -> None:
            code = telephone.code(clock())
            second_factors.accept(session, KEYS.pseudonym, person, code, "10.0.0.1", clock())
            begun.append(sessions.enter(session, person, clock(), Wanted.OWN, Lack.CODE))

        def put_out(out: Callable[[Session], None] = out) -> None:
            with db.write() as session:
                out(session)

        during(db, come_in, put_out)
        with db.read() as session:
            assert sessions.person_of(session, begun[0].token, clock()) is None


@pytest.mark.parametrize("kind", ["password", "code"])
def test_who_was_put_out_does_not_come_in_any_more(app: Flask, db: Database, clock: MovedClock, kind: str) -> None:
    """The right password of before, and the right code after it, come too late."""
    person = hire(db, "Li Na", LEADER).id
    telephone = turn_on(db, person, clock())
    clock.advance(seconds=60)
    browser = Browser(app)
    if kind == "code":
        browser.sign_in("Li Na")

    def come() -> int:
        if kind == "password":
            return browser.sign_in("Li Na").status_code
        return browser.post("/session/code", {"code": telephone.code(clock())}).status_code

    assert during(db, lambda s: people.set_password(s, person, OTHER, clock()), come) == 401


def test_a_session_that_was_ended_changes_no_password(app: Flask, db: Database, clock: MovedClock) -> None:
    """Not even by the right present one, when another was given at that moment."""
    thief = signed_in(app, db, "Li Na", LEADER)
    person = thief.get("/session").get_json()["id"]
    change = {"password": "what the thief wants", "present_password": PASSWORD}

    def take_over() -> int:
        return thief.ask("PATCH", "/session", change).status_code

    # SQLite had the first password looked at only when the other one stood there.
    assert during(db, lambda s: people.set_password(s, person, OTHER, clock()), take_over) in (401, 403)
    assert Browser(app).sign_in("Li Na", OTHER).status_code == 200


def test_a_session_that_was_ended_ends_no_other(app: Flask, db: Database) -> None:
    """Whoever just signed a thief out is not signed out by the thief."""
    browser, thief = signed_in(app, db, "Li Na", LEADER), Browser(app)
    thief.sign_in("Li Na")
    person = browser.get("/session").get_json()["id"]

    def end() -> int:
        return thief.post("/sessions/end", {}).status_code

    assert during(db, lambda s: sessions.end_others(s, person, browser.cookie), end) == 401
    assert browser.get("/session").status_code == 200


def test_of_two_who_confirm_at_once_one_does(app: Flask, db: Database, clock: MovedClock) -> None:
    """And the other hears why not."""
    browser = signed_in(app, db, "Li Na", LEADER)
    person = browser.get("/session").get_json()["id"]
    made = browser.post("/session/second-factor", {"present_password": PASSWORD}).get_json()
    body = {"sealed": made["sealed"], "code": Telephone(made["key"]).code(clock())}
    answer = during(
        db,
        lambda s: second_factors.confirm(s, KEYS.pseudonym, person, body["sealed"], body["code"], clock()),
        lambda: browser.ask("PUT", "/session/second-factor", body),
    )
    assert problem(answer)["errors"][0]["pointer"] == "#/sealed"


def test_an_account_that_comes_twice_at_once(db: Database, clock: MovedClock) -> None:
    """For the first time, from two pages of one browser: it is the same account for both."""
    person = hire(db, "Li Na", LEADER).id

    def come(session: Session, subject: str = "42") -> str:
        return identities.person_of(session, "https://idp.plant", subject, "Li Na", clock())

    def second(subject: str) -> str:
        with db.write() as session:
            return come(session, subject)

    assert during(db, come, lambda: second("42")) == person
    with pytest.raises(Unauthenticated, match="another account"):
        second("43")


def test_a_name_that_was_just_given_away_is_no_account_of_hers(db: Database, clock: MovedClock) -> None:
    """Whose account comes by a name is who has it when that is decided."""
    person = hire(db, "Li Na", LEADER).id

    def come() -> str:
        with db.write() as session:
            return identities.person_of(session, "https://idp.plant", "42", "Li Na", clock())

    with pytest.raises(Unauthenticated, match="nobody here"):
        during(db, lambda s: people.change(s, person, name="Li Na of line 2"), come)


def test_two_first_passwords_at_once(app: Flask, db: Database, clock: MovedClock) -> None:
    """The later one stands."""
    person = hire(db, "Li Na", LEADER).id

    def later() -> None:
        with db.write() as session:
            people.set_password(session, person, OTHER, clock(), first=True)

    during(db, lambda s: people.set_password(s, person, "given at once", clock(), first=True), later)
    assert Browser(app).sign_in("Li Na", OTHER).get_json()["lacks"] == "own-password"


def test_what_is_over_is_dropped_without_waiting(app: Flask, db: Database, clock: MovedClock) -> None:
    """Others count on rows of yesterday, or end old sessions of several people, in an order of their own."""
    here, account = "10.0.0.1", "li na\n10.0.0.1"
    with db.write() as session:
        limits.spend(session, limits.SIGN_IN_ACCOUNT, account, clock())
        limits.spend(session, limits.SIGN_IN_ADDRESS, here, clock())
    later, sooner = (signed_in(app, db, name, LEADER).get("/session").get_json()["id"] for name in ("Wang", "Li Na"))
    clock.advance(days=8)
    hire(db, "Chen Wei", LEADER)

    def begin(session: Session) -> None:
        limits.spend(session, limits.SIGN_IN_ADDRESS, here, clock())
        people.sign_out_everywhere(session, sooner)

    def go_on(session: Session) -> None:
        limits.spend(session, limits.SIGN_IN_ACCOUNT, account, clock())
        people.sign_out_everywhere(session, later)

    come = during(db, begin, lambda: sessions.sign_in(db, "Chen Wei", PASSWORD, "10.0.0.2", clock()), go_on)
    assert come.lacks is None
