"""The published sets of `tests/golden/spc`: their rows, and comparison to the digits in which they are printed."""

import csv
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from threenos_server.reports.figures.charts import Chart, Reading

FOLDER = Path(__file__).parents[2] / "golden" / "spc"
#: Numbers as they are written, so that their digits are known.
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"), parse_float=Decimal)


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def readings(name: str, label: str, value: str, size: str | None = None) -> list[Reading]:
    return [Reading(r[label], float(r[value]), float(r[size]) if size else None) for r in rows(name)]


def case(name: str, begins: str) -> dict[str, Any]:
    return next(case for case in EXPECTED[name]["cases"] if case["name"].startswith(begins))


def as_printed(value: float | None, printed: Decimal | int | None) -> bool:
    """Whether `value` is what was printed, to its last digit."""
    if value is None or printed is None:
        return value is printed
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(Decimal(value) - printed) <= Decimal(10) ** exponent * Decimal("0.500001")


def all_as_printed(values: Iterable[float | None], printed: Iterable[Decimal | int | None]) -> bool:
    return all(as_printed(value, number) for value, number in zip(values, printed, strict=True))


def limits_as_printed(chart: Chart, printed: dict[str, Any]) -> bool:
    """Centre and limits, one pair for all points or one for each."""
    points = len(chart.points)
    lower, upper = (v if isinstance(v, list) else [v] * points for v in (printed["lcl"], printed["ucl"]))
    return (
        as_printed(chart.centre, printed.get("cl"))
        and all_as_printed((point.lower for point in chart.points), lower)
        and all_as_printed((point.upper for point in chart.points), upper)
    )


def signals(chart: Chart, rule: str) -> list[str]:
    """The labels of the points that break a rule."""
    return [point.label for point in chart.points if rule in point.rules]
