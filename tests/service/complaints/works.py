"""The example factory in a database of its own, with stations that speak and people that give commands."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from homes import Template
from sqlalchemy.orm import Session

from threenos_server.access import Actor, Grant, Role, arrival_code
from threenos_server.api import Keys
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.complaints import giving, load, service
from threenos_server.complaints.arrival import Arrival, Outcome, Who, nobody
from threenos_server.complaints.bodies import BODIES, AnswerBody, Body
from threenos_server.complaints.life import Command
from threenos_server.complaints.model import Complaint
from threenos_server.complaints.view import LineNow
from threenos_server.db import Database
from threenos_server.folds import FOLDS
from threenos_server.journal import service as journal
from threenos_server.journal.model import Row
from threenos_server.journal.rebuild import Difference, compare
from threenos_wire.events import Event, Kind
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEYS = Keys(pseudonym=b"p" * 32, arrival=b"a" * 32)
SITE = "lakeside"
ANSWER = AnswerBody("worn tool", "no gauge", "tool life counter", "A. Owner", date(2026, 12, 1))


def actor(*roles: Role, **place: str) -> Actor:
    """Somebody with these roles, for the whole site unless a line or a process is named."""
    return Actor("somebody", "p-somebody", tuple(Grant(role, SITE, **place) for role in roles))


ALL = actor(Role.SUPERVISOR, Role.QUALITY_ENGINEER, Role.PROCESS_OWNER)


@dataclass
class Works:
    """Every step is a transaction of its own."""

    db: Database
    now: datetime = START
    boot: str = field(default_factory=new_id)
    seqs: dict[str, int] = field(default_factory=dict)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def event(self, at: str, kind: str, /, **said: Any) -> Arrival:
        """What the station says next; not yet sent."""
        seq = self.seqs[at] = said.pop("seq", self.seqs.get(at, 0) + 1)
        fields: dict[str, Any] = {
            "v": 1, "id": new_id(), "boot": self.boot, "seq": seq, "at": format_instant(self.now), "age_ms": 0,
        }  # fmt: skip
        return Arrival(Event(**(fields | {"kind": Kind(kind)} | said)), at, self.now)

    def take(self, *arrivals: Arrival, who: Who = nobody) -> list[Outcome]:
        with self.db.write() as session:
            return service.take(session, SITE, arrivals, self.now, KEYS, who)

    def says(self, at: str, kind: str, who: Who = nobody, /, **said: Any) -> Outcome:
        return self.take(self.event(at, kind, **said), who=who)[0]

    def press(self, at: str, kind: str = "reject", /, **said: Any) -> str:
        outcome = self.says(at, kind, **said)
        assert outcome.accepted
        assert outcome.id is not None
        return outcome.id

    def give(
        self, complaint: str, command: str, by: Actor = ALL, version: int | None = None, **fields: Any
    ) -> Complaint:
        name = Command(command)
        body: Body = ANSWER if name is Command.ANSWER else BODIES[name](**fields)
        with self.db.write() as session:
            return giving.command(session, SITE, complaint, name, body, by, version, self.now, KEYS)

    def contained(self, at: str, kind: str = "reject", /, **said: Any) -> str:
        opened = self.press(at, kind, **said)
        self.give(opened, "arrive", code=arrival_code(KEYS.arrival, opened))
        self.give(opened, "contain", what="all", where="cage 3")
        return opened

    def __getitem__(self, complaint: str) -> Complaint:
        with self.db.read() as session:
            return service.find(session, SITE, complaint)

    def line(self, line: str) -> LineNow:
        with self.db.read() as session:
            return load.lines(session, SITE).get(line, LineNow())

    def rows(self) -> list[Row]:
        with self.db.read() as session:
            return journal.after(session, SITE, 1)

    def kinds(self) -> list[str]:
        return [row.kind for row in self.rows()]

    def tick(self) -> int:
        """What the clock asks for."""
        with self.db.write() as session:
            return service.release_waiting(session, SITE, self.now) + service.stop_lines_due(session, SITE, self.now)

    def differences(self) -> list[Difference]:
        """Where the tables are not what the journal says."""
        with self.db.write() as session:
            return compare(session, SITE, FOLDS)


def begin(db: Database) -> Works:
    with db.write() as session:
        import_chain(session, example.text(), None, START)
    return Works(db)


@contextmanager
def copied(made: Template) -> Iterator[Works]:
    """A works whose chain is imported already, from a database that is copied."""
    with made.copied() as db:
        yield Works(db)


def split(arrivals: Sequence[Arrival], cuts: Sequence[int]) -> Iterator[Sequence[Arrival]]:
    """The arrivals in batches."""
    places = sorted({c % (len(arrivals) + 1) for c in cuts} | {0, len(arrivals)})
    for start, end in pairwise(places):
        yield arrivals[start:end]


def documents(session: Session) -> list[Complaint]:
    """Every complaint, those that are over too, by id."""
    ids = [r[0] for r in session.connection().exec_driver_sql("SELECT id FROM complaint ORDER BY id")]
    stored = load.stored(session, SITE, ids)
    return [stored[id_][1] for id_ in ids]
