"""The process of `threenos clock`: what escalates, the auditor that watches it, the sender of notices, checkpoints."""

from collections.abc import Callable
from functools import partial
from threading import Event, Thread

import structlog
from sqlalchemy.orm import Session

from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.errors import NotFound
from threenos_server.escalation.auditor import Auditor
from threenos_server.escalation.clock import ClockLoop
from threenos_server.journal.checkpoints import Checkpoints
from threenos_server.notify import senders
from threenos_server.notify.model import Contact
from threenos_server.notify.sender import Sender
from threenos_server.outward import ANYBODY, Hosts
from threenos_server.people import service as people

#: The auditor looks first when the clock has had time to beat.
FIRST_LOOK_S = 5.0

log = structlog.get_logger("clock")


def run(
    db: Database, pseudonym_key: bytes, heartbeat_url: str, checkpoint_to: str, stop: Event, hosts: Hosts = ANYBODY
) -> None:
    """Work until `stop`; notices go to `hosts`. A loop that ends before is a fault and ends the process."""
    loops: dict[str, Callable[[Event], None]] = {
        "clock": ClockLoop(db, pseudonym_key, utc_now).run,
        "auditor": lambda stop: None if stop.wait(FIRST_LOOK_S) else Auditor(db, utc_now, heartbeat_url).run(stop),
        "sender": Sender(db, contact_of, utc_now, partial(senders.send, hosts=hosts)).run,
        "checkpoints": Checkpoints(db, checkpoint_to, utc_now).run,
    }
    threads = [Thread(target=_watched, args=(name, loop, stop), name=name) for name, loop in loops.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def contact_of(session: Session, _site: str, person: str) -> Contact:
    """How a person is told; without an address when the person is gone or inactive."""
    try:
        found = people.get(session, person)
    except NotFound:
        return Contact("en", ())
    return Contact(found.language, found.addresses if found.active else ())


def _watched(name: str, loop: Callable[[Event], None], stop: Event) -> None:
    try:
        loop(stop)
    except Exception:  # ends the process, which is started again
        log.exception("loop ended", loop=name)
    stop.set()
