"""The second factor over HTTP: giving its code on the way in; turning one's own on, renewing it, turning it off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from threenos_server.api import Answer, Call, Routes
from threenos_server.errors import Conflict, Invalid, TooMany
from threenos_server.http import session
from threenos_server.http.server import server
from threenos_server.http.session import SessionView, Text
from threenos_server.people import rows, second_factors, sessions, unfinished
from threenos_server.people.tables import PersonRow
from threenos_server.people.unfinished import Lack

ROUTES = Routes("session")
Code = Annotated[str, Meta(min_length=6, max_length=40)]


class GivenCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The six digits that the telephone shows, or a recovery code, which is good once."""

    code: Code


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password, once more; whoever is on the way in has just given it."""

    present_password: Text | None = None


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sealed` as it was proposed, and a code that the telephone makes of it."""

    sealed: Annotated[str, Meta(min_length=1, max_length=512)]
    code: Code


class ProposalView(msgspec.Struct, frozen=True):
    """A secret that is not in use yet: `address` for a QR code, or `key` to be typed; `sealed` to confirm it by."""

    key: str
    address: str
    sealed: str


class StandingView(msgspec.Struct, frozen=True):
    """One's own second factor: `possible` for whoever signs in by a password, `wanted` where there must be one."""

    since: datetime | None
    codes_left: int
    possible: bool
    wanted: bool


class Confirmed(msgspec.Struct, frozen=True):
    """The recovery codes, shown this one time, and the session as it stands now."""

    recovery_codes: list[str]
    session: SessionView


@ROUTES.route(
    "POST", "/session/code", summary="Give the code of one's second factor", allow=None, body=GivenCode,
    answer=SessionView, needs_site=False,
)  # fmt: skip
def give(call: Call) -> Answer:
    me, address = session.lacking(call, Lack.CODE), session.address()
    with _told(me):
        second_factors.spend(call.db, me, address, call.now, call.body.code)
    with _told(me), call.db.write() as opened:
        second_factors.accept(opened, call.keys.pseudonym, me, call.body.code, address, call.now)
        session.given(opened, Lack.CODE)
        fresh = sessions.enter(opened, me, call.now, server().second_factor, Lack.CODE)
    session.log.info("second factor given", person=me, address=address)
    return session.begun(call, fresh)


@ROUTES.route(
    "GET", "/session/second-factor", summary="One's own second factor", allow=None, answer=StandingView,
    needs_site=False,
)  # fmt: skip
def standing(call: Call) -> StandingView:
    me = session.me_of(call)
    with call.db.read() as opened:
        found = second_factors.standing(opened, me)
        possible = opened.get_one(PersonRow, me).password is not None
        wanted = second_factors.is_wanted(opened, me, server().second_factor)
    return StandingView(found.since, found.codes_left, possible, wanted)


@ROUTES.route(
    "POST", "/session/second-factor", summary="Begin to set a second factor up, or another one", allow=None, body=Again,
    answer=ProposalView, needs_site=False,
)  # fmt: skip
def propose(call: Call) -> ProposalView:
    me, is_in = _setting_up(call)
    if is_in:
        session.check_present(call, me, call.body.present_password or "")
    with call.db.read() as opened:
        found = second_factors.propose(opened, call.keys.pseudonym, me, call.now)
    return ProposalView(found.key, found.address, found.sealed)


@ROUTES.route(
    "PUT", "/session/second-factor", summary="Take a second factor into use by a first code of it", allow=None,
    body=Confirmation, answer=Confirmed, needs_site=False,
)  # fmt: skip
def confirm(call: Call) -> Answer:
    """Who is on the way in is in after it; whoever is in stays in here, and nowhere else."""
    me, is_in = _setting_up(call)
    with _told(me):
        second_factors.spend(call.db, me, session.address(), call.now)
    mine = sessions.SignedIn(session.own_token(), me)
    with _told(me), call.db.write() as opened:
        if is_in:
            session.still_in(call, opened, me)
        else:
            rows.held(opened, me)
            session.given(opened, Lack.SECOND_FACTOR)
            if second_factors.standing(opened, me).since is not None:
                raise Conflict("there is a second factor already; sign in again and give a code of it")
        codes = second_factors.confirm(
            opened, call.keys.pseudonym, me, call.body.sealed, call.body.code, call.now
        )  # fmt: skip
        # Whoever else has the password only was on the way in without a second factor, and may not set another one up.
        unfinished.end_all(opened, me)
        if not is_in:
            mine = sessions.enter(opened, me, call.now, server().second_factor, Lack.SECOND_FACTOR)
        sessions.end_others(opened, me, mine.token)
    session.log.info("second factor set up", person=me, address=session.address())
    cookie = {} if is_in else {"Set-Cookie": session.cookie_of(mine)}
    return Answer(Confirmed(codes, session.view_of(call.db, mine)), headers=cookie)


@ROUTES.route(
    "POST", "/session/second-factor/end", summary="Turn one's own second factor off", allow=None, body=Again,
    needs_site=False,
)  # fmt: skip
def end(call: Call) -> None:
    me = session.me_of(call)
    session.check_present(call, me, call.body.present_password or "")
    with call.db.write() as opened:
        session.still_in(call, opened, me)
        if second_factors.is_wanted(opened, me, server().second_factor):
            raise Conflict("a second factor is asked of you here; set another one up instead")
        second_factors.take(opened, me)
    session.log.info("second factor turned off", person=me, address=session.address())


@contextmanager
def _told(person: str) -> Iterator[None]:
    """A code that is refused is in the log, and not the code."""
    try:
        yield
    except (Invalid, TooMany):
        session.log.warning("second factor refused", person=person, address=session.address())
        raise


def _setting_up(call: Call) -> tuple[str, bool]:
    """Who sets one up, and whether they are in already, or on the way in for lack of it."""
    with call.db.read() as opened:
        found = unfinished.find(opened, session.own_token(), call.now)
    return (session.me_of(call), True) if found is None else (session.lacking(call, Lack.SECOND_FACTOR), False)
