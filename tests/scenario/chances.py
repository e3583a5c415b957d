"""What chance does to a plant: random runs of events, commands and waiting; and how everything stands after them."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from scenario.story import ANSWER, KEYS, SITE, Plant

from threenos_server.access import arrival_code
from threenos_server.complaints import rights
from threenos_server.complaints.arrival import Arrival
from threenos_server.errors import ThreenosError
from threenos_server.folds import FOLDS
from threenos_server.journal.folding import Fold

STATIONS = ("cast-1", "mill-1", "leak-1", "wash-1", "pump-1", "run-1")
DEFECTS = ("porosity", "burr", "leak", "turned-round", "never-heard-of", None)
PEOPLE = (
    "team leader", "supervisor", "quality engineer", "owner of die-casting", "owner of machining", "owner of trimming",
)  # fmt: skip
#: Columns that say in which order things came, or how often a complaint was touched; all others must not.
_OF_ORDER = {"seq", "version", "card_seq"}

Step = Callable[[Plant, random.Random], None]


def press(plant: Plant, chance: random.Random) -> None:
    """Any press of any station, now and then after a hole, or twice."""
    station, kind = chance.choice(STATIONS), chance.choice(["reject", "reject", "stop", "call", "catch", "count"])
    said: dict[str, Any] = {"qty": chance.choice([1, 2.5])} if kind in ("reject", "count", "catch") else {}
    if kind in ("reject", "catch", "stop"):
        said["defect"] = chance.choice(DEFECTS)
    if kind in ("call", "stop"):
        said["supplier"] = chance.choice(["maintenance", "material", None])
    if chance.random() < 0.1:
        said["seq"] = plant.seqs.get(plant.boots.get(station, ""), 0) + chance.randint(2, 4)
    if chance.random() < 0.1:
        said |= {"age_ms": chance.choice([5_000, 3_600_000, None]), "replay": True}
    if chance.random() < 0.15:
        said |= {"drill": True, "severity": "critical"}
    event = plant.event(station, kind, **said)
    plant.take(*[event] * chance.randint(1, 2))


def speak(plant: Plant, chance: random.Random) -> None:
    """A station says something about some complaint, be it its own or possible or not."""
    known = plant.complaints()
    named = chance.choice(known) if known else None
    station = named.station if named is not None and chance.random() < 0.8 else chance.choice(STATIONS)
    kind = chance.choice(["detail", "arrive", "release", "accept", "decline", "withdraw"])
    fields: dict[str, dict[str, Any]] = {
        "detail": {"qty": 4, "defect": chance.choice(DEFECTS), "note": "seen again"},
        "accept": {"rating": chance.randint(1, 5)},
    }
    said = fields.get(kind, {"reason": "because"})
    complaint = named.id if named is not None else "01970000-0000-7000-8000-000000000000"
    plant.says(station, kind, complaint, chance.choice([None, *PEOPLE]), **said)


def command(plant: Plant, chance: random.Random) -> None:
    """Somebody commands something about some complaint; what may not be is refused."""
    known = plant.complaints()
    if not known:
        return
    named, by = chance.choice(known), chance.choice(PEOPLE)
    commands: dict[str, dict[str, Any]] = {
        "acknowledge": {}, "arrive": {"code": arrival_code(KEYS.arrival, named.id)},
        "contain": {"what": "all", "where": "cage"}, "answer": ANSWER, "accept": {"rating": 2},
        "decline": {"reason": "no"}, "reopen": {"reason": "again"}, "withdraw": {"reason": "slip"},
        "dispute": {"reason": "not ours", "proposed_made_at": "trimming"},
        "rule": {"reason": "seen", "made_at": chance.choice([None, "trimming", named.customer])},
        "merge": {"into": chance.choice(known).id, "reason": "the same"}, "comment": {"text": "well"},
        "dispose": {"decision": "scrap", "qty": 3},
    }  # fmt: skip
    name = chance.choice([*commands, "override", "release", "drill", "drill"])
    possible = [(p, c) for p in PEOPLE for c in rights.commands(plant.actor(p), SITE, named) if c != "comment"]
    if possible and chance.random() < 0.7:
        by, name = chance.choice(possible)
    try:
        if name == "override":
            plant.override(named.line, named.id, by)
        elif name == "release":
            plant.release_at_desk(named.line, named.id, by)
        elif name == "drill":
            chance.choice([plant.arm_drill, plant.end_drill])(named.line)
        else:
            plant.give(named.id, name, by, **commands[name])
    except ThreenosError:
        return


def wait(plant: Plant, chance: random.Random) -> None:
    """Time passes, with the clock running or down."""
    passing = chance.choice([plant.clock.advance, plant.clock.advance, plant.clock.stand_still])
    passing(seconds=chance.choice([1, 11, 50, 200, 700, 4000, 100_000]))


STEPS: tuple[Step, ...] = (press, press, speak, speak, command, command, command, wait)


def run(plant: Plant, seed: int, steps: int) -> None:
    chance = random.Random(seed)
    for _ in range(steps):
        chance.choice(STEPS)(plant, chance)


def standing(plant: Plant) -> dict[str, list[dict[str, Any]]]:
    """Every derived table of every fold, but for what says in which order things came."""
    with plant.db.read() as session:
        return {
            table.name: sorted((_plain(dict(row)) for row in session.execute(sa.select(table)).mappings()), key=str)
            for fold in FOLDS
            for table in _tables(fold)
        }


def _tables(fold: Fold) -> Sequence[sa.Table]:
    return [t for t in fold.tables if "site" in t.c]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in row.items() if k not in _OF_ORDER}
    for name in ("doc", "card"):
        if name in kept:
            kept[name] = {k: v for k, v in msgspec.json.decode(kept[name]).items() if k not in _OF_ORDER}
    return kept


def shuffled(events: list[Arrival], is_press: Callable[[Arrival], bool], chance: random.Random) -> list[Arrival]:
    """Each event one to ten times and in any order, but that the first deliveries of presses keep theirs."""
    order = events[:]
    chance.shuffle(order)
    presses = [e for e in events if is_press(e)]
    for place, pressed in zip(sorted(order.index(p) for p in presses), presses, strict=True):
        order[place] = pressed
    for event in events:
        for _ in range(chance.choice([0, 0, 0, 1, 2, 9])):
            order.insert(chance.randint(order.index(event) + 1, len(order)), event)
    return order
