"""A batch of events of one site, decided one after the other, each seeing what the ones before it did.

A press never waits. What depends on something else waits, accepted, until that has come, in the order of its boot.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from threenos_server.access import Role
from threenos_server.complaints.arrival import Kept, Outcome
from threenos_server.complaints.decide.decision import Decision, Said
from threenos_server.complaints.decide.press import catch, count, press
from threenos_server.complaints.decide.station import Verdict, follow
from threenos_server.complaints.life import Refused
from threenos_server.complaints.model import Complaint
from threenos_server.complaints.order import Boot
from threenos_server.complaints.view import Plant, Waiting
from threenos_server.journal.model import Entry
from threenos_wire.events import DEPENDENT, PRESSES, Event, Kind, Reason
from threenos_wire.instants import format_instant

#: A complaint that nobody has heard of after a day will not come.
UNKNOWN_PATIENCE = timedelta(hours=24)
_PROVEN = frozenset({Kind.RELEASE, Kind.ARRIVE})

log = structlog.get_logger()


class Taking:
    """The decisions about one batch: `entries` are the journal rows in order, `taken` the event ids in them."""

    def __init__(self, plant: Plant, now: datetime) -> None:
        self.plant = plant
        self.now = now
        self.entries: list[Entry] = []
        self.taken: set[str] = set()

    def hear(self, kept: Kept, roles: frozenset[Role]) -> Outcome:
        """Decide one event. What goes wrong in it refuses it alone."""
        event = kept.event
        try:
            return self._hear(kept, roles)
        except Exception:  # gives up this event
            log.exception("event given up", event_id=event.id, station=kept.station, kind=str(event.kind))
            return self.refuse(kept, Refused(Reason.BROKEN, "the server could not decide it; it is kept"), taken=False)

    def refuse(self, kept: Kept, refused: Refused, *, taken: bool) -> Outcome:
        """Journal a refusal. `taken` remembers the event's id, so that it is refused again."""
        event = kept.event
        body = {**kept.body, "reason": str(refused.reason), "detail": refused.detail}
        station = self.plant.chain.stations.get(kept.station)
        entry = Entry(
            "refused", body, kept.occurred_at, line=station.line if station else None, station=kept.station,
            complaint=self._complaint_of(event), actor=kept.actor, event_id=event.id if taken else None,
        )  # fmt: skip
        self.entries.append(entry)
        if taken:
            self.taken.add(event.id)
        return Outcome(event.id, False, refused.reason, refused.detail)

    def opened(self) -> list[Complaint]:
        """The complaints that this batch opened, as it leaves them."""
        fresh = self.plant.complaints.keys() - self.plant.stored.keys()
        return [self.plant.complaints[named] for named in sorted(fresh)]

    def release_due(self) -> int:
        """Give what waits its turn when it was waited for long enough; how many took effect or were refused."""
        before = len(self.entries)
        self._release(self.plant.waiting.values())
        for waiting in sorted(self.plant.waiting.values(), key=_order):
            if self.plant.find(waiting.complaint) is None and waiting.received_at + UNKNOWN_PATIENCE <= self.now:
                unknown = Refused(Reason.UNKNOWN_COMPLAINT, f"no complaint {waiting.complaint} came within a day")
                self._conclude(waiting, unknown)
        return len(self.entries) - before

    def _hear(self, kept: Kept, roles: frozenset[Role]) -> Outcome:
        event = kept.event
        station = self.plant.chain.stations.get(kept.station)
        if station is None:
            unknown = Refused(Reason.UNKNOWN_STATION, f"the chain has no station {kept.station!r}")
            return self.refuse(kept, unknown, taken=False)
        said = Said(event, station, kept.occurred_at, kept.received_at, roles)
        boot = self.plant.boots.setdefault((kept.station, event.boot), Boot())
        boot.heard(event.seq, self.now)
        if event.kind in DEPENDENT:
            verdict = self._depend(said, boot)
        elif event.kind in PRESSES:
            verdict = press(self.plant, said)
        else:
            verdict = count(said) if event.kind is Kind.COUNT else catch(self.plant, said)
        if isinstance(verdict, Refused):
            outcome = self.refuse(kept, verdict, taken=True)
        else:
            self._write(kept, said, verdict)
            self.taken.add(event.id)
            outcome = Outcome(event.id, True)
        if self.plant.waiting:
            self._release(self.plant.waiting.values())
        return outcome

    def _depend(self, said: Said, boot: Boot) -> Verdict:
        """Decide it when all before it has come, else let it wait. Those of its boot that waited go first."""
        event = said.event
        earlier = [
            w
            for w in self.plant.waiting.values()
            if w.station == said.station.id and w.boot == event.boot and w.seq < event.seq
        ]
        if earlier:
            self._release(earlier)
        complaint = self.plant.find(str(event.complaint))
        if complaint is not None and boot.clear(event.seq, self.now):
            return follow(self.plant, said, complaint)
        waiting = {
            "complaint": event.complaint,
            "station": said.station.id,
            "boot": event.boot,
            "seq": event.seq,
            "received_at": format_instant(said.received_at),
            "roles": sorted(said.roles),
        }
        return Decision(event.kind, complaint.id if complaint else event.complaint, {"waiting": {event.id: waiting}})

    def _write(self, kept: Kept, said: Said, decision: Decision) -> None:
        event, then = kept.event, decision.then
        self.plant.merge(then)
        if "waiting" in then:
            self.plant.waiting[event.id] = Waiting(
                event.id, str(event.complaint), said.station.id, event.boot, event.seq, kept.body["event"],
                tuple(sorted(said.roles)), kept.occurred_at, kept.received_at, kept.actor,
            )  # fmt: skip
        body = kept.body
        body["then"] = then
        entry = Entry(
            decision.kind, body, kept.occurred_at, said.station.line, said.station.id, decision.complaint,
            kept.actor, event.id,
        )  # fmt: skip
        self.entries.append(entry)

    def _release(self, candidates: Iterable[Waiting]) -> None:
        """Let those take effect that wait for nothing any more, in the order of their boots."""
        for waiting in sorted(candidates, key=_order):
            complaint = self.plant.find(waiting.complaint)
            if complaint is None:
                continue
            if not self.plant.boots.setdefault((waiting.station, waiting.boot), Boot()).clear(waiting.seq, self.now):
                continue
            self._conclude(waiting, self._late(waiting))

    def _late(self, waiting: Waiting) -> Verdict:
        try:
            station = self.plant.chain.stations.get(waiting.station)
            complaint = self.plant.find(waiting.complaint)
            if station is None or complaint is None:
                return Refused(Reason.UNKNOWN_STATION, f"the chain has no station {waiting.station!r} any more")
            event = msgspec.convert({**waiting.event, "v": 1, "id": waiting.id, "age_ms": None}, Event)
            roles = frozenset(map(Role, waiting.roles))
            said = Said(event, station, waiting.occurred_at, waiting.received_at, roles)
            return follow(self.plant, said, complaint)
        except Exception:  # gives up this waiting event
            log.exception("waiting event given up", event_id=waiting.id, station=waiting.station)
            return Refused(Reason.BROKEN, "the server could not decide it; it is kept")

    def _conclude(self, waiting: Waiting, verdict: Verdict) -> None:
        """The row by which a waiting event takes effect, or is refused after all."""
        body: dict[str, Any] = {"event": dict(waiting.event), "of": waiting.id}
        found = self.plant.find(waiting.complaint)
        complaint, then = found.id if found else waiting.complaint, {}
        if isinstance(verdict, Refused):
            kind = "refused"
            body |= {"reason": str(verdict.reason), "detail": verdict.detail}
        else:
            kind, then = "applied", dict(verdict.then)
            complaint = verdict.complaint or complaint
        then = {**then, "waiting": {waiting.id: None}}
        self.plant.merge(then)
        body["then"] = then
        station = self.plant.chain.stations.get(waiting.station)
        entry = Entry(
            kind, body, waiting.occurred_at, station.line if station else None, waiting.station, complaint,
            waiting.actor,
        )  # fmt: skip
        self.entries.append(entry)

    def _complaint_of(self, event: Event) -> str | None:
        if event.complaint is None:
            return None
        found = self.plant.find(event.complaint)
        return found.id if found else event.complaint


def needs_proof(event: Event) -> bool:
    """Whether it matters who stands at the station, and it says so."""
    return event.kind in _PROVEN and (event.operator is not None or event.pin is not None)


def _order(waiting: Waiting) -> tuple[str, int]:
    return waiting.boot, waiting.seq
