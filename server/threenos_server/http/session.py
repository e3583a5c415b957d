"""Sign in, who am I, where else, sign out, and the first administrator. Not in `people`, because it sets the cookie."""

from datetime import datetime
from typing import Annotated

import msgspec
import structlog
from flask import request
from msgspec import Meta
from sqlalchemy.orm import Session
from werkzeug.http import dump_cookie

from threenos_server.access import Role
from threenos_server.api import Answer, Call, Routes
from threenos_server.db import Database
from threenos_server.errors import Conflict, Fault, Forbidden, Unauthenticated
from threenos_server.http.server import COOKIE, HOST_COOKIE, secure, server, session_cookie
from threenos_server.people import first_passwords, first_run, limits, passwords, rows, service, sessions, unfinished
from threenos_server.people.tables import PersonRow
from threenos_server.people.unfinished import Lack

ROUTES = Routes("session")
Text = Annotated[str, Meta(min_length=1, max_length=128)]

log = structlog.get_logger("sign-in")


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name and a password."""

    name: Text
    password: Text


class FirstAdministrator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one-time code that was printed where the server was started, and who becomes administrator.

    An administrator has no power over a complaint; in a small plant the same person may also be a supervisor.
    """

    code: Text
    name: Text
    password: Text
    language: str = "en"
    supervisor: bool = False


class Mine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a person may change about themselves; another password needs the present one."""

    language: str | None = None
    password: Text | None = None
    present_password: Text | None = None


class OwnPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password that a person chose, which nobody else knows."""

    password: Text


class RoleOf(msgspec.Struct, frozen=True):
    """A role and where it counts; null is no limit."""

    role: str
    site: str | None
    line: str | None
    process: str | None


class SessionView(msgspec.Struct, frozen=True):
    """Who is signed in. `csrf` goes into the X-CSRF-Token header of every request that changes something.

    One that `lacks` something has no roles yet, and is refused with `urn:threenos:unfinished` until that is given:
    `code` by `POST /session/code`, `own-password` by `POST /session/password`, `second-factor` by `POST` and then `PUT
    /session/second-factor`.
    """

    id: str
    name: str
    roles: list[RoleOf]
    csrf: str
    language: str
    lacks: Lack | None


class OpenSession(msgspec.Struct, frozen=True):
    """A browser in which one is signed in; `here` is this one."""

    id: str
    begun_at: datetime
    seen_at: datetime
    here: bool


