"""A plant to tell stories with: the example factory, its people on their rosters, and a clock that is moved by hand.

All of it is the real thing on a real database: the intake's `take`, the commands, the clock loop, outbox and sender.
Only the instant is handed in, and a message is handed over into a list.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any

import sqlalchemy as sa
from homes import Template

from threenos_server.access import Actor, Grant, Role, arrival_code, pseudonym
from threenos_server.api import Keys
from threenos_server.chain import example
from threenos_server.chain.service import current, import_chain
from threenos_server.cli.clockwork import contact_of
from threenos_server.complaints import bodies, drills, giving, load, service
from threenos_server.complaints.arrival import Arrival, Outcome
from threenos_server.complaints.life import Command
from threenos_server.complaints.model import Complaint
from threenos_server.complaints.tables import CatchRow, ComplaintRow
from threenos_server.complaints.view import LineNow
from threenos_server.db import Database
from threenos_server.errors import Conflict, Forbidden
from threenos_server.escalation.clock import ClockLoop
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.folds import FOLDS
from threenos_server.journal import service as journal
from threenos_server.journal.model import Head, Row
from threenos_server.journal.rebuild import Difference, compare
from threenos_server.journal.verify import verify
from threenos_server.notify.sender import Sender
from threenos_server.notify.senders import Outgoing
from threenos_server.notify.tables import Notice
from threenos_server.people import badges, rosters
from threenos_server.people import service as people
from threenos_server.people.model import Duty, Person
from threenos_wire.events import Event, Kind
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

SITE = "lakeside"
#: A Monday, ten in the morning at the plant.
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEYS = Keys(pseudonym=b"p" * 32, arrival=b"a" * 32)
ANSWER = {
    "cause_made": "the die runs too cold",
    "cause_missed": "the X-ray looks at one part in fifty",
    "countermeasure": "an interlock on the die's temperature",
    "owner": "die shop",
    "due_on": date(2026, 12, 4),
}
#: Who is there when a story begins, by what they are called in it.
USUAL = {
    "team leader": Role.TEAM_LEADER,
    "supervisor": Role.SUPERVISOR,
    "director": Role.DIRECTOR,
    "quality engineer": Role.QUALITY_ENGINEER,
}


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody got: when, and of each notice in it the kind and the complaint."""

    to: str
    at: datetime
    title: str
    notices: tuple[tuple[str, str | None], ...]


class Clock:
    """The plant's time. It only moves when the story says so."""

    def __init__(self, plant: "Plant") -> None:
        self._plant = plant
        self.now = START

    def advance(self, **span: float) -> None:
        """Let time pass while the clock process runs: it looks at every instant at which something becomes due."""
        until = self.now + timedelta(**span)
        self._plant.look()
        while (then := self._plant.next_due(self.now, until)) < until:
            self.now = then
            self._plant.look()
        self.now = until
        self._plant.look()

    def stand_still(self, **span: float) -> None:
        """Let time pass while the clock process is down; it looks once at the end."""
        self.now += timedelta(**span)
        self._plant.look()


