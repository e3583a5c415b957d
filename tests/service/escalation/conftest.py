"""A plant with a moved clock: the example factory, people on its rosters, presses through the real intake service."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Actor, Grant, Role
from threenos_server.api import Keys
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.model import Complaint
from threenos_server.complaints.service import Begin, find, take
from threenos_server.db import Database
from threenos_server.escalation.clock import ClockLoop
from threenos_server.escalation.service import begin
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.journal.model import Row
from threenos_server.journal.service import every
from threenos_server.notify.tables import Notice
from threenos_server.people import rosters, service
from threenos_server.people.model import Duty
from threenos_wire.events import Event, Kind
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

SITE = "lakeside"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 at the plant
KEY = b"k" * 32


@dataclass
class Plant:
    """Tell a story with it: press, move the clock, see who was told."""

    db: Database
    now: datetime = START
    seq: int = 0
    people: dict[str, str] = field(default_factory=dict)
    #: What the intake asks for with each batch; without it the first step of a ladder is the clock's.
    begin: Begin = lambda *_: ()

    def __post_init__(self) -> None:
        self.clock = ClockLoop(self.db, KEY, lambda: self.now)

    def employ(self, name: str, role: Role, address: str | None = "log:", *, process: str | None = None) -> None:
        """Somebody who holds that role everywhere (or for a process), in every shift."""
        with self.db.write() as session:
            person = service.add(session, name, START, grants=[Grant(role, SITE, None, process)])
            service.set_addresses(session, person.id, [address] if address else [])
            rosters.put(session, SITE, Duty("", person.id, role, process=process))
            session.flush()
        self.people[person.id] = name

    def press(self, station: str, kind: Kind = Kind.REJECT, **more: Any) -> str:
        """One event of a station, now; its id."""
        self.seq += 1
        event = Event(
            v=1, id=new_id(), boot="0199a3bf-0000-7000-8000-00000000000" + str(len(station) % 10), seq=self.seq,
            at=format_instant(self.now), age_ms=0, kind=kind, **more,
        )  # fmt: skip
        with self.db.write() as session:
            arrival = Arrival(event, station, self.now)
            outcomes = take(session, SITE, [arrival], self.now, Keys(KEY, KEY), _nobody, self.begin)
        assert outcomes[0].accepted, outcomes
        return event.id

    def wait(self, seconds: float) -> None:
        """Let time pass, and the clock look once at the end of it."""
        self.now += timedelta(seconds=seconds)
        self.clock.run_once(SITE, self.now)

    def complaint(self, named: str) -> Complaint:
        with self.db.read() as session:
            return find(session, SITE, named)

    def told(self) -> list[tuple[str | None, str]]:
        """Whom the outbox tells what, in order."""
        with self.db.read() as session:
            return [(self.people.get(n.person or ""), n.kind) for n in session.scalars(_by_id())]

    def notices(self) -> list[Notice]:
        with self.db.read() as session:
            found = list(session.scalars(_by_id()))
            session.expunge_all()
            return found

    def rows(self, *kinds: str) -> list[Row]:
        with self.db.read() as session:
            return [row for row in every(session, SITE) if not kinds or row.kind in kinds]

    def open_deadlines(self, complaint: str) -> set[str]:
        with self.db.read() as session:
            query = sa.select(DeadlineRow.clock).where(DeadlineRow.complaint == complaint, DeadlineRow.state == "open")
            return set(session.scalars(query))


def _by_id() -> sa.Select[tuple[Notice]]:
    return sa.select(Notice).order_by(Notice.created_at, Notice.id)


def _nobody(_session: Session, _site: str, _badge: str | None, _pin: str | None, _station: str) -> Actor | None:
    return None


@pytest.fixture
def plant(db: Database) -> Plant:
    """The example factory with one person for each role."""
    return _staffed(db)


@pytest.fixture
def either_plant(either_db: Database) -> Plant:
    """The same, on both databases."""
    return _staffed(either_db)


@pytest.fixture
def fast_plant(either_db: Database) -> Plant:
    """The same, with an intake that climbs the first step by itself."""
    plant = _staffed(either_db)
    plant.begin = partial(begin, key=KEY)
    return plant


def _staffed(db: Database) -> Plant:
    with db.write() as session:
        import_chain(session, example.text(), "test", START)
    floor = Plant(db)
    for name, role in (
        ("Ann", Role.TEAM_LEADER),
        ("Sue", Role.SUPERVISOR),
        ("Dan", Role.DIRECTOR),
        ("Ole", Role.PROCESS_OWNER),
    ):
        floor.employ(name, role)
    return floor