class EndSessions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The session to end; without one, all others. Who did not sign in just now gives the present password again."""

    session: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")] | None = None
    present_password: Text | None = None


class FirstRun(msgspec.Struct, frozen=True):
    """Whether this installation still waits for its first administrator."""

    needed: bool


@ROUTES.route(
    "POST", "/session", summary="Sign in", allow=None, body=SignIn, answer=SessionView, needs_site=False
)  # fmt: skip
def sign_in(call: Call) -> Answer:
    signed_in = sessions.sign_in(
        call.db, call.body.name, call.body.password, address(), call.now, server().second_factor
    )
    return begun(call, signed_in)


@ROUTES.route("GET", "/session", summary="Who is signed in", allow=None, answer=SessionView, needs_site=False)
def who_am_i(call: Call) -> SessionView:
    with call.db.read() as session:
        found = unfinished.find(session, own_token(), call.now)
    mine = (
        sessions.SignedIn(own_token(), found.person, found.lacks)
        if found
        else sessions.SignedIn(own_token(), me_of(call))
    )
    return view_of(call.db, mine)


@ROUTES.route(
    "PATCH", "/session", summary="Change one's own language or password", allow=None, body=Mine, answer=SessionView,
    needs_site=False,
)  # fmt: skip
def change_mine(call: Call) -> Answer:
    me, mine = me_of(call), call.body
    if mine.password is not None:
        check_present(call, me, mine.present_password or "")
    fresh = None
    with call.db.write() as session:
        still_in(call, session, me)
        if mine.language is not None:
            service.change(session, me, language=mine.language)
        if mine.password is not None:
            service.set_password(session, me, mine.password, call.now)
            fresh = sessions.begin(session, me, call.now)
    if fresh is not None:
        return begun(call, fresh)
    return Answer(view_of(call.db, sessions.SignedIn(own_token(), me)))


@ROUTES.route(
    "POST", "/session/password", summary="Choose an own password in place of a first one", allow=None, body=OwnPassword,
    answer=SessionView, needs_site=False,
)  # fmt: skip
def choose(call: Call) -> Answer:
    me = lacking(call, Lack.OWN_PASSWORD)
    with call.db.write() as session:
        limits.spend(session, limits.SIGN_IN_ACCOUNT, me, call.now)
    first_passwords.check_another(call.db, me, call.body.password)
    with call.db.write() as session:
        rows.held(session, me)
        given(session, Lack.OWN_PASSWORD)
        # A program from before the upgrade gives another password, and knows nothing of who is on the way in.
        if first_passwords.until(session, me) is None:
            raise Unauthenticated("your password was changed meanwhile; sign in again")
        service.set_password(session, me, call.body.password, call.now)
        fresh = sessions.enter(session, me, call.now, server().second_factor, Lack.OWN_PASSWORD)
    log.info("own password chosen", person=me, address=address())
    return begun(call, fresh)


@ROUTES.route("DELETE", "/session", summary="Sign out", allow=None, needs_site=False)
def sign_out(call: Call) -> Answer:
    with call.db.write() as session:
        sessions.end(session, own_token())
    # Photos were kept by the browser; what a page holds, it forgets by itself.
    return Answer(None, headers={"Set-Cookie": _cookie("", 0), "Clear-Site-Data": '"cache"'})


@ROUTES.route(
    "GET", "/sessions", summary="Where one is signed in", allow=None, answer=list[OpenSession], needs_site=False
)
def mine(call: Call) -> list[OpenSession]:
    me = me_of(call)
    with call.db.read() as session:
        found = sessions.every(session, me, own_token(), call.now)
    return [OpenSession(s.id, s.begun_at, s.seen_at, s.here) for s in found]


@ROUTES.route(
    "POST", "/sessions/end", summary="Sign out elsewhere", allow=None, body=EndSessions, needs_site=False
)  # fmt: skip
def end(call: Call) -> None:
    me = me_of(call)
    with call.db.read() as session:
        fresh = sessions.is_fresh(session, own_token(), call.now)
    if not fresh:
        check_present(call, me, call.body.present_password or "")
    with call.db.write() as session:
        still_in(call, session, me)
        sessions.end_others(session, me, own_token(), call.body.session)


@ROUTES.route(
    "GET", "/first-run", summary="Whether the first administrator is still to come", allow=None, answer=FirstRun,
    needs_site=False,
)  # fmt: skip
def is_first_run(call: Call) -> FirstRun:
    with call.db.read() as session:
        return FirstRun(first_run.needed(session))


@ROUTES.route(
    "POST", "/first-run", summary="Become the first administrator by the one-time code", allow=None,
    body=FirstAdministrator, answer=SessionView, needs_site=False,
)  # fmt: skip
def become_first(call: Call) -> Answer:
    b = call.body
    roles = (Role.SUPERVISOR,) if b.supervisor else ()
    first = first_run.complete(
        call.db, b.code, b.name, b.password, b.language, roles, address(), call.now, server().second_factor
    )
    return begun(call, first)


def me_of(call: Call) -> str:
    """The person who is signed in here. Raises Unauthenticated, and Unfinished."""
    with call.db.read() as session:
        person = sessions.person_of(session, own_token(), call.now)
    if person is None:
        raise Unauthenticated("nobody is signed in here")
    return person


def lacking(call: Call, lack: Lack) -> str:
    """The person on the way in who lacks that. Raises Unauthenticated, Unfinished or Conflict for whoever does not."""
    with call.db.read() as session:
        found = unfinished.find(session, own_token(), call.now)
    if found is None:
        me_of(call)
        raise Conflict("nothing is lacking: you are signed in")
    if found.lacks is not lack:
        raise unfinished.refuse(found)
    return found.person


def given(session: Session, lack: Lack) -> None:
    """What this browser lacked is given now. Raises Unauthenticated when somebody was faster."""
    if not unfinished.take(session, own_token(), lack):
        raise Unauthenticated("somebody was faster; sign in again")


def still_in(call: Call, session: Session, person: str) -> None:
    """Hold the person, who may have been signed out since the request was let in. Raises Unauthenticated."""
    rows.held(session, person)
    if sessions.person_of(session, own_token(), call.now) != person:
        raise Unauthenticated("you were signed out meanwhile; sign in again")


def check_present(call: Call, person: str, present: str) -> None:
    """A stolen session alone must not be enough to take the account."""
    with call.db.write() as session:
        limits.spend(session, limits.SIGN_IN_ACCOUNT, person, call.now)
        row = session.get_one(PersonRow, person)
        kept = row.password
    if not passwords.matches(present, kept):
        log.warning("present password refused", person=person, address=address())
        raise Forbidden("the present password is not right", Fault("/present_password", "not right"))


def begun(call: Call, signed_in: sessions.SignedIn) -> Answer:
    """The answer that sets the cookie. The session that the browser had before ends: a sign-in never keeps a token."""
    if own_token():
        with call.db.write() as session:
            sessions.end(session, own_token())
    return Answer(view_of(call.db, signed_in), headers={"Set-Cookie": cookie_of(signed_in)})


def cookie_of(signed_in: sessions.SignedIn) -> str:
    """The cookie of a fresh session, as a Set-Cookie header."""
    return _cookie(signed_in.token, int(sessions.ABSOLUTE.total_seconds()))


def _cookie(value: str, max_age_s: int) -> str:
    name = HOST_COOKIE if secure() else COOKIE
    return dump_cookie(name, value, max_age=max_age_s, path="/", secure=secure(), httponly=True, samesite="Strict")


def own_token() -> str:
    """The token that this browser brings, whatever it is worth."""
    return session_cookie() or ""


def view_of(db: Database, signed_in: sessions.SignedIn) -> SessionView:
    """What its page is told of a session."""
    with db.read() as session:
        person = service.get(session, signed_in.person)
    grants = person.grants if signed_in.lacks is None else ()
    roles = [RoleOf(g.role.value, g.site, g.line, g.process) for g in grants]
    return SessionView(person.id, person.name, roles, signed_in.csrf, person.language, signed_in.lacks)


def address() -> str:
    """Where the request comes from; behind a proxy what that says, when `proxies` trusts it."""
    return request.remote_addr or "unknown"
