"""`threenos up`: bring the database to this version, start the children, say where they are, keep them running."""

import dataclasses
import signal
from collections.abc import Callable
from http.client import HTTPException
from threading import Event
from time import monotonic
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import sqlalchemy as sa
import structlog

from threenos_server import keys
from threenos_server.cli.open import answering
from threenos_server.db import Database
from threenos_server.migrations import upgrade
from threenos_server.settings import Settings
from threenos_server.stopping import stop_on_signal
from threenos_server.up.claim import claimed
from threenos_server.up.system import Extra, System, no_extra
from threenos_server.up.where import Where, kept_in, write

TEND_S = 0.1
ADMIT_S = 0.2
LOOK_S = 0.25
COMPLAIN_S = 10.0
#: Long enough for open boards to be told and a transaction to end, short enough for a person who waits.
STOP_S = 15.0

log = structlog.get_logger("up")
Announce = Callable[[Where, Database], None]
Prepare = Callable[[Database, Settings], None]


def run(
    settings: Settings, announce: Announce, prepare: Prepare = lambda _db, _settings: None, extra: Extra = no_extra
) -> None:
    """Serve until SIGTERM or SIGINT. `prepare` runs before anything starts, `announce` once everything serves.

    Raises ThreenosError when an address cannot be had, no broker is there, or the data directory is in use.
    """
    stop = stop_on_signal()
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = dataclasses.replace(settings, data=settings.data.resolve())
    with claimed(settings.data), answering(settings) as db:
        keys.load(settings.data)
        upgrade(db)
        prepare(db, settings)
        system = System(settings, db, extra)
        if system.broker and system.broker.remark:
            log.warning(system.broker.remark)
        try:
            _serve(system, db, stop, announce)
        finally:
            _stop(system)


def _serve(system: System, db: Database, stop: Event, announce: Announce) -> None:
    waiting = _Waiting(system.where)
    admitted = 0.0
    while not stop.wait(TEND_S):
        system.tend()
        now = monotonic()
        if now - admitted >= ADMIT_S:
            admitted = now
            _admit(system)
        if not waiting.over and waiting.look(now):
            write(kept_in(system.data), system.where)
            announce(system.where, db)


class _Waiting:
    """Until everything serves: looked at often, complained about seldom."""

    def __init__(self, where: Where) -> None:
        self._http = where.http
        self._looked, self._complained = 0.0, monotonic()
        self.over = False

    def look(self, now: float) -> bool:
        """Whether it is so now. The intake and the clock are heard only when broker and database answer them."""
        if now - self._looked < LOOK_S:
            return False
        self._looked = now
        why = _not_ready(self._http)
        self.over = why is None
        if why is not None and now - self._complained > COMPLAIN_S:
            self._complained = now
            log.warning("not ready yet", reason=why)
        return self.over


def _admit(system: System) -> None:
    try:
        system.admit()
    except (sa.exc.SQLAlchemyError, OSError) as e:
        log.warning("the stations that may connect could not be read; tried again at once", error=str(e))


def _stop(system: System) -> None:
    """Everything is told at once, the broker last: the others say goodbye to it."""
    by = monotonic() + STOP_S
    first, last = [c for c in system.children if c.name != "broker"], [c for c in system.children if c.name == "broker"]
    for group in (first, last):
        for child in group:
            child.signal(signal.SIGTERM)
        for child in group:
            child.stop(by)
    system.close()


def _not_ready(http: str) -> str | None:
    """None when the web server says that all is well, else what it says instead, or why it says nothing."""
    try:
        return _complaint(http)
    except (OSError, HTTPException) as e:
        return str(e) or type(e).__name__


def _complaint(http: str) -> str | None:
    try:
        # Past any proxy of the environment, which knows nothing of this machine's own addresses.
        with build_opener(ProxyHandler({})).open(f"{http}/health/ready", timeout=2) as answer:
            answer.read()
        return None
    except HTTPError as e:
        return f"{e} {e.read().decode(errors='replace')}".strip()
