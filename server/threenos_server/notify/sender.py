"""The loop that empties the outbox: claim, send in a thread of its own, mark. One hanging address stops nobody else."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.notify import senders, service, wording
from threenos_server.notify.model import Contact, Pending, SendFailed
from threenos_server.notify.service import Claimed
from threenos_wire.instants import format_instant

#: So many persons are told at the same time.
SEATS = 16
IDLE_S = 0.25
RETRY_S = 2.0
STUCK_S = 300.0

ContactOf = Callable[[Session, str, str], Contact]
"""(session, site, person) → how that person is told; no addresses for somebody who is gone."""

log = structlog.get_logger("notify")


class Sender:
    """Sends what is due. `send` hands a message over to one address and raises SendFailed."""

    def __init__(
        self,
        db: Database,
        contact_of: ContactOf,
        now: Now,
        send: senders.Send = senders.send,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._db, self._contact_of, self._now, self._send, self._chance = db, contact_of, now, send, chance
        self._flying: dict[service.Key, tuple[threading.Thread, float]] = {}
        self._given_up: dict[service.Key, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Send until `stop`, then wait a moment for what is on its way."""
        while not stop.is_set():
            pause = IDLE_S
            try:
                self.run_once()
            except Exception:  # gives up one round; the next comes after RETRY_S
                log.exception("round of the sender given up; trying again")
                pause = RETRY_S
            stop.wait(pause)
        self.settle(senders.SEND_TIMEOUT_S)

    def run_once(self) -> int:
        """Begin to send what is due to people who are not just being told; the number of messages begun."""
        busy = self._busy()
        now = self._now()
        with self._db.read() as session:
            due = service.waiting_for(session, now, busy, max(1, SEATS - len(self._flying)))
        by_site: dict[str, list[str]] = defaultdict(list)
        for site, person in due:
            by_site[site].append(person)
        begun = 0
        for site, persons in by_site.items():
            claimed = self._claim(site, persons, now)
            begun += len(claimed)
            for person in persons:
                self._begin(site, person, [c for c in claimed if c.person == person])
        return begun

    def _claim(self, site: str, persons: list[str], now: datetime) -> list[Claimed]:
        """All in one transaction; one by one when one of them breaks it, so that it holds up no other."""
        try:
            with self._db.write() as session:
                return service.claim(session, site, persons, now)
        except sa.exc.SQLAlchemyError:
            raise
        except Exception:  # gives up claiming together; each person is tried alone
            if len(persons) == 1:
                log.exception("notices given up for some minutes", person=persons[0])
                self._given_up[site, persons[0]] = monotonic()
                return []
            log.exception("claim given up, trying each person alone", persons=len(persons))
            return [c for one in persons for c in self._claim(site, [one], now)]

    def settle(self, timeout_s: float) -> None:
        """Wait until everything that was begun is done, at most so long."""
        until = monotonic() + timeout_s
        for thread, _ in list(self._flying.values()):
            thread.join(max(0.0, until - monotonic()))

    def _busy(self) -> frozenset[service.Key]:
        """Who is being told. A thread that is stuck no longer counts, so that it cannot keep its seat for ever."""
        oldest = monotonic() - STUCK_S
        self._flying = {k: (t, since) for k, (t, since) in self._flying.items() if t.is_alive() and since > oldest}
        self._given_up = {k: since for k, since in self._given_up.items() if since > oldest}
        return frozenset((*self._flying, *self._given_up))

    def _begin(self, site: str, person: str, messages: list[Claimed]) -> None:
        if not messages:
            return
        thread = threading.Thread(target=self._deliver, args=(messages,), name=f"notice-{person}", daemon=True)
        self._flying[site, person] = (thread, monotonic())
        thread.start()

    def _deliver(self, messages: list[Claimed]) -> None:
        """One person's messages, one after the other. Marking comes after sending: a crash repeats, never loses."""
        for i, claimed in enumerate(messages):
            try:
                if i > 0 and not self._still_ours(claimed):
                    continue
                with self._db.read() as session:
                    contact = self._contact_of(session, claimed.site, claimed.person)
                self._one(claimed, contact)
            except sa.exc.SQLAlchemyError:
                # The lease runs out and the message is sent again.
                log.exception("message not marked", message=claimed.id)
            except Exception as e:  # gives up this message
                # What cannot even be worded must not be tried for ever: it counts as a failed attempt.
                log.exception("message given up for now", message=claimed.id)
                with self._db.write() as session:
                    broken = SendFailed(f"the message broke: {type(e).__name__}")
                    service.failed(session, claimed, broken, self._now(), self._chance())

    def _still_ours(self, claimed: Claimed) -> bool:
        """Take the lease anew: the messages before it may have used up most of it."""
        with self._db.write() as session:
            return service.renew(session, claimed.id, self._now())

    def _one(self, claimed: Claimed, contact: Contact) -> None:
        if not contact.addresses:
            with self._db.write() as session:
                service.unreachable(session, claimed.id)
            return
        failures = self._hand_over(claimed, contact)
        told = len(failures) < len(contact.addresses)
        with self._db.write() as session:
            if told:
                service.sent(session, claimed.id, self._now(), "; ".join(f.detail for f in failures) or None)
            else:
                # One address that may work later keeps the whole message alive.
                worst = next((f for f in failures if not f.permanent), failures[0])
                service.failed(session, claimed, worst, self._now(), self._chance())
        log.info("message", message=claimed.id, told=told, notices=len(claimed.notices), failures=len(failures))

    def _hand_over(self, claimed: Claimed, contact: Contact) -> list[SendFailed]:
        """Send to each address of the person; what failed. The person is told when one of them took it."""
        worded = wording.message([(n.kind, n.params) for n in claimed.notices], contact.language)
        notices = tuple(_machine(n) for n in claimed.notices)
        outgoing = senders.Outgoing(claimed.id, worded.title, worded.body, self._now(), notices)
        failures: list[SendFailed] = []
        for address in contact.addresses:
            try:
                self._send(address, outgoing)
            except SendFailed as e:
                failures.append(e)
            except Exception as e:  # gives up this address of this message
                log.exception("sender broke", message=claimed.id)
                failures.append(SendFailed(f"the sender broke: {type(e).__name__}"))
        return failures


def _machine(notice: Pending) -> dict[str, Any]:
    """A notice as a webhook gets it."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "at": format_instant(notice.created_at),
        "complaint": notice.complaint,
        "line": notice.line,
        "params": dict(notice.params),
    }
