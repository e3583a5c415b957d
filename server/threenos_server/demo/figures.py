"""The figures that make the simulated factory look real, derived from published data; figures.json names the sources.

What no source says is said here: the mix of kinds, how many pieces, and how seldom somebody presses by mistake.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import pairwise
from random import Random
from typing import TypeVar

import msgspec

T = TypeVar("T")

#: Of a hundred presses.
KINDS = {"reject": 64, "catch": 16, "call": 12, "stop": 8}
WITHDRAWN = 0.03
DECLINED = 0.12
DISPUTED = 0.06
MAX_PIECES = 12


class Figures(msgspec.Struct, frozen=True):
    """`gap_hours` between two defects; counts by rank of a defect and by process; quantiles of a response time."""

    gap_hours: tuple[float, ...]
    defect_counts: tuple[int, ...]
    found_at: Mapping[str, int]
    response_quantiles: tuple[tuple[float, float], ...]


def load() -> Figures:
    return msgspec.json.decode(files("threenos_server.demo").joinpath("figures.json").read_bytes(), type=Figures)


def ranked(chance: Random, found: Sequence[T], counts: Sequence[int]) -> T:
    """One of `found`, whose first is the most frequent, as often as `counts` say by rank."""
    some = found[: len(counts)]
    return chance.choices(some, counts[: len(some)])[0]


def multiple_of_median(chance: Random, quantiles: Sequence[tuple[float, float]]) -> float:
    """How long a response takes as a multiple of its median, straight between the published quantiles."""
    p = chance.random()
    for (p0, x0), (p1, x1) in pairwise(quantiles):
        if p <= p1:
            return x0 + (x1 - x0) * (p - p0) / (p1 - p0)
    return quantiles[-1][1]


def pieces(chance: Random) -> int:
    """Mostly one, seldom many."""
    return min(MAX_PIECES, 1 + int(chance.expovariate(0.9)))
