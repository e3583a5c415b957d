"""What every request of one server shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import flask
from prometheus_client import CollectorRegistry

from threenos_server.api import Keys, Routes
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.outward import ANYBODY, Hosts
from threenos_server.people.second_factors import Wanted
from threenos_server.people.station_file import Reached

if TYPE_CHECKING:
    # Only where it is asked for: it brings a client for HTTP along.
    from threenos_server.people.provider import Provider

API = "/api/v1"
#: Over HTTPS the cookie has the second name, which a browser takes from this very host alone and never in plain.
COOKIE, HOST_COOKIE = "threenos_session", "__Host-threenos_session"
CSRF_HEADER = "X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class Server:
    """`https`: people reach it by HTTPS even when this process hears HTTP. `beats` are the services that must live.

    `misfit` says why this program cannot work on the tables, if it cannot. `registry` is where metrics are registered.
    `reached` says where stations find us, given the address under which the present request did. `provider` has the
    plant's own accounts, by which people may sign in too; `second_factor` says of whom one is asked who signs in by a
    password; `sign_in_notice` is what they read before. `hosts` are those to which notices may go.
    """

    db: Database
    keys: Keys
    now: Now
    https: bool
    beats: tuple[str, ...]
    misfit: Callable[[Database], str | None]
    registry: CollectorRegistry
    static: Path
    routes: Sequence[Routes]
    reached: Callable[[str], Reached]
    provider: "Provider | None" = None
    second_factor: Wanted = Wanted.OWN
    sign_in_notice: str = ""
    hosts: Hosts = ANYBODY


def server() -> Server:
    """The server of the present request."""
    return cast(Server, flask.current_app.extensions["threenos"])


def secure() -> bool:
    """Whether the person's browser speaks HTTPS."""
    return server().https or flask.request.is_secure


def session_cookie() -> str | None:
    """The session that the present request brings. Over HTTPS one that came in plain, or was planted, is none."""
    return flask.request.cookies.get(HOST_COOKIE if secure() else COOKIE)
