"""Sign in, who am I, sign out, and the first administrator. Here and not in `people`, because it sets the cookie."""

from typing import Annotated

import msgspec
from flask import request
from msgspec import Meta
from werkzeug.http import dump_cookie

from threenos_server.access import Role
from threenos_server.api import Answer, Call, Routes
from threenos_server.db import Database
from threenos_server.errors import Fault, Forbidden, Unauthenticated
from threenos_server.http.server import COOKIE, secure
from threenos_server.people import first_run, limits, passwords, service, sessions
from threenos_server.people.tables import PersonRow

ROUTES = Routes("session")
Text = Annotated[str, Meta(min_length=1, max_length=128)]


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


class RoleOf(msgspec.Struct, frozen=True):
    """A role and where it counts; null is no limit."""

    role: str
    site: str | None
    line: str | None
    process: str | None


class SessionView(msgspec.Struct, frozen=True):
    """Who is signed in. `csrf` goes into the X-CSRF-Token header of every request that changes something."""

    id: str
    name: str
    roles: list[RoleOf]
    csrf: str
    language: str


class FirstRun(msgspec.Struct, frozen=True):
    """Whether this installation still waits for its first administrator."""

    needed: bool


@ROUTES.route(
    "POST", "/session", summary="Sign in", allow=None, body=SignIn, answer=SessionView, needs_site=False
)  # fmt: skip
def sign_in(call: Call) -> Answer:
    signed_in = sessions.sign_in(call.db, call.body.name, call.body.password, _address(), call.now)
    return _begun(call, signed_in)


@ROUTES.route("GET", "/session", summary="Who is signed in", allow=None, answer=SessionView, needs_site=False)
def who_am_i(call: Call) -> SessionView:
    return _view(call.db, sessions.SignedIn(request.cookies.get(COOKIE, ""), _me(call)))


@ROUTES.route(
    "PATCH", "/session", summary="Change one's own language or password", allow=None, body=Mine, answer=SessionView,
    needs_site=False,
)  # fmt: skip
def change_mine(call: Call) -> Answer:
    me, mine = _me(call), call.body
    if mine.password is not None:
        _check_present(call, me, mine.present_password or "")
    fresh = None
    with call.db.write() as session:
        if mine.language is not None:
            service.change(session, me, language=mine.language)
        if mine.password is not None:
            service.set_password(session, me, mine.password)
            fresh = sessions.begin(session, me, call.now)
    if fresh is not None:
        return _begun(call, fresh)
    return Answer(_view(call.db, sessions.SignedIn(request.cookies.get(COOKIE, ""), me)))


@ROUTES.route("DELETE", "/session", summary="Sign out", allow=None, needs_site=False)
def sign_out(call: Call) -> Answer:
    with call.db.write() as session:
        sessions.end(session, request.cookies.get(COOKIE, ""))
    return Answer(None, headers={"Set-Cookie": _cookie("", 0)})


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
    first = first_run.complete(call.db, b.code, b.name, b.password, b.language, roles, _address(), call.now)
    return _begun(call, first)


def _me(call: Call) -> str:
    with call.db.read() as session:
        person = sessions.person_of(session, request.cookies.get(COOKIE, ""), call.now)
    if person is None:
        raise Unauthenticated("nobody is signed in here")
    return person


def _check_present(call: Call, person: str, present: str) -> None:
    """A stolen session alone must not be enough to take the account."""
    with call.db.write() as session:
        limits.spend(session, limits.SIGN_IN_ACCOUNT, person, call.now)
        row = session.get_one(PersonRow, person)
        kept = row.password
    if not passwords.matches(present, kept):
        raise Forbidden("the present password is not right", Fault("/present_password", "not right"))


def _begun(call: Call, signed_in: sessions.SignedIn) -> Answer:
    """The answer that sets the cookie. The session that the browser had before ends: a sign-in never keeps a token."""
    before = request.cookies.get(COOKIE)
    if before:
        with call.db.write() as session:
            sessions.end(session, before)
    cookie = _cookie(signed_in.token, int(sessions.ABSOLUTE.total_seconds()))
    return Answer(_view(call.db, signed_in), headers={"Set-Cookie": cookie})


def _cookie(value: str, max_age_s: int) -> str:
    return dump_cookie(
        COOKIE, value, max_age=max_age_s, path="/", secure=secure(), httponly=True, samesite="Strict"
    )  # fmt: skip


def _view(db: Database, signed_in: sessions.SignedIn) -> SessionView:
    with db.read() as session:
        person = service.get(session, signed_in.person)
    roles = [RoleOf(g.role.value, g.site, g.line, g.process) for g in person.grants]
    return SessionView(person.id, person.name, roles, signed_in.csrf, person.language)


def _address() -> str:
    """Where the request comes from; behind a proxy what that says, when `proxies` trusts it."""
    return request.remote_addr or "unknown"
