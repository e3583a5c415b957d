"""The verdict: what must hold of the data, whatever was killed. Reads the database; believes nothing else."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from chaos.factory import SITE
from chaos.people import Told
from chaos.pressing import Ledger

from threenos_server import keys
from threenos_server.access import pseudonym
from threenos_server.complaints.tables import WaitingEvent
from threenos_server.db import Database, sqlite_url
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.folds import FOLDS
from threenos_server.intake.tables import Quarantined
from threenos_server.journal import service as journal
from threenos_server.journal.model import Break, Row
from threenos_server.journal.rebuild import compare
from threenos_server.journal.verify import verify
from threenos_server.notify.tables import Notice
from threenos_server.people.rows import every as everybody
from threenos_wire.instants import parse_instant

#: What ends a ladder: somebody came, or the complaint is gone.
_COME = frozenset({"arrived", "contained", "answered", "closed", "withdrawn", "merged"})


@dataclass(frozen=True, slots=True)
class Violation:
    """What does not hold, in one word and in detail."""

    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(slots=True)
class _Life:
    """A complaint as its rows tell it: what had to be fired when, and when it was over or first answered to."""

    kind: str
    due: dict[tuple[str, int], datetime]
    moved: bool = False
    about: tuple[str, str] | None = None
    marks: Counter[tuple[str, int]] = field(default_factory=Counter)


def check(data: Path, ledger: Ledger, told: Told) -> list[Violation]:
    """Every violation there is; the processes have ended or are idle."""
    db = Database(sqlite_url(data), FOLDS)
    try:
        with db.write() as session:
            rows = list(journal.every(session, SITE))
            now = rows[-1].at
            return [
                *_events(rows, ledger),
                *_commands(rows, ledger),
                *_whole(session),
                *_escalations(rows, now),
                *_notices(session, data, rows, told),
                *(Violation("quarantine", f"{q.reason}: {q.detail}") for q in session.scalars(sa.select(Quarantined))),
            ]
    finally:
        db.close()


def left(data: Path, now: datetime) -> dict[str, int]:
    """What is still to be done: deadlines that are due, notices to be sent, events that wait. Empty: all is done."""
    db = Database(sqlite_url(data))
    due = sa.select(DeadlineRow).where(DeadlineRow.state == "open", DeadlineRow.due_at <= now)
    unsent = sa.select(Notice).where(Notice.state.in_(("waiting", "sending")))
    try:
        with db.read() as session:
            asked = {"deadlines": due, "notices": unsent, "waiting events": sa.select(WaitingEvent)}
            counts = {
                name: session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))
                for name, query in asked.items()
            }
    finally:
        db.close()
    return {name: count for name, count in counts.items() if count}


def _events(rows: list[Row], ledger: Ledger) -> Iterator[Violation]:
    """Each event that was saved or called recorded is one row, once; and none is there that nobody tried to press."""
    rows_of = Counter(r.event_id for r in rows if r.event_id is not None)
    for named in sorted(ledger.recorded - rows_of.keys()):
        yield Violation("lost", f"{named} was called recorded and is not in the journal")
    for named in sorted(ledger.saved - ledger.recorded - rows_of.keys()):
        yield Violation("lost", f"{named} was saved and is not in the journal")
    for pressed, count in rows_of.items():
        if count > 1:
            yield Violation("twice", f"{pressed} is in the journal {count} times")
        if pressed not in ledger.tried:
            yield Violation("stranger", f"{pressed} is in the journal, but nobody pressed it")


def _commands(rows: list[Row], ledger: Ledger) -> Iterator[Violation]:
    texts = Counter(r.body["command"]["text"] for r in rows if r.kind == "comment")
    for text, answered in ledger.commands.items():
        if texts[text] > 1 or (answered and texts[text] != 1):
            yield Violation("command", f"{text!r} is in the journal {texts[text]} times; answered: {answered}")


def _whole(session: Any) -> Iterator[Violation]:
    found = verify(session, SITE)
    if isinstance(found, Break):
        yield Violation("chain", found.detail)
    try:
        yield from (Violation("rebuild", str(d)) for d in compare(session, SITE, FOLDS))
    except sa.exc.IntegrityError as e:
        yield Violation("rebuild", f"the journal cannot be folded again: {e.orig}")
        session.rollback()


def _escalations(rows: list[Row], now: datetime) -> Iterator[Violation]:
    """From the rows alone: what was due while nobody had come was fired, once; each missed limit is complained of."""
    lives = _lives(rows)
    mutual = Counter(life.about for life in lives.values() if life.about is not None)
    for named, life in lives.items():
        for key, count in life.marks.items():
            if count > 1:
                yield Violation("escalation", f"{named} {key} was fired {count} times")
        for key, at in life.due.items():
            if not life.moved and at < now and not life.marks[key]:
                yield Violation("escalation", f"{named} {key} was due at {at} and was never fired")
        for clock, _ in life.marks:
            if clock != "ladder" and life.kind != "late-response" and mutual[named, clock] != 1:
                yield Violation("escalation", f"{named}: {mutual[named, clock]} late-responses about {clock}")


def _lives(rows: list[Row]) -> dict[str, _Life]:
    lives: dict[str, _Life] = {}
    for row in rows:
        then = row.body.get("then", {})
        for named, patch in then.get("complaints", {}).items():
            if named not in lives:
                lives[named] = _opened(patch)
            elif patch.get("state") in _COME or patch.get("state") == "acknowledged":
                lives[named].moved = True
        for key, mark in then.get("deadlines", {}).items():
            complaint, _, clock, level = key.split("/")
            if mark["state"] == "fired":
                lives[complaint].marks[clock, int(level)] += 1
    return lives


def _opened(patch: dict[str, Any]) -> _Life:
    due = {(clock, 0): parse_instant(at) for clock, at in patch["due"].items()}
    due |= {("ladder", step["level"]): parse_instant(step["at"]) for step in patch["ladder"]}
    about = patch["about"]
    return _Life(patch["kind"], due, about=(about["complaint"], about["clock"]) if about else None)


def _notices(session: Any, data: Path, rows: list[Row], told: Told) -> Iterator[Violation]:
    """What the outbox calls sent was handed over; and everybody whom the journal calls told has heard of it."""
    for notice in session.scalars(sa.select(Notice)):
        if notice.state != "sent":
            yield Violation("notice", f"{notice.id} for {notice.role} is {notice.state}: {notice.reason}")
        elif notice.id not in told.notices:
            yield Violation("notice", f"{notice.id} for {notice.role} is called sent and was never handed over")
    key = keys.load(data).pseudonym
    names = {pseudonym(key, SITE, person.id): person.name for person in everybody(session)}
    heard: dict[str | None, set[str]] = defaultdict(set)
    for who, complaint in told.about:
        heard[complaint].add(who)
    for row in rows:
        if row.kind == "escalated":
            for who in {names[p] for p in row.body["escalation"]["told"]} - heard[row.complaint]:
                yield Violation("notice", f"{who} was to be told of {row.complaint} and never heard of it")
