"""`make chaos N=1000`: so many kills of real processes on both databases, then the verdict.

`python tests/chaos/run.py [N=60] [SEED=…] [DB=sqlite|postgresql]` or `[FAULT=name|all] [SEED=…] [DB=…]`. The seed is
printed, and the same seed makes the same plan. A long run is cut into storms, each on a system of its own, as many side
by side as two processors each allow; a storm that fails says by which command it is had again.
Exit codes: 0 when all holds (or each bug was found), 1 when not, 2 for a wrong use.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from secrets import randbelow
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chaos import seeded, storm
from chaos.report import Plan, Report, told

T, R = TypeVar("T"), TypeVar("R")
DATABASES = ("sqlite", "postgresql")
#: A cut of the power among so many kills, and so many kills on one system.
CUT_EVERY, MOST_KILLS = 15, 125
#: So many processors each system needs.
PROCESSORS = 2


def main(arguments: list[str]) -> int:
    """Storm as the arguments say, telling as it goes."""
    given = dict(a.partition("=")[::2] for a in arguments)
    wrong = given.keys() - {"N", "SEED", "FAULT", "DB"} or {given.get("DB", "sqlite")} - {*DATABASES}
    fault = given.get("FAULT", "all")
    if wrong or fault not in (*seeded.BUGS, "all"):
        bugs = ", ".join(seeded.BUGS)
        print(f"there are N, SEED, DB ({', '.join(DATABASES)}) and FAULT (all, {bugs})", file=sys.stderr)
        return 2
    seed = int(given.get("SEED") or randbelow(2**32))
    databases = (given["DB"],) if "DB" in given else DATABASES
    if "FAULT" in given:
        return _hunt(list(seeded.BUGS.values()) if fault == "all" else [seeded.BUGS[fault]], databases, seed)
    return _storm(list(plans(int(given.get("N") or 60), databases, seed)), seed)


def plans(kills: int, databases: Sequence[str], seed: int) -> Iterator[Plan]:
    """The storms of a run, by turns on each database. When there is only one, its seed is the run's."""
    chance = Random(seed)
    storms = -(-kills // (MOST_KILLS * len(databases))) * len(databases)
    for number in range(storms):
        share = kills // storms + (number < kills % storms)
        own = seed if storms == 1 else chance.randrange(2**32)
        yield Plan(own, share, databases[number % len(databases)], cut_every=CUT_EVERY)


def _storm(storms: list[Plan], seed: int) -> int:
    print(f"seed {seed}: {sum(p.kills for p in storms)} kills in {len(storms)} storms", flush=True)
    reports = []
    for report in _each(_one, storms):
        reports.append(report)
        if not report.violations:
            report.history.clear()
        print(f"{report}\n", flush=True)
    for database in DATABASES:
        ours = [r for r in reports if r.plan.database == database]
        if ours:
            print("\n".join([f"--- {database}, {len(ours)} storms", *told(ours)]))
    whole = sum(r.kills.total() for r in reports)
    print("\n".join([f"--- all: seed {seed}, {whole} kills, {sum(r.seconds for r in reports):.0f} s", *told(reports)]))
    return 1 if any(r.violations for r in reports) else 0


def _hunt(bugs: Sequence[seeded.Bug], databases: Sequence[str], seed: int) -> int:
    print(f"seed {seed}\n{seeded.HEAD}", flush=True)
    missed = 0
    for hunt in _each(_found, [(bug.name, database, seed) for bug in bugs for database in databases]):
        print(hunt, flush=True)
        missed += not hunt.found
    print(f"{missed} not found" if missed else "each was found")
    return 1 if missed else 0


def _one(plan: Plan) -> Report:
    with tempfile.TemporaryDirectory(prefix="threenos-chaos-") as directory:
        return storm.run(plan, Path(directory))


def _found(asked: tuple[str, str, int]) -> seeded.Hunt:
    name, database, seed = asked
    return seeded.hunt(seeded.BUGS[name], database, seed)


def _each(work: Callable[[T], R], over: Sequence[T]) -> Iterator[R]:
    """In processes of their own, side by side as far as the machine bears it, in their order."""
    side_by_side = max(1, (os.cpu_count() or 1) // PROCESSORS)
    with ProcessPoolExecutor(side_by_side, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, over)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
