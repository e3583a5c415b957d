"""Thirteen weeks of a factory with a known truth, written into a data directory before its system starts.

Every press goes through the intake's own transaction and every command through HTTP's, with the clock moved. Machining
scratches more than twice as much from the eighth week on, until a countermeasure two weeks before today.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from threenos_server.access import Actor, Grant, Role, arrival_code
from threenos_server.api import Keys
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.complaints import drills, giving, service
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.bodies import BODIES, AnswerBody, Release
from threenos_server.complaints.life import Command
from threenos_server.db import Database, sqlite_url
from threenos_server.escalation import service as escalation
from threenos_server.folds import FOLDS
from threenos_server.migrations import upgrade
from threenos_wire.events import Event, Kind
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

SITE = "lakeside"
TZ = ZoneInfo("Asia/Shanghai")
WEEKS, WORSE, CURED = 13, 8, 11
KEYS = Keys(pseudonym=b"p" * 32, arrival=b"a" * 32)
BOOT = new_id()
SATURDAY = 5
#: Where it is found, what, and how often in a working day; then a part that has it.
HABITS = (
    ("wash-1", "scratch", 0.7, "H-210"), ("leak-1", "scratch", 0.4, "H-210"), ("mill-2", "porosity", 0.6, "H-210"),
    ("leak-2", "porosity", 0.3, "H-220"), ("mill-1", "cold-shut", 0.3, "H-220"), ("wash-1", "burr", 0.4, "H-220"),
    ("pump-1", "bore-size", 0.3, "H-210"), ("pump-2", "seal-missing", 0.2, None), ("pump-3", None, 0.2, None),
    ("wind-2", "stack-height", 0.3, "M-90"), ("run-1", "bearing-noise", 0.4, "M-90"),
    ("run-2", "low-pressure", 0.2, None), ("pump-1", "turned-round", 0.2, "M-90"),
    ("balance-1", "bar-void", 0.2, "M-90"), ("motor-1", "wire-loose", 0.2, "M-95"),
)  # fmt: skip
CAUGHT = (
    ("trim-1", "burr", 1.0),
    ("mill-1", "bore-size", 0.8),
    ("wind-1", "short-circuit", 0.4),
    ("cast-1", "cold-shut", 0.6),
)
STOPPED = (("leak-1", "leak", 0.16), ("pump-1", "turned-round", 0.1), ("wind-3", "stack-height", 0.06))
ANSWERS = ("The locating pin of the fixture was worn by 0.2 mm.", "It is looked for at the next step only.",
           "New pin, measured at each change of shift.")  # fmt: skip
EVERYBODY = Actor(
    "somebody", "p-somebody",
    tuple(Grant(role, SITE) for role in (Role.TEAM_LEADER, Role.SUPERVISOR, Role.QUALITY_ENGINEER, Role.PROCESS_OWNER)),
)  # fmt: skip

Step = Callable[[Session, datetime], None]


@dataclass
class History:
    """What is still to happen, the next first."""

    random: Random
    until: datetime
    agenda: list[tuple[datetime, int, Step]] = field(default_factory=list)
    order: Any = field(default_factory=count)
    seqs: dict[str, int] = field(default_factory=dict)

    def at(self, when: datetime, step: Step) -> None:
        if when < self.until:
            heapq.heappush(self.agenda, (when, next(self.order), step))

    def run(self, db: Database) -> None:
        """All of it, a day in a transaction."""
        while self.agenda:
            day = self.agenda[0][0].date()
            with db.write() as session:
                while self.agenda and self.agenda[0][0].date() == day:
                    when, _, step = heapq.heappop(self.agenda)
                    step(session, when)

    def say(self, session: Session, now: datetime, station: str, kind: str, **said: Any) -> str:
        seq = self.seqs[station] = self.seqs.get(station, 0) + 1
        event = Event(
            v=1, id=new_id(), boot=BOOT, seq=seq, at=format_instant(now), age_ms=0, kind=Kind(kind), **said
        )  # fmt: skip
        begin = partial(escalation.begin, key=KEYS.pseudonym)
        [outcome] = service.take(session, SITE, [Arrival(event, station, now)], now, KEYS, begin=begin)
        assert outcome.accepted, outcome
        return event.id

    def catch(self, station: str, defect: str, session: Session, now: datetime) -> None:
        self.say(session, now, station, "catch", defect=defect)

    def soon(self, now: datetime, minutes: float) -> datetime:
        return now + timedelta(minutes=self.random.expovariate(1 / minutes) + 0.2)

    def chances(self, rate: float) -> int:
        """How often something happens in a day: a Poisson number."""
        n, left = 0, self.random.expovariate(1)
        while left < rate:
            n, left = n + 1, left + self.random.expovariate(1)
        return n

    def complain(self, kind: str, station: str, said: dict[str, Any], session: Session, now: datetime) -> None:
        """A press and the whole life that follows from it; one that adds to another ends with it."""
        named = self.say(session, now, station, kind, **said)
        if service.find(session, SITE, named).id == named:
            self.at(self.soon(now, 1.5), partial(self.respond, named, kind))

    def respond(self, named: str, kind: str, session: Session, now: datetime) -> None:
        give(session, named, "acknowledge", now)
        self.at(self.soon(now, 4), partial(self.arrive, named, kind))

    def arrive(self, named: str, kind: str, session: Session, now: datetime) -> None:
        give(session, named, "arrive", now, code=arrival_code(KEYS.arrival, named))
        self.at(self.soon(now, 12 if kind == "stop" else 30), partial(self.contain, named, kind))

    def contain(self, named: str, kind: str, session: Session, now: datetime) -> None:
        bad = self.random.randint(1, 6)
        give(session, named, "contain", now, what="The boxes of this shift", where="Q-12", qty_sorted=48.0, qty_bad=bad)
        decision = self.random.choice(({"decision": "scrap", "qty": bad}, {"decision": "rework", "hours": 1.5}))
        give(session, named, "dispose", now, **decision)
        if kind == "stop":
            line = service.find(session, SITE, named).line
            giving.release(session, SITE, line, Release(complaint=named), EVERYBODY, now)
        self.at(self.soon(now, 700), partial(self.answer, named))

    def answer(self, named: str, session: Session, now: datetime) -> None:
        """Nobody answers for what is unclassified: the quality engineer rules first."""
        if service.find(session, SITE, named).made_at == "unclassified":
            give(session, named, "rule", now, reason="looked at together", made_at="motor-assembly")
        body = AnswerBody(*ANSWERS, "Wang", (now + timedelta(days=14)).date())
        giving.command(session, SITE, named, Command.ANSWER, body, EVERYBODY, None, now, KEYS)
        self.at(self.soon(now, 300), partial(self.accept, named))

    def accept(self, named: str, session: Session, now: datetime) -> None:
        give(session, named, "accept", now, rating=self.random.choice((2, 3, 4, 4, 5, 5)))


def give(session: Session, named: str, command: str, now: datetime, **fields: Any) -> None:
    name = Command(command)
    giving.command(session, SITE, named, name, BODIES[name](**fields), EVERYBODY, None, now, KEYS)


def write(data: Path, chain: str | None = None, weeks: int = WEEKS) -> None:
    """A database of so many weeks up to yesterday, in a directory that is made for it."""
    data.mkdir(parents=True, exist_ok=True)
    db = Database(sqlite_url(data), FOLDS)
    now = datetime.now(UTC)
    today = now.astimezone(TZ).date()
    first = today - timedelta(weeks=weeks)
    history = History(Random(7), now - timedelta(hours=1))
    try:
        upgrade(db)
        with db.write() as session:
            import_chain(session, chain or example.text(), None, local(first, 0))
        for day in (first + timedelta(days=n) for n in range((today - first).days)):
            if day.weekday() <= SATURDAY:
                plan(history, day, (day - first).days // 7)
        history.run(db)
    finally:
        db.close()


def plan(history: History, day: date, week: int) -> None:
    """What happens on a working day."""
    for process in (p.id for p in example.chain().processes.values() if p.kind == "step"):
        units = float(history.random.randint(780, 920))
        history.at(local(day, 21.9), partial(counted, process, day, units))
    for station, defect, rate, part in HABITS:
        worse = 2.4 if defect == "scratch" and WORSE <= week < CURED else 1.0
        for _ in range(history.chances(rate * worse)):
            said = {"defect": defect, "part": part, "qty": history.random.randint(1, 8)}
            moment(history, day, partial(history.complain, "reject", station, {k: v for k, v in said.items() if v}))
    for station, defect, rate in STOPPED:
        for _ in range(history.chances(rate)):
            moment(history, day, partial(history.complain, "stop", station, {"defect": defect}))
    for station, defect, rate in CAUGHT:
        for _ in range(history.chances(rate)):
            moment(history, day, partial(history.catch, station, defect))


def counted(process: str, day: date, units: float, session: Session, now: datetime) -> None:
    """What the MES says of the early and the late shift."""
    for begin, end, share in ((6, 14, 0.55), (14, 22, 0.45)):
        said = drills.Counted(
            process=process, since=local(day, begin), until=local(day, end), units=round(units * share)
        )
        drills.record_count(session, SITE, said, EVERYBODY, now)


def moment(history: History, day: date, step: Step) -> None:
    """Some time in the early or late shift."""
    history.at(local(day, history.random.uniform(6.2, 21.8)), step)


def local(day: date, hour: float) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=TZ)
    return (midnight + timedelta(hours=hour)).astimezone(UTC)
