"""A generated factory whose truth is known: seven processes in a row, eighty days, and three that misbehave.

`a` doubles its defect rate on day 40, `b` passes on whatever comes in, `c` hides what it makes. Which processes those
are, and everything else, is drawn by the seed. The intake decides each kind of press once; its rows are then written
again for every defect, with the time and id of that defect, and folded by the real folds. (Said through the intake
itself, a press would add to the one before it until somebody had contained that.)
"""

import math
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from homes import Template
from service.complaints.works import SITE, Works
from service.reports.desk import Desk

from threenos_server.chain.service import import_chain
from threenos_server.db import Database
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry, Row
from threenos_wire.instants import format_instant

CHAIN = ("cutting", "bending", "welding", "grinding", "painting", "assembly", "packing")
DAYS, CHANGED = 80, 39  # days are counted from 0: index 39 is day 40
FIRST = date(2026, 6, 1)
#: Days in one transaction: what takes longest is the disk.
AT_ONCE = 8
#: Long enough after the last day that nothing of it may still be found.
NOW = datetime(2026, 10, 1, 4, tzinfo=UTC)
TZ = ZoneInfo("Asia/Shanghai")
#: Defects for each unit; the share that a process catches of its own, and of what comes in; the last one looks harder.
RATE, OWN, INCOMING, LAST = 0.006, 0.35, 0.6, 0.95
HIDING, PASSING = 0.03, 0.02
#: A defect of this kind is looked for at the very end only: nobody else is to be held to it.
OBSCURE = 0.12


@dataclass(frozen=True)
class Truth:
    """Who misbehaves."""

    seed: int
    a: str
    b: str
    c: str
    rates: dict[str, float]


@dataclass(frozen=True)
class Tally:
    """What really was: defects found by (made-at, found-at, whether obscure), and units by process."""

    found: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Factory:
    """A factory after its eighty days."""

    truth: Truth
    desk: Desk
    tally: Tally


def drawn(seed: int) -> Truth:
    """The truth of a seed. Nobody finds what the last process makes; what comes in is known from the third one on."""
    rng = random.Random(f"truth {seed}")
    b = rng.choice(CHAIN[2:5])
    a, c = rng.sample([p for p in CHAIN[:5] if p != b], 2)
    return Truth(seed, a, b, c, {p: RATE * rng.uniform(0.9, 1.1) for p in CHAIN})


def day_of(index: int) -> str:
    """A day as it is asked for."""
    return (FIRST + timedelta(days=index)).isoformat()


def begin(db: Database) -> None:
    """The chain, and a press of every kind, a day before anything is counted."""
    works = Works(db, datetime.combine(FIRST - timedelta(days=1), time(8), TZ).astimezone(UTC))
    with db.write() as session:
        import_chain(session, _chain(), None, works.now)
    events = [works.event(p, "catch", defect=_code(p, obscure)) for p in CHAIN for obscure in (False, True)]
    for i, made in enumerate(CHAIN):
        for found in CHAIN[i + 1 :]:
            events.append(works.event(found, "reject", supplier=made, defect=_code(made, False)))
        if made != CHAIN[-1]:
            events.append(works.event(CHAIN[-1], "reject", supplier=made, defect=_code(made, True)))
    assert all(outcome.accepted for outcome in works.take(*events))


@contextmanager
def running(prepared: Template, truth: Truth) -> Iterator[Factory]:
    """The factory of that truth, from a database that `begin` has prepared."""
    with prepared.copied() as db:
        works = Works(db, NOW)
        yield Factory(truth, Desk(works), _produce(works, truth))


def _produce(works: Works, truth: Truth) -> Tally:
    rng, tally = random.Random(truth.seed), Tally()
    kinds = {_key(row): row for row in works.rows() if row.kind in ("catch", "reject")}
    for first in range(0, DAYS, AT_ONCE):
        rows: list[Entry] = []
        for index in range(first, first + AT_ONCE):
            began = datetime.combine(FIRST + timedelta(days=index), time(6), TZ).astimezone(UTC)
            rows += sorted(_day(rng, truth, index, began, kinds, tally), key=lambda entry: entry.occurred_at)
        with works.db.write() as session:
            journal.append(session, SITE, rows, began + timedelta(hours=18))
    return tally


