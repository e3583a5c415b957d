"""`make faults`: each fault of the list, done to a real plant; its outcome as a table.

`python tests/faults/run.py [ONLY=disk,crash.agent] [DB=sqlite|postgresql] [INTO=deploy/faults.md]`; ONLY names families
or scenarios, INTO puts their rows into that page as well. Exit codes: 0 when all holds, 1 when not, 2 for a wrong use
or a machine that lacks what a scenario needs.
"""

import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from faults import clocks, crash, database, disk, links, power, recovery, storm, week
from faults.floor import programs
from faults.place import BOTH, POSTGRESQL, Place, Scenario
from faults.postgres import Postgres, running
from faults.table import Row, keep, markdown

from threenos_server.clock import utc_now

FAMILIES = {
    module.__name__.rpartition(".")[2]: module
    for module in (recovery, crash, power, disk, database, links, clocks, storm, week)
}


def main(arguments: list[str]) -> int:
    """Run what the arguments name, telling as it goes."""
    given = dict(a.partition("=")[::2] for a in arguments)
    if unknown := given.keys() - {"ONLY", "DB", "INTO"}:
        return _wrong(f"there is no {', '.join(sorted(unknown))}; there are ONLY, DB and INTO")
    databases = tuple(d for d in BOTH if given.get("DB", d.lower()) == d.lower())
    only = [name for name in given.get("ONLY", "").split(",") if name]
    chosen = [(family, s) for family, s in _all() if not only or {family, f"{family}.{s.name}"} & set(only)]
    if not (chosen and databases):
        return _wrong(f"nothing is called so; there are {', '.join(f'{f}.{s.name}' for f, s in _all())}")
    if missing := _missing(s for _, s in chosen):
        return _wrong(missing)
    rows = _run(chosen, databases)
    for family in rows:
        print(f"\n## {family}\n\n{markdown(rows[family])}")
        if given.get("INTO"):
            keep(Path(given["INTO"]), family, FAMILIES[family].MEANING, rows[family], utc_now().date())
    return 0 if all(row.holds for found in rows.values() for row in found) else 1


def _all() -> Iterator[tuple[str, Scenario]]:
    for family, module in FAMILIES.items():
        for scenario in module.SCENARIOS:
            yield family, scenario


def _missing(scenarios: Iterable[Scenario]) -> str:
    chosen = list(scenarios)
    lacking = programs(*{name for s in chosen for name in s.needs})
    if lacking:
        return f"please install, then run this again: {', '.join(sorted(lacking))}"
    if os.geteuid() and (rooted := [s.name for s in chosen if s.root]):
        return f"only root may mount disks and make networks: {', '.join(rooted)}"
    return ""


def _run(chosen: list[tuple[str, Scenario]], databases: tuple[str, ...]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    with ExitStack() as stack:
        postgres: Postgres | None = None
        for family, scenario in chosen:
            for name in databases:
                if name not in scenario.databases:
                    continue
                if name == POSTGRESQL and postgres is None:
                    postgres = stack.enter_context(running())
                found.setdefault(family, []).extend(_one(family, scenario, name, postgres))
    return found


def _one(family: str, scenario: Scenario, name: str, postgres: Postgres | None) -> list[Row]:
    """The rows of one scenario; one that breaks is a row that says so, and its logs are shown."""
    began, directory = monotonic(), Path(tempfile.mkdtemp(prefix="threenos-faults-"))
    try:
        rows = list(scenario.run(scenario, Place(directory, name, postgres)))
    except Exception as e:  # noqa: BLE001 - gives up this scenario; the run goes on and fails
        traceback.print_exc()
        rows = [Row(scenario.fault, scenario.where, name, "the scenario broke", wrong=(f"{type(e).__name__}: {e}",))]
    for row in rows:
        print(f"{family}.{scenario.name} ({monotonic() - began:.0f} s) {row.line()}", flush=True)
    if not all(row.holds for row in rows):
        print(_logs(directory), flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    return rows


def _logs(directory: Path) -> str:
    """The end of what each process said."""
    return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in directory.rglob("*.log"))


def _wrong(why: str) -> int:
    print(why, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