@dataclass
class Plant:
    """Each step is a transaction of its own. People are called by what they do."""

    db: Database
    messages: list[Message] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    boots: dict[str, str] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock(self)
        self._loop = ClockLoop(self.db, KEYS.pseudonym, self.now)
        self._sender = Sender(self.db, contact_of, self.now, self._hand_over, lambda: 0.0)
        self._who = badges.checker(KEYS.pseudonym, self.now)
        self._written = Lock()

    def now(self) -> datetime:
        return self.clock.now

    # People.

    def employ(self, name: str, role: Role, process: str | None = None, *, on_duty: bool = True) -> None:
        """Somebody with that role, a badge and an address; on the roster of every shift unless told otherwise."""
        with self.db.write() as session:
            person = people.add(session, name, START, grants=[Grant(role, SITE, None, process)])
            people.set_addresses(session, person.id, [f"log:{name}"])
            badges.give_badge(session, KEYS.pseudonym, SITE, person.id, f"badge of {name}", START)
            if on_duty:
                rosters.put(session, SITE, Duty("", person.id, role, process=process))
            self.people[name] = person

    def send_home(self, name: str) -> None:
        """From now on they are on the roster of the night only."""
        with self.db.write() as session:
            for duty in rosters.every(session, SITE):
                if duty.person == self.people[name].id:
                    rosters.put(session, SITE, replace(duty, shift="night"))

    def actor(self, name: str) -> Actor:
        """Signed in."""
        person = self.people[name]
        return Actor(name, pseudonym(KEYS.pseudonym, SITE, person.id), person.grants)

    # Stations.

    def event(self, station: str, kind: str, **said: Any) -> Arrival:
        """What the station says next; not yet sent."""
        boot = said.pop("boot", None) or self.boots.setdefault(station, new_id())
        seq = self.seqs[boot] = said.pop("seq", self.seqs.get(boot, 0) + 1)
        fields = {
            "v": 1, "id": new_id(), "boot": boot, "seq": seq, "at": format_instant(self.now()), "age_ms": 0,
        }  # fmt: skip
        return Arrival(Event(**{**fields, "kind": Kind(kind), **said}), station, self.now())

    def take(self, *arrivals: Arrival) -> list[Outcome]:
        """A batch arrives at the intake."""
        with self.db.write() as session:
            return service.take(session, SITE, arrivals, self.now(), KEYS, partial(self._who, session))

    def says(self, station: str, kind: str, complaint: str, by: str | None = None, **said: Any) -> Outcome:
        """The station says something about a complaint; `by` shows a badge."""
        if by is not None:
            said["operator"] = f"badge of {by}"
        return self.take(self.event(station, kind, complaint=complaint, **said))[0]

    def press(self, station: str, **said: Any) -> str:
        """`reject="porosity"`, `catch="burr"` (a defect), `stop="maintenance"`, `call="material"` (who), or True.

        The id of the press, under which its complaint is found.
        """
        kind = next(k for k in ("reject", "stop", "call", "catch") if k in said)
        what = said.pop(kind)
        if what is not True:
            said["defect" if kind in ("reject", "catch") else "supplier"] = what
        [outcome] = self.take(self.event(station, kind, **said))
        assert outcome.accepted, outcome
        assert outcome.id is not None
        return outcome.id

    def released(self, station: str, complaint: str, by: str | None) -> bool:
        """Resume at the station, with the badge of `by`; whether that was taken."""
        return self.says(station, "release", complaint, by).accepted

    # The desk.

    def give(self, complaint: str, command: str, by: str, **fields: Any) -> Complaint:
        """A command of the person `by`, who has just looked at the complaint."""
        name = Command(command)
        body = bodies.BODIES[name](**fields)
        seen = self[complaint].version
        with self.db.write() as session:
            return giving.command(session, SITE, complaint, name, body, self.actor(by), seen, self.now(), KEYS)

    def refuses(self, complaint: str, command: str, by: str, **fields: Any) -> str:
        """Why that command is not taken."""
        try:
            self.give(complaint, command, by, **fields)
        except (Conflict, Forbidden) as e:
            return e.detail
        raise AssertionError(f"{command} by {by} was taken")

    def contain(self, complaint: str, by: str = "team leader") -> Complaint:
        """Come, give the code that the station shows, and contain it."""
        if self[complaint].state in ("open", "acknowledged"):
            self.give(complaint, "arrive", by, code=arrival_code(KEYS.arrival, complaint))
        return self.give(complaint, "contain", by, what="all of the lot", where="cage 3", qty_sorted=40, qty_bad=3)

    def answer(self, complaint: str, by: str) -> Complaint:
        return self.give(complaint, "answer", by, **ANSWER)

    def override(self, line: str, complaint: str, by: str = "team leader") -> Complaint:
        body = bodies.Override(complaint, "the part is already past the gauge")
        with self.db.write() as session:
            return giving.override(session, SITE, line, body, self.actor(by), self.now())

    def release_at_desk(self, line: str, complaint: str, by: str) -> Complaint:
        with self.db.write() as session:
            return giving.release(session, SITE, line, bodies.Release(complaint), self.actor(by), self.now())

    def arm_drill(self, line: str, by: str = "supervisor") -> None:
        with self.db.write() as session:
            drills.arm_drill(session, SITE, line, self.actor(by), self.now())

    def end_drill(self, line: str, by: str = "supervisor") -> None:
        with self.db.write() as session:
            drills.end_drill(session, SITE, line, self.actor(by), self.now())

    # What is to be seen.

    def __getitem__(self, complaint: str) -> Complaint:
        with self.db.read() as session:
            return service.find(session, SITE, complaint)

    def line(self, line: str) -> LineNow:
        with self.db.read() as session:
            return load.lines(session, SITE).get(line, LineNow())

    def complaints(self, kind: str | None = None) -> list[Complaint]:
        """Every complaint there is or was, oldest first."""
        query = sa.select(ComplaintRow.id).order_by(ComplaintRow.seq, ComplaintRow.id)
        with self.db.read() as session:
            ids = list(session.scalars(query if kind is None else query.where(ComplaintRow.kind == kind)))
            found = load.stored(session, SITE, ids)
        return [found[i][1] for i in ids]

    def catches(self) -> list[tuple[str, str | None]]:
        with self.db.read() as session:
            return [(c.process, c.defect) for c in session.scalars(sa.select(CatchRow).order_by(CatchRow.occurred_at))]

    def rows(self, *kinds: str, of: str | None = None) -> list[Row]:
        """The journal."""
        with self.db.read() as session:
            return [
                r for r in journal.every(session, SITE) if (not kinds or r.kind in kinds) and of in (None, r.complaint)
            ]

    def told(self, name: str, about: str | None = None) -> list[str]:
        """The kinds of all notices that a person has got, in order; those about one complaint when it is named."""
        return [
            kind for m in self.messages if m.to == name for kind, complaint in m.notices if about in (None, complaint)
        ]

    def unheard(self) -> list[tuple[str, str | None]]:
        """Notices for whom nobody is there to take: (role, kind)."""
        with self.db.read() as session:
            query = sa.select(Notice).where(Notice.person.is_(None)).order_by(Notice.created_at, Notice.id)
            return [(str(n.role), n.kind) for n in session.scalars(query)]

    def longest_held(self) -> timedelta:
        """How long the oldest notice has waited that has not gone out."""
        query = sa.select(sa.func.min(Notice.created_at)).where(Notice.state.in_(("waiting", "sending")))
        with self.db.read() as session:
            return self.now() - (session.scalar(query) or self.now())

    def check(self) -> None:
        """What holds at the end of every story: the chain is whole, and the tables are what the journal says."""
        with self.db.write() as session:
            assert isinstance(verify(session, SITE), Head)
            assert self.differences_in(session) == []

    def differences_in(self, session: Any) -> list[Difference]:
        return compare(session, SITE, FOLDS)

    # Time.

    def next_due(self, after: datetime, until: datetime) -> datetime:
        """The next instant at which a deadline is due or a held notice may go; `until` when there is none before."""
        deadline = sa.select(sa.func.min(DeadlineRow.due_at)).where(
            DeadlineRow.state == "open", DeadlineRow.due_at > after
        )
        held = sa.select(sa.func.min(Notice.next_try_at)).where(Notice.state == "waiting", Notice.next_try_at > after)
        with self.db.read() as session:
            found = [at for query in (deadline, held) if (at := session.scalar(query)) is not None]
        return min([*found, until])

    def look(self) -> None:
        """One round of the clock process: fire what is due, send what may go."""
        self._loop.round()
        while self._sender.run_once():
            self._sender.settle(10)

    def _hand_over(self, address: str, message: Outgoing) -> None:
        notices = tuple((str(n["kind"]), n["complaint"]) for n in message.notices)
        with self._written:
            self.messages.append(Message(address.removeprefix("log:"), message.at, message.title, notices))


def begin(db: Database) -> None:
    """The example factory with its usual people and the owner of each process, into an empty database."""
    with db.write() as session:
        import_chain(session, example.text(), None, START)
        processes = list(current(session, SITE).processes)
    plant = Plant(db)
    for name, role in USUAL.items():
        plant.employ(name, role)
    for process in processes:
        plant.employ(f"owner of {process}", Role.PROCESS_OWNER, process)


@contextmanager
def opened(begun: Template) -> Iterator[Plant]:
    """A plant of its own, from a database that `begin` has filled."""
    with begun.copied() as db:
        with db.read() as session:
            staff = {person.name: person for person in people.every(session)}
        yield Plant(db, people=staff)
