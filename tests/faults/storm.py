"""Too much at once: a station that floods, and five hundred stops in one second, as the bench measures them."""

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from faults.place import SQLITE, Place, Scenario
from faults.table import Row

MEANING = "What `make bench ONLY=flood` and `ONLY=storm` measure, judged by the targets that stand there."


def _measured(bench: str) -> Callable[[Scenario, Place], Iterable[Row]]:
    def run(scenario: Scenario, place: Place) -> Iterable[Row]:
        # First: a module here may be called as one there.
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))
        targets = import_module("figures").TARGETS
        figures = list(import_module(bench).run(place.directory))
        seen = "; ".join(f"{f.what}: {f.value:,.0f} {f.unit}".strip() for f in figures)
        wrong = [f"{f.what}: {f.value:,.0f} {f.unit}" for f in figures if not _holds(targets.get(f.what, ""), f.value)]
        yield Row(scenario.fault, scenario.where, place.database, seen, None, None, None, wrong=tuple(wrong))

    return run


def _holds(target: str, value: float) -> bool:
    """Whether a figure keeps a target that is a limit; any other says nothing here."""
    limit = float(target[2:].replace(",", "")) if target[:2] in ("≤ ", "≥ ") else value
    return value >= limit if target.startswith("≥") else value <= limit


SCENARIOS = (
    Scenario("flood", "a station floods with 1,000 events/s", "station", _measured("flood"), (SQLITE,)),
    Scenario("stops", "500 stops in one second", "server", _measured("storm"), (SQLITE,)),
)
