"""Power cuts that take back what no sync had asked the disk for, in the order of writing or in none."""

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from chaos.factory import STATIONS
from faults.floor import Floor
from faults.machine import AFTER, BEFORE, MIDDLE, Machine, take_back
from faults.place import SQLITE, Place, Scenario
from faults.table import Row

MEANING = (
    "Everything is killed at once in the middle of a write, while people press, and every write to the SQLite files "
    "that was not followed by a sync is gone: all of them, or those that a disk with a will of its own had not yet "
    "written. The last row has a bug seeded (the server does not wait for the disk): the scenario has to see it."
)
CUTS = 8
SEED = 20261122
#: The power goes at one of so many writes, syncs and sends.
CALLS = 400
SEEDED = "lost_fsync"


def _cuts(scenario: Scenario, place: Place) -> Iterable[Row]:
    """Of station and server, which share the machine here, each time at another moment."""
    with _floor(place) as (floor, machine):
        chance, lost, unsynced = random.Random(SEED), 0, 0
        for number in range(CUTS):
            floor.ready()
            changes, gone = _cut(floor, machine, chance, in_order=number % 2 == 0)
            unsynced, lost = unsynced + changes, lost + gone
            floor.system.start()
        floor.agent.start()
        seen = (
            f"{CUTS} cuts, {len(floor.ledger.saved)} presses saved; {unsynced} writes were not synced, {lost} bytes of "
            f"them gone; seed {SEED}"
        )
        yield floor.verdict().row(scenario, place, seen)


def _seeded(scenario: Scenario, place: Place) -> Iterable[Row]:
    """The verdict has to be that something is lost."""
    with _floor(place, {"CHAOS_FAULT": SEEDED}) as (floor, machine):
        floor.ready()
        _, gone = _cut(floor, machine, random.Random(SEED), in_order=True)
        floor.system.start()
        floor.agent.start()
        found = floor.verdict()
    wrong = () if found.lost else ("nothing was found to be lost",)
    seen = f"bug {SEEDED}: {gone} bytes gone; found: {found.lost} presses lost"
    yield Row(scenario.fault, scenario.where, place.database, seen, wrong=wrong)


@contextmanager
def _floor(place: Place, more: Mapping[str, str] | None = None) -> Iterator[tuple[Floor, Machine]]:
    machine = Machine(place.directory / "machine", place.directory)
    with Floor(place.directory, place.url(), environment=machine.environment | dict(more or {})) as floor:
        floor.agent.environment = machine.environment
        yield floor, machine


def _cut(floor: Floor, machine: Machine, chance: random.Random, *, in_order: bool) -> tuple[int, int]:
    """Press until the power goes, in the middle of something; how many writes were not synced, and bytes are gone."""
    machine.record()
    number = chance.randint(1, CALLS)
    machine.count_calls(number, chance.choice((BEFORE, AFTER, MIDDLE)))
    while machine.calls < number:
        floor.press(chance.choice(STATIONS))
    floor.kill_all()
    machine.stop_counting()
    machine.record(False)
    # Our own look at it would go on by an index that is gone.
    floor.db.close()
    changes = machine.unsynced()
    gone = take_back(changes, [] if in_order else [c for c in changes if chance.random() < 0.5])
    for index in floor.directory.rglob("*.db-shm"):  # it is never on a disk
        index.unlink()
    machine.forget()
    return len(changes), gone


SCENARIOS = (
    Scenario("cuts", "power cut, unsynced writes lost", "station and server", _cuts, (SQLITE,), ("cc",)),
    Scenario("seeded", "the same with a seeded bug", "server", _seeded, (SQLITE,), ("cc",)),
)
