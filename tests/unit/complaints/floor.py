"""A small plant without a database: a diamond of processes, two lines, one of them with a grace time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from threenos_server.access import Role
from threenos_server.chain.calendar import Calendar
from threenos_server.chain.model import (
    FINAL_CUSTOMER,
    Chain,
    Defect,
    Line,
    Link,
    Name,
    Process,
    ProcessKind,
    Relation,
    Site,
    Station,
)
from threenos_server.complaints.bodies import Body
from threenos_server.complaints.decide import clocks, desk, lines, press, station
from threenos_server.complaints.decide.decision import By, Decision, Said
from threenos_server.complaints.life import Clock, Command, Refused
from threenos_server.complaints.model import Complaint
from threenos_server.complaints.view import LineNow, Plant
from threenos_wire.events import Event, Kind, Severity
from threenos_wire.instants import format_instant

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def name(text: str) -> Name:
    return Name(text, text)


def small_chain() -> Chain:
    """casting → (milling, turning) → assembly → packing; `packing` has 30 s of grace, `maintenance` is a function."""
    steps = {"casting": "shop", "milling": "shop", "turning": "shop", "assembly": "shop", "packing": "pack"}
    processes = {p: Process(p, name(p), line=line) for p, line in steps.items()}
    processes["maintenance"] = Process("maintenance", name("maintenance"), ProcessKind.FUNCTION)
    flow = [
        ("casting", "milling"), ("casting", "turning"), ("milling", "assembly"), ("turning", "assembly"),
        ("assembly", "packing"), ("packing", FINAL_CUSTOMER),
    ]  # fmt: skip
    links = [Link(s, c) for s, c in flow]
    links += [Link("maintenance", "assembly", Relation.FUNCTION), Link("assembly", "casting", Relation.RANK_TASK)]
    defects = [
        Defect("pore", name("pore"), Severity.MAJOR, "casting", ("milling", "assembly")),
        Defect("burr", name("burr"), Severity.MINOR, "milling", ("milling",)),
        Defect("loose", name("loose"), Severity.CRITICAL, "assembly", ("assembly",)),
        Defect("dent", name("dent"), Severity.MINOR, "packing"),
    ]
    return Chain(
        Site("plant", name("Plant"), "UTC", "EUR"),
        Calendar(),
        {"shop": Line("shop", name("shop"), owner="assembly"), "pack": Line("pack", name("pack"), stop_grace_s=30)},
        processes,
        {f"{p}-1": Station(f"{p}-1", name(p), line, p) for p, line in steps.items()},
        tuple(links),
        {d.code: d for d in defects},
        {},
        (),
        version=3,
    )


@dataclass
class Floor:
    """Tells a story: each step is decided and merged, and answered as it was decided."""

    plant: Plant
    now: datetime = START
    ids: Any = field(default_factory=lambda: count(1))

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def press(self, at: str, kind: str = "reject", age: float = 0.0, **said: Any) -> Complaint:
        """What the station presses; the complaint that it opened or added to."""
        decision = press.press(self.plant, self.said(at, kind, age, **said))
        self.plant.merge(decision.then)
        return self.plant.complaints[str(decision.complaint)]

    def says(self, at: str, kind: str, complaint: str, roles: str = "", **said: Any) -> Decision | Refused:
        """What the station says about a complaint, or a press of one."""
        heard = self.said(at, kind, 0.0, roles, complaint=complaint, **said)
        found = self.plant.find(complaint)
        assert found is not None
        return self._merged(station.follow(self.plant, heard, found))

    def desk(self, complaint: str, command: str, body: Body, role: Role = Role.QUALITY_ENGINEER) -> Decision | Refused:
        found = self.plant.complaints[complaint]
        return self._merged(desk.give(self.plant, found, Command(command), body, By(role, self.now)))

    def override(self, complaint: str) -> Decision | Refused:
        found = self.plant.complaints[complaint]
        return self._merged(lines.override(self.plant, found, By(Role.TEAM_LEADER, self.now)))

    def misses(self, complaint: str, clock: str) -> list[Decision]:
        found = clocks.missed(self.plant.chain, self.plant.complaints[complaint], Clock(clock), None, self.now)
        for decision in found:
            self.plant.merge(decision.then)
        return found

    def stop_due(self, line: str) -> list[Decision]:
        found = lines.line_stop_due(self.plant, line, self.now)
        for decision in found:
            self.plant.merge(decision.then)
        return found

    def drill(self, line: str) -> None:
        self.plant.merge(lines.drill(line, armed=True).then)

    def line(self, line: str) -> LineNow:
        return self.plant.line(line)

    def __getitem__(self, complaint: str) -> Complaint:
        return self.plant.complaints[complaint]

    def said(self, at: str, kind: str, age: float, roles: str = "", **said: Any) -> Said:
        n = next(self.ids)
        event = Event(
            v=1, id=str(UUID(int=n)), boot=str(UUID(int=1)), seq=n, at=format_instant(self.now), age_ms=0,
            kind=Kind(kind), **said,
        )  # fmt: skip
        proven = frozenset(map(Role, roles.split()))
        return Said(event, self.plant.chain.stations[at], self.now - timedelta(seconds=age), self.now, proven)

    def _merged(self, verdict: Decision | Refused) -> Decision | Refused:
        if isinstance(verdict, Decision):
            for decision in (verdict, *verdict.also):
                self.plant.merge(decision.then)
        return verdict
