"""Anhøj's rules for runs: signals of a shift that need no sigma and no judgement about zones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from threenos_server.reports.figures.distributions import binomial_quantile


@dataclass(frozen=True, slots=True)
class Anhoej:
    """Points on the centre line are of no use here. The limits are None when fewer than two points are useful."""

    useful: int
    longest_run: int
    longest_run_max: int | None
    crossings: int
    crossings_min: int | None

    @property
    def signal(self) -> bool:
        """Whether a run is unusually long or the centre line unusually seldom crossed."""
        return (
            self.longest_run_max is not None
            and self.crossings_min is not None
            and (self.longest_run > self.longest_run_max or self.crossings < self.crossings_min)
        )


def anhoej(sides: Sequence[int]) -> Anhoej:
    """Runs and crossings of points that lie above (+1), on (0) or below (−1) the centre.

    The longest run may be log₂(n) + 3 rounded, the crossings at least the 5 % point of a binomial of n − 1 and ½.
    Source: Anhøj & Vingaard Olesen 2014, Run charts revisited, PLoS ONE 9(11): e113825; Schilling 2012.
    """
    useful = [side for side in sides if side]
    n = len(useful)
    return Anhoej(
        useful=n,
        longest_run=max((len(list(run)) for _, run in groupby(useful)), default=0),
        longest_run_max=round(math.log2(n)) + 3 if n > 1 else None,
        crossings=sum(a != b for a, b in pairwise(useful)),
        crossings_min=binomial_quantile(0.05, n - 1, 0.5) if n > 1 else None,
    )
