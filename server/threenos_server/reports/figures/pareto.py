"""Pareto: which few things make most of the whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from threenos_server.errors import Invalid

OTHER = "other"
UNCLASSIFIED = "unclassified"
#: Keys that name nothing: they stand last, count in the whole, and are never vital.
_NAMELESS = (OTHER, UNCLASSIFIED)


class Measure(StrEnum):
    COUNT = "count"
    UNITS = "units"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Amount:
    """What there is of `key`: complaints, rejected units, money. Amounts of one key are added."""

    key: str
    count: int = 0
    units: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` and `cumulative` are parts of the whole, from 0 to 1."""

    key: str
    amount: float
    share: float
    cumulative: float
    vital: bool


@dataclass(frozen=True, slots=True)
class Pareto:
    """`folded` are the keys whose amounts went into the bar "other"."""

    measure: Measure
    total: float
    bars: tuple[Bar, ...]
    folded: tuple[str, ...] = ()

    @property
    def vital(self) -> tuple[str, ...]:
        """The vital few."""
        return tuple(bar.key for bar in self.bars if bar.vital)


def pareto(
    amounts: Iterable[Amount], measure: Measure = Measure.COUNT, *, most: int | None = None, reach: float = 0.8
) -> Pareto:
    """Bars from the largest (ties by key); with `most`, what comes after so many bars is folded into "other".

    The vital few are the smallest set of named keys whose amounts reach `reach` of the whole; all of them when even
    that does not. Keys without an amount leave no bar. Raises Invalid for a negative amount.
    Source: Juran & Godfrey, Juran's Quality Handbook, 5th ed. (the Pareto principle).
    """
    sums: dict[str, float] = {}
    for item in amounts:
        value = getattr(item, measure.value)
        if value < 0:
            raise Invalid(f"{item.key}: an amount of {value} cannot be a part of a whole")
        sums[item.key] = sums.get(item.key, 0) + value
    total = sum(sums.values())
    named = sorted((key for key in sums if key not in _NAMELESS and sums[key] > 0), key=lambda key: (-sums[key], key))
    few = _few(named, sums, total, reach)
    folded = tuple(named[most:]) if most is not None and len(named) > most + 1 else ()
    other = sums.get(OTHER, 0) + sum(sums[key] for key in folded)
    rows = [(key, sums[key], key in few) for key in named if key not in folded]
    rows += [(key, sum_, False) for key, sum_ in ((OTHER, other), (UNCLASSIFIED, sums.get(UNCLASSIFIED, 0))) if sum_]
    return Pareto(measure, total, _bars(rows, total), folded)


def _few(named: list[str], sums: dict[str, float], total: float, reach: float) -> frozenset[str]:
    reached, few = 0.0, []
    for key in named:
        if reached >= reach * total * (1 - 1e-12):  # exactly 80 % reaches 80 %, whatever floats make of it
            break
        few.append(key)
        reached += sums[key]
    return frozenset(few)


def _bars(rows: list[tuple[str, float, bool]], total: float) -> tuple[Bar, ...]:
    bars, sum_ = [], 0.0
    for key, amount, vital in rows:
        sum_ += amount
        bars.append(Bar(key, amount, amount / total, sum_ / total, vital))
    return tuple(bars)
