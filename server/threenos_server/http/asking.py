"""Who asks, about which site, and whether the route lets them in."""

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from flask import Request, request

from threenos_server.access import Actor
from threenos_server.api import Route
from threenos_server.errors import Fault, Forbidden, Invalid, NotFound, Unauthenticated, Unfinished
from threenos_server.http.server import CSRF_HEADER, server, session_cookie
from threenos_server.journal import service as journal
from threenos_server.people import secret
from threenos_server.people.sessions import authenticate

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY = Actor("", "")
#: These begin a session; a page that has none, or one that ran out, has no token to send.
BEGINS_SESSION = frozenset({("POST", "/session"), ("POST", "/first-run"), ("POST", "/session/provider")})


@dataclass(frozen=True, slots=True)
class Asked:
    """The actor (NOBODY on an open route) and the site, "" on a route that needs none when it cannot be told."""

    actor: Actor
    site: str


def admit(route: Route) -> Asked:
    """Let the present request in. Raises Unauthenticated, Forbidden, and NotFound or Invalid for its site."""
    check_query(request)
    if request.method not in SAFE:
        _same_origin()
    given = request.args.get("site")
    with server().db.read() as session:
        sites = journal.sites(session)
    site = given or (sites[0] if len(sites) == 1 else "")
    actor = _actor(route, site)
    # Before the door, so that the log says who was kept out of it.
    structlog.contextvars.bind_contextvars(site=site, actor=(actor or NOBODY).pseudonym)
    if actor is not None and request.method not in SAFE and (route.method, route.path) not in BEGINS_SESSION:
        _check_csrf()
    _authorize(route, actor, site)
    if route.needs_site and site not in sites:
        raise _no_site(given, sites)
    return Asked(actor or NOBODY, site)


def check_query(asked: Request) -> None:
    """Raises Invalid for bytes that an address cannot have; whoever reads the query would stumble over them."""
    if not asked.query_string.isascii():
        raise Invalid("an address is written in ASCII", Fault("?", "write every other character as %XX"))


def bearer() -> str | None:
    """The token of an `Authorization: Bearer` header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _actor(route: Route, site: str) -> Actor | None:
    key, now = server().keys.pseudonym, server().now()
    try:
        return authenticate(server().db, key, site, now, cookie=session_cookie(), bearer=bearer())
    except Unfinished:
        if route.allow is not None:
            raise
        # What is open to everybody is open on the way in too. Its page has a token to send, unlike that of nobody.
        return NOBODY


def _authorize(route: Route, actor: Actor | None, site: str) -> None:
    if route.allow is None:
        return
    if actor is None:
        raise Unauthenticated("this needs somebody who is signed in")
    if actor.board_token:
        if route.board and request.method in SAFE:
            return
        raise Forbidden("a board token shows the board and nothing else")
    if not actor.may(route.allow, site=site or None):
        raise Forbidden(f"this needs one of the roles {', '.join(sorted(route.allow))}")


def _same_origin() -> None:
    """A browser says which page sent a request; another site's page may send none."""
    origin = request.headers.get("Origin")
    if origin is not None and not _is_of_host(origin, request.host):
        raise Forbidden(f"a page of {origin} may not do this")


def _is_of_host(origin: str, host: str | None) -> bool:
    """Whether a page of that origin came from that host; one that cannot be read is of nobody's."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


def _check_csrf() -> None:
    """What a cookie authorizes must come from our own page, which alone can read the token that goes with it."""
    cookie = session_cookie()
    if bearer() is not None or cookie is None:
        return
    if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), secret.csrf_token(cookie).encode()):
        raise Forbidden(f"the header {CSRF_HEADER} does not fit the session; reload the page")


def _no_site(given: str | None, sites: list[str]) -> Exception:
    if given is not None:
        return NotFound(f"there is no site {given!r}", Fault("?site", "unknown"))
    if not sites:
        return NotFound("there is no site yet; import a chain first")
    return Invalid("there are several sites; say which with ?site=", Fault("?site", f"one of {', '.join(sites)}"))