def _day(
    rng: random.Random, truth: Truth, index: int, began: datetime, kinds: dict[tuple[str, str], Row], tally: Tally
) -> Iterator[Entry]:
    for i, process in enumerate(CHAIN):
        units = rng.randint(1800, 2200)
        tally.units[process] += units
        yield _counted(process, units, began)
        rate = truth.rates[process] * (2 if process == truth.a and index >= CHANGED else 1)
        for _ in range(_poisson(rng, rate * units)):
            obscure = rng.random() < OBSCURE
            where = _found(rng, truth, i, obscure)
            if where is not None:
                # An hour for each process on the way; the shift is long enough for all of them.
                at = began + timedelta(seconds=rng.randrange(8 * 3600), hours=CHAIN.index(where) - i)
                tally.found[process, where, obscure] += 1
                yield _again(kinds[where, _code(process, obscure)], at, rng)


def _found(rng: random.Random, truth: Truth, made: int, obscure: bool) -> str | None:
    """Where a defect is found; None: the final customer has it."""
    for process in CHAIN[made:]:
        last = process == CHAIN[-1]
        if process == CHAIN[made]:
            chance = HIDING if process == truth.c else OWN
        elif obscure and not last:
            continue
        else:
            chance = PASSING if process == truth.b else LAST if last else INCOMING
        if rng.random() < chance:
            return process
    return None


def _again(kind: Row, at: datetime, rng: random.Random) -> Entry:
    """The row of such a press for another defect."""
    named = str(UUID(int=rng.getrandbits(128), version=4))
    then: dict[str, Any] = kind.body["then"]
    if kind.kind == "reject":
        (said,) = then["complaints"].values()
        moved = dict.fromkeys(("occurred_at", "received_at", "round_started_at"), format_instant(at))
        opened = {**said, **moved, "id": named}
        then = {"complaints": {named: opened}, "presses": {named: {"complaint": named, "qty": None}}}
    complaint = named if kind.kind == "reject" else None
    return Entry(kind.kind, kind.body | {"then": then}, at, kind.line, kind.station, complaint, None, named)


def _counted(process: str, units: int, began: datetime) -> Entry:
    """What an MES says of a day, as `complaints.drills` journals it."""
    ended = began + timedelta(hours=16)
    period = {"from": format_instant(began), "to": format_instant(ended), "total": float(units)}
    said = {"process": process, "station": None, "units": float(units), **period}
    return Entry("count", {"command": {"name": "count"}, "then": {"counts": [said]}}, ended)


def _key(row: Row) -> tuple[str, str]:
    return str(row.station), row.body["event"]["defect"]


def _code(process: str, obscure: bool) -> str:
    return f"{process}-{'obscure' if obscure else 'plain'}"


def _poisson(rng: random.Random, mean: float) -> int:
    """Knuth's: uniform numbers are multiplied until they are below e⁻ᵐ."""
    n, product, limit = 0, rng.random(), math.exp(-mean)
    while product > limit:
        n, product = n + 1, product * rng.random()
    return n


def _chain() -> str:
    """One line; a station is called as its process is."""
    lines = [
        f"site: {{id: {SITE}, name: Known truth, timezone: {TZ.key}, currency: CNY}}",
        "calendar: {shifts: [{id: day, name: Day, from: 06:00, until: 22:00, days: mon-sun}]}",
        "lines: [{id: frames, name: Frames}]",
        "processes:",
        *(f"- {{id: {p}, name: {p}, line: frames, owner: process-owner}}" for p in CHAIN),
        "stations:",
        *(f"- {{id: {p}, name: {p}, process: {p}}}" for p in CHAIN),
        "links:",
        *(f"- {{supplier: {a}, customer: {b}}}" for a, b in zip(CHAIN, (*CHAIN[1:], "final-customer"), strict=True)),
        "defects:",
    ]
    for i, made in enumerate(CHAIN):
        for obscure, looking in ((False, CHAIN[i:]), (True, CHAIN[-1:])):
            said = f"severity: major, origin: {made}, inspected_by: [{', '.join(looking)}]"
            lines.append(f"- {{code: {_code(made, obscure)}, name: {_code(made, obscure)}, {said}}}")
    return "\n".join(lines) + "\n"
