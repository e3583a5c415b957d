"""Revoking stations, and board tokens, over HTTP. Enrolment is at the edge, since it knows our own addresses."""

from threenos_server.access import Role
from threenos_server.api import Call, Routes
from threenos_server.chain import service as chain_service
from threenos_server.errors import Fault, Forbidden, Invalid
from threenos_server.people import stations, tokens
from threenos_server.people.views import NewScreen, ScreenView

ROUTES = Routes("stations")
WRITERS = frozenset({Role.ADMIN, Role.SUPERVISOR})


@ROUTES.route("DELETE", "/stations/{station}/credentials", summary="Take a station's credentials", allow=WRITERS)
def revoke(call: Call) -> None:
    with call.db.write() as session:
        known = chain_service.current(session, call.site).stations.get(call.path["station"])
        check_reach(call, known.line if known else None)
        stations.revoke(session, call.site, call.path["station"], call.now)


@ROUTES.route(
    "GET", "/board-tokens", summary="The screens that show the board without anybody signed in", allow=WRITERS,
    answer=list[ScreenView],
)  # fmt: skip
def screens(call: Call) -> list[ScreenView]:
    with call.db.read() as session:
        return [_screen(s) for s in tokens.every(session, call.site)]


@ROUTES.route(
    "POST", "/board-tokens", summary="A new board token, shown once", allow=WRITERS, body=NewScreen,
    answer=ScreenView, status=201,
)  # fmt: skip
def add_screen(call: Call) -> ScreenView:
    new: NewScreen = call.body
    check_reach(call, new.line)
    with call.db.write() as session:
        if new.line is not None and new.line not in chain_service.current(session, call.site).lines:
            raise Invalid(f"there is no line {new.line!r}", Fault("/line", "unknown"))
        screen, plain = tokens.make(session, call.site, new.line, new.label, call.now)
    return _screen(screen, plain)


@ROUTES.route("DELETE", "/board-tokens/{token}", summary="Revoke a board token", allow=WRITERS)
def revoke_screen(call: Call) -> None:
    with call.db.write() as session:
        found = next((s for s in tokens.every(session, call.site) if s.id == call.path["token"]), None)
        if found is not None:
            check_reach(call, found.line)
        tokens.revoke(session, call.site, call.path["token"], call.now)


def check_reach(call: Call, line: str | None) -> None:
    """What is about the whole site (`line` None) needs a role that is not limited to a line."""
    if not any(
        g.role in WRITERS and g.site in (None, call.site) and g.line in (None, line) and g.process is None
        for g in call.actor.grants
    ):
        raise Forbidden("your role does not reach that line")


def _screen(s: tokens.Screen, plain: str | None = None) -> ScreenView:
    return ScreenView(s.id, s.label, s.line, s.created_at, s.revoked_at, plain)
