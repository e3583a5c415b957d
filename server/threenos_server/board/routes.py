"""The board over HTTP: the same snapshot that a socket gets."""

from importlib.metadata import version
from typing import Any

import msgspec

from threenos_server.access import EVERYBODY, Actor
from threenos_server.api import Call, Routes, may_read
from threenos_server.board.model import Board
from threenos_server.board.service import snapshot
from threenos_server.errors import Forbidden
from threenos_wire.asyncapi import document
from threenos_wire.live import Snapshot

ROUTES = Routes("board")


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`line` narrows the board to one line."""

    line: str | None = None


def visible_line(actor: Actor, site: str, line: str | None) -> str | None:
    """The line that the actor is shown when it asks for `line`; None is the whole site.

    The board is for everybody of the site; a token for one line shows that line only. Raises Forbidden.
    """
    if actor.board_token:
        if actor.board_line is not None and line not in (None, actor.board_line):
            raise Forbidden(f"this board token shows line {actor.board_line!r} only")
        return line or actor.board_line
    may_read(actor, site)
    return line


@ROUTES.route(
    "GET", "/board", summary="The live board: a snapshot", allow=EVERYBODY, board=True, query=Shown, answer=Snapshot
)
def board(call: Call) -> Board:
    return _shown(call, call.query.line)


@ROUTES.route("GET", "/lines/{line}", summary="The board of one line", allow=EVERYBODY, board=True, answer=Snapshot)
def line(call: Call) -> Board:
    return _shown(call, call.path["line"])


@ROUTES.route(
    "GET",
    "/asyncapi.json",
    summary="AsyncAPI 3: MQTT and Socket.IO",
    allow=None,
    answer=dict[str, Any],
    needs_site=False,
)
def asyncapi(_: Call) -> dict[str, Any]:
    return document(version("threenos"))


def _shown(call: Call, wanted: str | None) -> Board:
    shown = visible_line(call.actor, call.site, wanted)
    with call.db.read() as session:
        return snapshot(session, call.site, call.now, shown)
