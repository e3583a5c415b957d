"""Signing in with an account of the plant's provider: away to it, and back. The browser carries a secret meanwhile."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import flask
import msgspec
from flask import request
from werkzeug.http import dump_cookie
from werkzeug.wrappers import Response

from threenos_server.api import Answer, Call, Routes
from threenos_server.errors import NotFound, ThreenosError, TooMany
from threenos_server.http import session
from threenos_server.http.server import API, secure, server, session_cookie
from threenos_server.people import identities, limits, secret, sessions

if TYPE_CHECKING:
    from threenos_server.people.provider import Provider

ROUTES = Routes("session")
#: How long somebody may take at the provider.
AWAY_S = 600
BACK = "/session/provider/back"


class Ways(msgspec.Struct, frozen=True):
    """How one may sign in: `provider` is whether the plant's own accounts will do. A password of ours always does.

    `notice` is what the plant tells everybody before, as plain text; empty when it tells nothing.
    """

    provider: bool
    notice: str


class Returned(msgspec.Struct, frozen=True):
    """What the provider says when it sends the browser back, as far as it matters; it may say more."""

    state: str = ""
    code: str | None = None
    iss: str | None = None
    error: str | None = None


class Away(msgspec.Struct, frozen=True):
    """Where the browser goes to sign in."""

    address: str


@ROUTES.route("GET", "/session/ways", summary="How one may sign in", allow=None, answer=Ways, needs_site=False)
def ways(_: Call) -> Ways:
    return Ways(server().provider is not None, server().sign_in_notice)


@ROUTES.route(
    "POST", "/session/provider", summary="Begin to sign in with an account of the plant's provider", allow=None,
    answer=Away, needs_site=False,
)  # fmt: skip
def leave(call: Call) -> Answer:
    provider, token = _provider(), secret.new_token()
    with call.db.write() as opened:
        limits.spend(opened, limits.SIGN_IN_ADDRESS, session.address(), call.now)
        # The browser brings it no more when another site sends it back, and whoever signs in again begins anew.
        sessions.end(opened, session_cookie() or "")
    address = provider.leave_for(_back(provider), token, call.now)
    return Answer(Away(address), headers={"Set-Cookie": _cookie(token, AWAY_S)})


@ROUTES.route(
    "GET", BACK, summary="Back from the provider: signed in, or at the desk with the reason why not", allow=None,
    query=Returned, needs_site=False, status=303,
)  # fmt: skip
def back(call: Call) -> Response:
    """To the desk either way: it is a browser that comes back, to which a problem document would say nothing."""
    response = flask.redirect("/desk", 303)
    try:
        response.headers.add("Set-Cookie", session.cookie_of(_come_back(call)))
    except ThreenosError as e:
        why = "wait" if isinstance(e, TooMany) else {401: "unknown", 502: "away"}.get(e.status, "refused")
        session.log.warning("sign-in refused", way="provider", why=e.detail, address=session.address())
        response = flask.redirect(f"/desk?{urlencode({'sign-in': why})}", 303)
    response.headers.add("Set-Cookie", _cookie("", 0))
    return response


def _come_back(call: Call) -> sessions.SignedIn:
    """The session that begins. Raises what refuses it."""
    # Whoever comes back with guesses makes us ask the provider: no more often than passwords are tried.
    with call.db.write() as opened:
        limits.spend(opened, limits.SIGN_IN_ADDRESS, session.address(), call.now)
    provider, said = _provider(), call.query
    token = request.cookies.get(_name(), "")
    account = provider.account(
        _back(provider), token, said.state, None if said.error else said.code, said.iss, call.now
    )  # fmt: skip
    with call.db.write() as opened:
        person = identities.person_of(
            opened, account.issuer, account.subject, account.name, call.now, adds_unknown=provider.trust.adds_unknown
        )
        fresh = sessions.begin(opened, person, call.now)
    session.log.info("signed in", way="provider", person=person, address=session.address())
    return fresh


def _provider() -> "Provider":
    found = server().provider
    if found is None:
        raise NotFound("this system has no provider of accounts; sign in with a password")
    return found


def _back(provider: "Provider") -> str:
    """Where the provider sends the browser back to, as it was told when we were registered there."""
    return f"{(provider.trust.here or request.host_url).rstrip('/')}{API}{BACK}"


def _name() -> str:
    return "__Host-threenos_away" if secure() else "threenos_away"


def _cookie(value: str, max_age_s: int) -> str:
    # Lax and not Strict: it has to come along when the provider sends the browser back.
    return dump_cookie(_name(), value, max_age=max_age_s, path="/", secure=secure(), httponly=True, samesite="Lax")
