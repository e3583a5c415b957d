"""An independent look at the clock and the outbox: what should have gone out and did not, and who lives outside knows.

It shares no code with the loops that it looks at but the tables. What it finds is logged and told to the supervisors;
while it finds nothing it asks the heartbeat URL every minute, so that a dead man's switch outside notices the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http.client import HTTPException
from threading import Event

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from threenos_server import outward
from threenos_server.access import Role
from threenos_server.beats import beat, silent
from threenos_server.chain.service import current
from threenos_server.clock import Now
from threenos_server.complaints.decide.clocks import RUNNING
from threenos_server.complaints.model import Complaint
from threenos_server.complaints.service import live_at
from threenos_server.db import Database
from threenos_server.errors import NotFound
from threenos_server.escalation import clock, fold
from threenos_server.escalation.model import Deadlines, DeadlineState
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.journal.service import lock, sites
from threenos_server.notify import service as notices
from threenos_server.notify.model import Draft, NoticeKind, NoticeState
from threenos_server.notify.tables import Notice
from threenos_server.people.rosters import AtWork

NAME = "auditor"
EVERY_S = 5.0
LOOK_EVERY = timedelta(seconds=20)
#: A deadline or notice that is so much overdue is a finding.
OVERDUE = timedelta(seconds=30)
#: The same finding is told again after this.
TOLD_EVERY = timedelta(hours=1)
HEARTBEAT_EVERY = timedelta(seconds=60)
HEARTBEAT_TIMEOUT_S = 10.0

log = structlog.get_logger("auditor")


class Problem(StrEnum):
    NOT_FIRED = "not-fired"
    NO_DEADLINES = "no-deadlines"
    NOT_SENT = "not-sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at a site, how often, and some complaints as examples."""

    problem: Problem
    count: int
    complaints: tuple[str, ...] = ()


def findings(session: Session, site: str, now: datetime) -> list[Finding]:
    """What is wrong at a site now; empty when all is well."""
    live = live_at(session, site)
    deadlines = fold.load(session, site, [c.id for c in live])
    found = (
        Finding(Problem.NOT_FIRED, *_counted(_not_fired(session, site, now))),
        Finding(Problem.NO_DEADLINES, *_counted(c.id for c in live if lacks(c, deadlines.get(c.id, {})))),
        Finding(Problem.NOT_SENT, *_counted(_overdue_notices(session, site, now))),
        Finding(Problem.DEAD, *_counted(_dead_notices(session, site, now))),
    )
    return [f for f in found if f.count]


def lacks(complaint: Complaint, deadlines: Deadlines) -> bool:
    """Whether a clock that should run for the complaint has no deadline."""
    running = RUNNING.get(complaint.state, ())
    return any((complaint.round, str(c), 0) not in deadlines for c in running if c in complaint.due)


def tell(session: Session, site: str, found: Iterable[Finding], now: datetime) -> int:
    """A notice to every supervisor on duty for each finding that was not told within the hour; how many."""
    lock(session, site)
    told = _told_lately(session, site, now)
    supervisors = _supervisors(session, site, now)
    drafts = [
        Draft(person, NoticeKind.AUDIT, {"problem": f.problem, "count": f.count}, Role.SUPERVISOR, reachable=reachable)
        for f in found
        if f.problem not in told
        for person, reachable in (supervisors.items() or ((None, False),))
    ]
    return notices.write(session, site, drafts, now)


class Auditor:
    """The loop: look, tell, and ask the heartbeat URL while all is well."""

    def __init__(self, db: Database, now: Now, heartbeat_url: str = "") -> None:
        self._db, self._now, self._url = db, now, heartbeat_url
        self._looked_at: datetime | None = None
        self._asked_at: datetime | None = None

    def run(self, stop: Event) -> None:
        """Look until `stop`."""
        while not stop.is_set():
            try:
                self.round()
            except Exception:  # gives up one round
                log.exception("round of the auditor given up; no heartbeat goes out")
            stop.wait(EVERY_S)

    def round(self) -> bool:
        """One look, when it is time for one; whether all is well as far as it was looked."""
        now = self._now()
        with self._db.write() as session:
            beat(session, NAME, now)
        if self._looked_at is not None and abs(now - self._looked_at) < LOOK_EVERY:
            return True
        self._looked_at = now
        looked = [self._look(site, now) for site in self._sites()]
        well = all(looked) and not self._silent(now)
        if well and self._url and (self._asked_at is None or abs(now - self._asked_at) >= HEARTBEAT_EVERY):
            self._asked_at = now
            _ask(self._url)
        return well

    def _sites(self) -> list[str]:
        with self._db.read() as session:
            return sites(session)

    def _look(self, site: str, now: datetime) -> bool:
        with self._db.read() as session:
            found = findings(session, site, now)
        for f in found:
            log.error("finding", site=site, problem=f.problem, count=f.count, complaints=f.complaints)
        if found:
            with self._db.write() as session:
                tell(session, site, found, now)
        # A notice that nobody can take is the plant's matter, not a sign that escalation is dead.
        return all(f.problem is Problem.DEAD for f in found)

    def _silent(self, now: datetime) -> bool:
        with self._db.read() as session:
            dead = silent(session, [clock.NAME], now)
        for name, since in dead.items():
            log.error("service silent", service=name, since=since)
        return bool(dead)


def _ask(url: str) -> None:
    try:
        with outward.asked(url, HEARTBEAT_TIMEOUT_S):
            pass
    except (OSError, HTTPException, ValueError) as e:
        log.warning("heartbeat URL not reached", error=str(e))


def _counted(complaints: Iterable[str | None]) -> tuple[int, tuple[str, ...]]:
    every = list(complaints)
    return len(every), tuple(sorted({c for c in every if c})[:5])


def _not_fired(session: Session, site: str, now: datetime) -> list[str]:
    overdue = sa.and_(DeadlineRow.state == DeadlineState.OPEN, DeadlineRow.due_at <= now - OVERDUE)
    return list(session.scalars(sa.select(DeadlineRow.complaint).where(DeadlineRow.site == site, overdue)))


def _overdue_notices(session: Session, site: str, now: datetime) -> list[str | None]:
    """Those that may go out and have not even been tried."""
    overdue = sa.and_(Notice.state == NoticeState.WAITING, Notice.next_try_at <= now - OVERDUE)
    return list(session.scalars(sa.select(Notice.complaint).where(Notice.site == site, overdue)))


def _dead_notices(session: Session, site: str, now: datetime) -> list[str | None]:
    dead = sa.and_(Notice.state == NoticeState.DEAD, Notice.created_at > now - 2 * TOLD_EVERY)
    query = sa.select(Notice.complaint).where(Notice.site == site, dead, Notice.kind != NoticeKind.AUDIT)
    return list(session.scalars(query))


def _told_lately(session: Session, site: str, now: datetime) -> set[str]:
    query = sa.select(Notice.params).where(
        Notice.site == site, Notice.kind == NoticeKind.AUDIT, Notice.created_at > now - TOLD_EVERY
    )
    return {msgspec.json.decode(params)["problem"] for params in session.scalars(query)}


def _supervisors(session: Session, site: str, now: datetime) -> Mapping[str | None, bool]:
    """Everybody who is on duty as a supervisor anywhere at the site, and whether there is an address."""
    try:
        lines = list(current(session, site).lines)
        present = AtWork(session, site, now)
    except NotFound:
        return {}
    people = [p for line in lines for p in present.holding(Role.SUPERVISOR, line, None)]
    return {p.id: bool(p.addresses) for p in people}
