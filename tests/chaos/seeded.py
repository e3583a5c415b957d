"""The bugs that the verdict has to find: each a small break of the product in `faults/`, and a storm that shows it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from chaos.report import Plan, Report
from chaos.storm import run

#: What all have in common: a small system in which the intake dies young, and little patience with what never rests.
_SMALL = Plan(
    0, 2, services=("broker", "intake", "agent"), victims=("intake",), pause_s=(0.1, 0.4), life_s=(0.0, 0.5),
    at_work=True, rest_s=8.0,
)  # fmt: skip
_WITH_CLOCK = {"services": (*_SMALL.services, "clock")}
_WITH_WEB = {"services": (*_SMALL.services, "web")}
#: Found or not after so many storms.
ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Bug:
    """A module of `faults/`, which violations tell of it, and how its storm differs, on PostgreSQL once more."""

    name: str
    shows: frozenset[str]
    plan: dict[str, Any] = field(default_factory=dict)
    postgresql: dict[str, Any] = field(default_factory=dict)

    def storm(self, seed: int, database: str) -> Plan:
        differs = self.plan | (self.postgresql if database == "postgresql" else {})
        return replace(_SMALL, seed=seed, database=database, fault=self.name, **differs)


def _bug(name: str, *shows: str, postgresql: dict[str, Any] | None = None, **plan: Any) -> Bug:
    return Bug(name, frozenset(shows), plan, postgresql or {})


BUGS = {
    bug.name: bug
    for bug in (
        _bug("ack_before_commit", "missing", kills=3),
        _bug("no_unique_id", "twice"),
        _bug("swallowed_exception", "missing", kills=1),
        _bug("lost_fsync", "missing", kills=1, cut_every=1, postgresql={"cut_every": 0, "victims": ("database",)}),
        _bug("mark_before_send", "notice", kills=1, victims=("clock",), **_WITH_CLOCK),
        _bug("deleted_on_puback", "missing"),
        _bug(
            "outbox_unsynced", "lost", kills=6, victims=("broker", "intake"), cut_every=2, at_work=False,
            pause_s=(0.4, 0.8),
        ),
        _bug("waiting_dropped", "missing", kills=1),
        _bug("waiting_forgotten", "waiting", kills=1, **_WITH_CLOCK),
        _bug("journal_gap", "chain", kills=1),
        _bug("claimed_not_fired", "escalation", kills=3, victims=("clock",), life_s=(2.5, 3.5), **_WITH_CLOCK),
        _bug("no_late_response", "escalation", kills=1, **_WITH_CLOCK),
        _bug("grace_forgotten", "grace", kills=3, pause_s=(1.0, 2.0), life_s=(1.5, 2.0), **_WITH_CLOCK),
        _bug("gateway_skips", "board", kills=1, **_WITH_WEB),
        _bug("key_ignored", "command", kills=4, victims=("web",), life_s=(2.0, 3.0), at_work=False, **_WITH_WEB),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hunt:
    """How a bug was found, or that it was not: after how many storms and kills, and by what."""

    bug: Bug
    database: str
    found: frozenset[str]
    storms: int
    kills: int
    seconds: float
    last: Report

    def __str__(self) -> str:
        by = ", ".join(sorted(self.found)) or "NOT FOUND"
        said = next((str(v) for v in self.last.violations if v.kind in self.found), "")
        return (
            f"{self.bug.name:20} {self.database:11} {by:22} {self.storms:6} {self.kills:6} {self.seconds:5.0f} s  "
            f"{self.last.plan.seed:11}  {said[:110]}"
        )


HEAD = f"{'bug':20} {'database':11} {'found by':22} {'storms':>6} {'kills':>6} {'after':>7}  {'seed':>11}  which says"


def hunt(bug: Bug, database: str, seed: int) -> Hunt:
    """One storm after the other until the bug is found, at most ROUNDS."""
    kills, seconds = 0, 0.0
    for storms, plan in enumerate(_storms(bug, database, seed), start=1):
        with TemporaryDirectory(prefix="threenos-chaos-") as directory:
            report = run(plan, Path(directory))
        kills, seconds = kills + report.kills.total(), seconds + report.seconds
        found = bug.shows & report.kinds()
        if found or storms == ROUNDS:
            break
    return Hunt(bug, database, found, storms, kills, seconds, report)


def _storms(bug: Bug, database: str, seed: int) -> Iterator[Plan]:
    """The first storm has the given seed, so that the one that found it can be had at once."""
    chance = Random(seed)
    while True:
        yield bug.storm(seed, database)
        seed = chance.randrange(2**32)
