"""The transactions of complaints: take a station's events, give commands, and what the clock asks for."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from threenos_server.access import Role
from threenos_server.api import Keys
from threenos_server.chain.model import Chain
from threenos_server.chain.service import current
from threenos_server.complaints import load
from threenos_server.complaints.arrival import Arrival, Kept, Outcome, Who, keep, nobody
from threenos_server.complaints.attribution import charge
from threenos_server.complaints.decide.decision import Decision
from threenos_server.complaints.decide.lines import line_stop_due
from threenos_server.complaints.decide.setback import set_back as set_back_of
from threenos_server.complaints.life import ComplaintKind, Refused
from threenos_server.complaints.model import Complaint, known_defect, merge_key
from threenos_server.complaints.rights import proven_roles
from threenos_server.complaints.taking import Taking, needs_proof
from threenos_server.complaints.view import Plant
from threenos_server.errors import NotFound, ThreenosError
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry
from threenos_wire.events import PRESSES, Kind, Reason
from threenos_wire.instants import parse_instant

log = structlog.get_logger()


Begin = Callable[[Session, Chain, Sequence[Complaint], datetime], Sequence[Entry]]
"""What follows at once from complaints that are being opened: rows to be appended in the same transaction."""


def take(
    session: Session,
    site: str,
    arrivals: Sequence[Arrival],
    now: datetime,
    keys: Keys,
    who: Who = nobody,
    begin: Begin = lambda *_: (),
) -> list[Outcome]:
    """Decide and journal events of one site, oldest first; an outcome for each, in their order.

    `begin` is asked about the complaints that they open; without it their first step is the clock's, a moment later.

    The same event again is answered as before and changes nothing. Raises NotFound for a site without a chain.
    """
    journal.lock(session, site)
    chain = current(session, site)
    pseudonyms: dict[str, str] = {}
    kept = [keep(a, site, keys.pseudonym, pseudonyms) for a in arrivals]
    known = journal.known_events(session, list({k.event.id for k in kept}))
    fresh = [k for k in kept if k.event.id not in known]
    taking = Taking(_plant(session, site, chain, fresh), now)
    refusals = load.refusals(session, site, sorted({seq for seq, _ in known.values()})) if known else {}
    seen: dict[str, tuple[str, Outcome]] = {}
    for named, (seq, digest) in known.items():
        why = refusals.get(seq)
        seen[named] = digest, Outcome(named, False, Reason(why[0]), why[1]) if why else Outcome(named, True)
    outcomes = []
    for arrival, one in zip(arrivals, kept, strict=True):
        before = seen.get(one.event.id)
        if before is not None:
            outcome = _again(taking, one, *before)
        else:
            outcome = taking.hear(one, _proven(chain, site, arrival, who))
            if one.event.id in taking.taken:
                seen[one.event.id] = one.body["digest"], outcome
        outcomes.append(_by_its_own_id(arrival, outcome))
    if opened := taking.opened():
        taking.entries += begin(session, chain, opened, now)
    _append(session, site, taking, now)
    return outcomes


def release_waiting(session: Session, site: str, now: datetime) -> int:
    """Give waiting events their turn when a hole was waited for long enough, or a complaint for a day. How many."""
    waiting = load.all_waiting(session, site)
    if not waiting:
        return 0
    journal.lock(session, site)
    plant = Plant(current(session, site))
    plant.waiting = {w.id: w for w in load.all_waiting(session, site)}
    plant.boots = load.boots(session, site, {(w.station, w.boot) for w in plant.waiting.values()})
    load.add_named(session, site, plant, [w.complaint for w in plant.waiting.values()])
    load.add_stops(session, site, plant)
    taking = Taking(plant, now)
    done = taking.release_due()
    _append(session, site, taking, now)
    return done


def stop_lines_due(session: Session, site: str, now: datetime) -> int:
    """Stop the lines whose grace is over; how many rows `line-stopped` that made."""
    if not load.pending_lines(session, site, now):
        return 0
    journal.lock(session, site)
    plant = Plant(current(session, site))
    load.add_stops(session, site, plant)
    decisions = [d for line in sorted(plant.lines) for d in line_stop_due(plant, line, now)]
    if decisions:
        journal.append(session, site, [_of_line(plant, d, now) for d in decisions], now)
    return len(decisions)


def set_back(session: Session, site: str, back: timedelta, now: datetime) -> int:
    """Date anew what runs of complaints whose round began after `now`, by a clock that was ahead; how many rows."""
    journal.lock(session, site)
    plant = Plant(current(session, site))
    load.add_stops(session, site, plant)
    ahead = [c for c in load.live(session, site, None, None) if parse_instant(c.round_started_at) > now]
    plant.complaints.update((c.id, c) for c in ahead)
    decisions: list[Decision] = []
    for complaint in ahead:
        decisions.append(set_back_of(plant, complaint, back))
        plant.merge(decisions[-1].then)
    journal.append(session, site, [_of_line(plant, d, now) for d in decisions], now)
    return len(decisions)


def live_at(session: Session, site: str, station: str | None = None, newest: int | None = None) -> list[Complaint]:
    """The complaints that are not over, newest first: of one station (as customer), or of the whole site."""
    return load.live(session, site, station, newest)


def count_live_at(session: Session, site: str, station: str) -> int:
    """How many complaints of a station are not over."""
    return load.count_live(session, site, station)


def find(session: Session, site: str, named: str) -> Complaint:
    """The complaint of that id, or the one to which a press of that id led; a merged one as it stands.

    Raises NotFound.
    """
    press = load.presses(session, site, [named]).get(named)
    found = load.one(session, site, press.complaint if press else named)
    if found is None:
        raise NotFound(f"there is no complaint {named!r}")
    return found


def _append(session: Session, site: str, taking: Taking, now: datetime) -> None:
    if taking.entries:
        with load.already_read(session, taking.plant.stored):
            journal.append(session, site, taking.entries, now)


def _plant(session: Session, site: str, chain: Chain, fresh: Sequence[Kept]) -> Plant:
    """The plant as far as these events can touch it."""
    plant = Plant(chain)
    stations = {k.station for k in fresh}
    plant.boots = load.boots(session, site, {(k.station, k.event.boot) for k in fresh})
    waiting = load.waiting(session, site, stations)
    plant.waiting = {w.id: w for w in waiting}
    named = [k.event.complaint for k in fresh if k.event.complaint] + [w.complaint for w in waiting]
    kinds = {k.event.kind for k in fresh}
    if waiting or kinds & _OF_LINES or any(k.event.drill for k in fresh):
        load.add_stops(session, site, plant)
    if named:
        load.add_named(session, site, plant, named)
    load.add_keyed(session, plant, {key for k in fresh if k.event.kind in PRESSES for key in _keys(chain, k)})
    return plant


def _keys(chain: Chain, kept: Kept) -> tuple[str, ...]:
    """The merge keys that a press may have, as a drill or not."""
    event, station = kept.event, chain.stations.get(kept.station)
    if station is None:
        return ()
    kind = ComplaintKind(event.kind)
    defect = None if kind is ComplaintKind.CALL else known_defect(chain, event.defect)
    supplier = charge(chain, station.process, event.supplier, defect, kind, station.line).supplier
    drills = (False, True) if event.drill else (False,)
    return tuple(merge_key(station.id, supplier, defect, kind, drill) for drill in drills)


def _again(taking: Taking, kept: Kept, digest: str, outcome: Outcome) -> Outcome:
    if kept.body["digest"] == digest:
        return outcome
    reused = Refused(Reason.ID_REUSED, "this id was taken by another event; nothing of it was changed")
    return taking.refuse(kept, reused, taken=False)


def _by_its_own_id(arrival: Arrival, outcome: Outcome) -> Outcome:
    """A station knows its event by the id as it wrote it."""
    if outcome.id == arrival.event.id:
        return outcome
    return Outcome(arrival.event.id, outcome.accepted, outcome.reason, outcome.detail)


def _proven(chain: Chain, site: str, arrival: Arrival, who: Who) -> frozenset[Role]:
    event, station = arrival.event, chain.stations.get(arrival.station)
    if station is None or not needs_proof(event):
        return frozenset()
    try:
        actor = who(site, event.operator, event.pin, arrival.station)
    except ThreenosError as e:
        # A badge that is locked or unknown proves nothing; the event itself is judged without it.
        log.warning("nobody proven at the station", station=arrival.station, event_id=event.id, why=e.detail)
        return frozenset()
    return proven_roles(actor, site, station.line, station.process)


def _of_line(plant: Plant, decision: Decision, now: datetime) -> Entry:
    complaint = plant.complaints[str(decision.complaint)]
    body = {"then": dict(decision.then)}
    return Entry(decision.kind, body, now, complaint.line, complaint.station, complaint.id)


_OF_LINES = frozenset({Kind.STOP, Kind.RELEASE, Kind.WITHDRAW})
