"""What every request of one server shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import flask
from prometheus_client import CollectorRegistry

from threenos_server.api import Keys, Routes
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.people.station_file import Reached

API = "/api/v1"
COOKIE = "threenos_session"
CSRF_HEADER = "X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class Server:
    """`https`: people reach it by HTTPS even when this process hears HTTP. `beats` are the services that must live.

    `is_current` says whether the tables are those of this version. `registry` is where metrics are registered.
    `reached` says where stations find us, given the address under which the present request did.
    """

    db: Database
    keys: Keys
    now: Now
    https: bool
    beats: tuple[str, ...]
    is_current: Callable[[Database], bool]
    registry: CollectorRegistry
    static: Path
    routes: Sequence[Routes]
    reached: Callable[[str], Reached]


def server() -> Server:
    """The server of the present request."""
    return cast(Server, flask.current_app.extensions["threenos"])


def secure() -> bool:
    """Whether the person's browser speaks HTTPS."""
    return server().https or flask.request.is_secure
