"""The clock loop: it wakes when somebody writes, or four times a second. Several may run; each deadline fires once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Event

import structlog
from sqlalchemy.orm import Session

from threenos_server.beats import EVERY_S, beat
from threenos_server.clock import Now
from threenos_server.complaints.service import release_waiting, stop_lines_due
from threenos_server.db import Database, is_away
from threenos_server.escalation import presence, service
from threenos_server.escalation.setback import set_back, went_back
from threenos_server.journal.follow import bell
from threenos_server.journal.service import sites

NAME = "clock"
PAUSE_S = 0.25
#: What is written within this time is fired in one transaction: a busy intake shares the database's one write lock.
GATHER_S = 0.05
RETRY_S = 1.0
#: A complaint whose deadlines could not be fired is tried again after this; the auditor tells of it meanwhile.
GIVEN_UP_FOR = timedelta(seconds=60)

log = structlog.get_logger("clock")


class ClockLoop:
    """Fires deadlines, stops lines whose grace is over, says who fell silent, and lets waiting events go on."""

    def __init__(self, db: Database, pseudonym_key: bytes, now: Now) -> None:
        self._db, self._key, self._now = db, pseudonym_key, now
        self._given_up: dict[str, datetime] = {}
        self._beat_at: datetime | None = None
        self._latest: datetime | None = None

    def run(self, stop: Event) -> None:
        """Work until `stop`. A database that is away is waited for."""
        while not stop.is_set():
            try:
                with bell(self._db) as rung:
                    while not stop.is_set():
                        self.round()
                        stop.wait(GATHER_S)
                        rung.wait(PAUSE_S, stop)
            except Exception:  # gives up one round
                # Most likely the database is away. Without a round there is no beat, so that a lasting fault shows.
                log.exception("round of the clock given up; trying again")
                stop.wait(RETRY_S)

    def round(self) -> int:
        """One look at every site; the number of rows written."""
        now = self._now()
        with self._db.read() as session:
            known = sites(session)
            back = went_back(session, NAME, self._latest, now)
        written = self._set_back(known, back, now) if back else 0
        self._latest = now
        written += sum(self.run_once(site, now) for site in known)
        if self._beat_at is None or abs(now - self._beat_at) >= timedelta(seconds=EVERY_S):
            # What cannot be late by two seconds goes with the beat, so that an idle clock writes seldom.
            written += sum(self._tend(site, now) for site in known)
            with self._db.write() as session:
                beat(session, NAME, now)
            self._beat_at = now
        return written

    def _set_back(self, known: Sequence[str], back: timedelta, now: datetime) -> int:
        log.warning("the clock went back; what it had dated ahead is dated anew", seconds=back.total_seconds())
        return sum(self._guarded("set back", partial(set_back, site=site, back=back, now=now)) for site in known)

    def run_once(self, site: str, now: datetime) -> int:
        """Fire what is due at one site; the number of rows written. What is left over is due at the next look."""
        self._given_up = {c: until for c, until in self._given_up.items() if until > now}
        with self._db.read() as session:
            due = service.due(session, site, now, self._given_up)
        written = 0
        if due.grace:
            written += self._guarded("line stop", lambda s: stop_lines_due(s, site, now))
        if due.complaints:
            written += self._fire(site, due.complaints, now)
        return written

    def _fire(self, site: str, complaints: Sequence[str], now: datetime) -> int:
        """All in one transaction; one by one when one of them breaks it, so that it holds up no other."""
        try:
            with self._db.write() as session:
                return service.fire(session, site, complaints, now, self._key)
        except Exception as e:  # gives up firing together; each complaint is tried alone
            if is_away(e):
                raise
            if len(complaints) == 1:
                log.exception("deadlines given up for a minute", complaint=complaints[0])
                self._given_up[complaints[0]] = now + GIVEN_UP_FOR
                return 0
            log.exception("deadlines given up, trying each complaint alone", complaints=len(complaints))
            return sum(self._fire(site, [one], now) for one in complaints)

    def _tend(self, site: str, now: datetime) -> int:
        with self._db.read() as session:
            silent = presence.changed(session, site, now)
        written = self._guarded("waiting events", lambda s: release_waiting(s, site, now))
        if silent:
            written += self._guarded("presence", lambda s: presence.judge(s, site, now))
        return written

    def _guarded(self, work: str, do: Callable[[Session], int]) -> int:
        """One piece of work in a transaction of its own; one that breaks does not stop the clock."""
        try:
            with self._db.write() as session:
                return do(session)
        except Exception as e:  # gives up this piece of work until the next round
            if is_away(e):
                raise
            log.exception("work given up until the next round", work=work)
            return 0
