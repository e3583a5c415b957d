"""What had to be fired, stopped and told, by the rows of the journal alone; and whether it was."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from chaos.factory import SITE
from chaos.people import Told
from chaos.violation import Violation

from threenos_server import keys
from threenos_server.access import pseudonym
from threenos_server.journal.model import Row
from threenos_server.notify.tables import Notice
from threenos_server.people.rows import every as everybody
from threenos_wire.instants import parse_instant

#: What ends a ladder: somebody came, or the complaint is gone.
_COME = frozenset({"arrived", "contained", "answered", "closed", "withdrawn", "merged"})
#: What became due with the last row may still be on its way.
_AT_ONCE = timedelta(seconds=1)


@dataclass(slots=True)
class _Life:
    """A complaint as its rows tell it: what had to be fired when, and when it was over or first answered to."""

    kind: str
    due: dict[tuple[str, int], datetime]
    moved: bool = False
    about: tuple[str, str] | None = None
    marks: Counter[tuple[str, int]] = field(default_factory=Counter)


def escalations(rows: list[Row]) -> Iterator[Violation]:
    """What was due while nobody had come was fired, once; each missed limit is complained of."""
    now, lives = rows[-1].at, _lives(rows)
    mutual = Counter(life.about for life in lives.values() if life.about is not None)
    for named, life in lives.items():
        for key, count in life.marks.items():
            if count > 1:
                yield Violation("twice", f"{named} {key} was fired {count} times")
        for key, at in life.due.items():
            if not life.moved and at < now and not life.marks[key]:
                yield Violation("escalation", f"{named} {key} was due at {at} and was never fired")
        for clock, _ in life.marks:
            if clock != "ladder" and life.kind != "late-response" and mutual[named, clock] != 1:
                yield Violation("escalation", f"{named}: {mutual[named, clock]} late-responses about {clock}")


def graces(rows: list[Row]) -> Iterator[Violation]:
    """A line whose grace is over stands."""
    lines: dict[str, dict[str, Any]] = {}
    for row in rows:
        for line, patch in row.body.get("then", {}).get("lines", {}).items():
            lines[line] = lines.get(line, {}) | patch
    for line, now in lines.items():
        if now.get("stop_at") and parse_instant(now["stop_at"]) + _AT_ONCE < rows[-1].at:
            yield Violation("grace", f"line {line} was to stop at {now['stop_at']} and is {now['state']}")


def notices(session: Any, data: Path, rows: list[Row], told: Told) -> Iterator[Violation]:
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
