"""Messages into the journal: decode, record a batch in one transaction, acknowledge after its commit.

Group commit: what queued up while the last batch was being committed is the next batch. An idle intake commits at once.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic

import msgspec
import sqlalchemy as sa
import structlog

from threenos_server import api
from threenos_server.clock import Now
from threenos_server.complaints.arrival import Arrival, Outcome
from threenos_server.complaints.service import take
from threenos_server.db import Database, is_away
from threenos_server.escalation import presence
from threenos_server.escalation import service as escalation
from threenos_server.intake import quarantine
from threenos_server.intake.inbox import Message
from threenos_server.intake.link import Link
from threenos_server.intake.tally import Tally
from threenos_server.journal import service as journal
from threenos_server.people.badges import Who
from threenos_wire.decode import Decoded, decode
from threenos_wire.events import Event, Malformed, Reason
from threenos_wire.messages import Ack, Presence, Refusal, to_json
from threenos_wire.topics import Address, Leaf, parse

ACK_IDS = 2_000
IDLE_S = 0.5
PRESENCE_EVERY_S = 1.0
RETRY_S = 0.5
#: A database that is away for longer: another intake may reach it. By then a station without one shows NOT HEARD, and
#: sends again as soon as it is heard.
LEAVE_AFTER_S = 6.0

log = structlog.get_logger("intake")


@dataclass(frozen=True, slots=True)
class Heard:
    """One decoded piece and where it came from; `address` is None for a topic that is no station's."""

    topic: str
    address: Address | None
    piece: Decoded
    received_at: datetime


Answers = dict[Address, Ack]


