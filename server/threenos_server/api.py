"""How a domain says which HTTP routes it has, without knowing the web framework.

A domain's `routes.py` declares its routes on a `Routes` object: method, path, who may call it, the shapes of its query,
body and answer. The edge `http/` turns every declaration into a view, into OpenAPI, and into the matrix of roles.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from threenos_server.access import EVERYBODY, Actor, Role
from threenos_server.db import Database
from threenos_server.errors import Forbidden
from threenos_server.outward import ANYBODY, Hosts


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A route that takes no query beyond `site`."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets of the installation that a route may need; they live outside the journal."""

    pseudonym: bytes
    arrival: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request, decoded and authorized: `query` and `body` are of the declared shapes."""

    db: Database
    now: datetime
    actor: Actor
    site: str
    keys: Keys
    path: Mapping[str, str]
    query: Any
    body: Any
    version: int | None = None  # from If-Match
    idempotency_key: str | None = None
    hosts: Hosts = ANYBODY  # to which notices may go


def may_read(actor: Actor, site: str) -> None:
    """Raises Forbidden for somebody without a role at the site."""
    if not actor.may(EVERYBODY, site=site):
        raise Forbidden(f"no role at site {site!r}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route returns when plain JSON with 200 (or 204 for None) is not enough."""

    body: Any
    status: int = 200
    version: int | None = None  # becomes the ETag
    media_type: str = "application/json"  # any other: `body` is bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route. `allow` are the roles of which the caller needs one, anywhere; the handler checks the scope.

    `allow=None` is for everybody, signed in or not; `board` also admits a board token.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    allow: frozenset[Role] | None
    board: bool
    query: type
    body: type | None
    answer: Any
    status: int
    needs_site: bool


class Routes:
    """The routes of one domain, in the order in which they were declared."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.routes: list[Route] = []

    def route(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        allow: Collection[Role] | None,
        board: bool = False,
        query: type = NoQuery,
        body: type | None = None,
        answer: Any = None,
        status: int = 200,
        needs_site: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Declare `path` (under /api/v1, with `{name}` for parts) and its handler."""
        roles = None if allow is None else frozenset(allow)

        def declare(handler: Handler) -> Handler:
            self.routes.append(
                Route(method, path, handler, summary, roles, board, query, body, answer, status, needs_site)
            )
            return handler

        return declare