class Receiver:
    """The loop of the intake. `pulse` is the monotonic time at which it was last seen to be alive."""

    def __init__(self, db: Database, keys: api.Keys, link: Link, who: Who, now: Now) -> None:
        self.pulse = monotonic()
        self.tally = Tally()
        self._db, self._keys, self._link, self._who, self._now = db, keys, link, who, now
        self._begin = partial(escalation.begin, key=keys.pseudonym)
        self._room = quarantine.Room()
        self._present: dict[Address, Presence] = {}
        self._present_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Receive until `stop`. A batch that fails for a passing reason is tried again; no ack is sent before."""
        while not stop.is_set():
            self.pulse = monotonic()
            heard = self._decode(self._link.inbox.take(IDLE_S))
            if heard:
                self._acknowledge(self._until_recorded(heard, stop))
            self._note_presence()

    def _decode(self, messages: Iterable[Message]) -> list[Heard]:
        heard: list[Heard] = []
        for m in messages:
            match parse(m.topic):
                case (address, Leaf.EVENT):
                    heard += [Heard(m.topic, address, piece, m.received_at) for piece in decode(m.payload)]
                case (address, Leaf.PRESENCE):
                    self._hear_presence(address, m.payload)
                case _:
                    bad = Malformed(m.payload, Reason.MALFORMED, f"{m.topic!r} is no topic of a station")
                    heard.append(Heard(m.topic, None, bad, m.received_at))
        return heard

    def _hear_presence(self, address: Address, payload: bytes) -> None:
        try:
            self._present[address] = msgspec.json.decode(payload, type=Presence)
        except (msgspec.DecodeError, RecursionError, ValueError) as e:
            log.warning("presence not understood", station=address.station, error=str(e))

    def _until_recorded(self, heard: Sequence[Heard], stop: threading.Event) -> Answers:
        """Record `heard`, again and again while the database is away; one by one when one of them breaks the rest."""
        began = monotonic()
        while not stop.is_set():
            try:
                answers = self._record(heard)
                self._link.take_part(True)
                return answers
            except Exception as e:  # gives up the batch as one; each event is tried alone
                if is_away(e):
                    log.error("database away, batch kept", events=len(heard), error=str(e))
                    if monotonic() - began > LEAVE_AFTER_S:
                        self._link.take_part(False)
                    stop.wait(RETRY_S)
                    continue
                if len(heard) == 1:
                    log.exception("event given up", topic=heard[0].topic)
                    return self._give_up(heard[0], e)
                log.exception("batch given up, trying its events one by one", events=len(heard))
                return _merged(self._until_recorded([one], stop) for one in heard)
        return {}

    def _record(self, heard: Sequence[Heard]) -> Answers:
        """One transaction for all; its answers may be sent when this returns, since the commit is done."""
        answers = _Answers()
        with self._db.write() as session:
            aside = quarantine.Aside(session, self._room)
            known = set(journal.sites(session))
            by_site: dict[str, list[tuple[Heard, Arrival]]] = defaultdict(list)
            for h in heard:
                if h.address is None or isinstance(h.piece, Malformed):
                    self._put_aside(aside, h, answers)
                elif h.address.site not in known:
                    nowhere = Outcome(h.piece.id, False, Reason.UNKNOWN_STATION, f"there is no site {h.address.site!r}")
                    self._answer(aside, h, nowhere, answers)
                else:
                    by_site[h.address.site].append((h, Arrival(h.piece, h.address.station, h.received_at)))
            for site in sorted(by_site):
                arrived = by_site[site]
                who = partial(self._who, session)
                outcomes = take(session, site, [a for _, a in arrived], self._now(), self._keys, who, self._begin)
                for (h, _), outcome in zip(arrived, outcomes, strict=True):
                    self._answer(aside, h, outcome, answers)
            aside.close()
        self._count(answers)
        log.info("recorded", events=len(heard), ids=[h.piece.id for h in heard[:50]])
        return answers.by_address

    def _put_aside(self, aside: quarantine.Aside, h: Heard, answers: "_Answers") -> None:
        assert isinstance(h.piece, Malformed)
        aside.keep(h.topic, h.address, h.piece, h.received_at)
        answers.put_aside += 1
        if h.address is not None:
            answers.add(h.address, Outcome(h.piece.id, False, h.piece.reason, h.piece.detail))

    def _answer(self, aside: quarantine.Aside, h: Heard, outcome: Outcome, answers: "_Answers") -> None:
        assert h.address is not None
        if not outcome.accepted and outcome.reason in (Reason.UNKNOWN_STATION, Reason.BROKEN):
            assert isinstance(h.piece, Event)
            why = Malformed(b"", outcome.reason, outcome.detail or "")
            aside.keep_event(h.topic, h.address, h.piece, why, h.received_at)
            answers.put_aside += 1
        answers.add(h.address, outcome)

    def _give_up(self, h: Heard, error: Exception) -> Answers:
        """Quarantine what the database itself would not take, and refuse it."""
        raw = h.piece.raw if isinstance(h.piece, Malformed) else msgspec.json.encode(h.piece)
        bad = Malformed(raw, Reason.BROKEN, f"could not be recorded: {error}"[:500], h.piece.id)
        answers = _Answers()
        with self._db.write() as session:
            aside = quarantine.Aside(session, self._room)
            self._put_aside(aside, Heard(h.topic, h.address, bad, h.received_at), answers)
            aside.close()
        self._count(answers)
        return answers.by_address

    def _count(self, answers: "_Answers") -> None:
        acks = answers.by_address.values()
        recorded, refused = sum(len(a.accepted) for a in acks), sum(len(a.refused) for a in acks)
        self.tally.count(recorded=recorded, refused=refused, quarantined=answers.put_aside)

    def _acknowledge(self, answers: Answers) -> None:
        for address, ack in answers.items():
            for i in range(0, max(len(ack.accepted), len(ack.refused)), ACK_IDS):
                part = Ack(ack.accepted[i : i + ACK_IDS], ack.refused[i : i + ACK_IDS])
                self._link.publish(address.topic(Leaf.ACK), to_json(part))

    def _note_presence(self) -> None:
        """Write who is there, at most once a second, so that presence costs one commit however many stations speak."""
        if not self._present or monotonic() - self._present_at < PRESENCE_EVERY_S:
            return
        present, self._present, self._present_at = self._present, {}, monotonic()
        try:
            with self._db.write() as session:
                # A station may say any site; only those that are here have stations whose absence is told.
                sites = frozenset(journal.sites(session))
                # In one order: two intakes that hear the same stations must not wait for each other's rows.
                for address, said in sorted(present.items(), key=lambda x: (x[0].site, x[0].station)):
                    if address.site not in sites:
                        continue
                    presence.heard(session, address.site, address.station, said, self._now())
        except sa.exc.SQLAlchemyError as e:
            log.error("presence not written; the next one will be", stations=len(present), error=str(e))


@dataclass
class _Answers:
    by_address: Answers = field(default_factory=dict)
    put_aside: int = 0

    def add(self, address: Address, outcome: Outcome) -> None:
        ack = self.by_address.setdefault(address, Ack([], []))
        if outcome.accepted and outcome.id is not None:
            ack.accepted.append(outcome.id)
        else:
            ack.refused.append(Refusal(outcome.id, outcome.reason or Reason.BROKEN, outcome.detail or ""))


def _merged(parts: Iterable[Answers]) -> Answers:
    merged = _Answers()
    for part in parts:
        for address, ack in part.items():
            whole = merged.by_address.setdefault(address, Ack([], []))
            whole.accepted.extend(ack.accepted)
            whole.refused.extend(ack.refused)
    return merged.by_address
