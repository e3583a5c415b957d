"""The EWMA chart: a small shift shows within a few points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from threenos_server.reports.figures.charts.model import Limits, Options, Reading, Spot, distance, moving_sigma, side_of


@dataclass(frozen=True, slots=True)
class Ewma:
    """zᵢ = λxᵢ + (1−λ)zᵢ₋₁ from z₀ = the centre."""

    centre: float
    sigma: float | None
    smoothing: float
    width: float
    growing: bool
    sigma_z: float | None = None

    def follow(self, readings: Sequence[Reading], skipped: Sequence[bool]) -> list[Spot]:
        """What is skipped leaves the average where it was."""
        spots, average, taken = [], self.centre, 0
        for reading, skip in zip(readings, skipped, strict=True):
            if not skip:
                average = self.smoothing * reading.value + (1 - self.smoothing) * average
                taken += 1
            spots.append(self._spot(average, taken))
        return spots

    def _spot(self, average: float, taken: int) -> Spot:
        side = side_of(average, self.centre)
        if self.sigma is None:
            return Spot(average, self.centre, side=side)
        share = self.smoothing / (2 - self.smoothing)
        if self.growing:
            share *= 1 - (1 - self.smoothing) ** (2 * max(taken, 1))
        sigma = self.sigma * math.sqrt(share)
        reach = self.width * sigma
        z = distance(average, self.centre, sigma)
        return Spot(average, self.centre, self.centre - reach, self.centre + reach, z, side)


def fit(readings: Sequence[Reading], options: Options) -> Ewma:
    """Limits target ± L·σ·√(λ/(2−λ)); exact ones times √(1−(1−λ)^(2i)) for point i.

    Without `target` the mean of the baseline, without `sigma` its mean moving range over 1.128 (None with one reading).
    Source: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4; the exact limits: Montgomery, 7th ed., 9.2.
    """
    values = [reading.value for reading in readings]
    return Ewma(
        centre=fmean(values) if options.target is None else options.target,
        sigma=moving_sigma(values) if options.sigma is None else options.sigma,
        smoothing=options.smoothing,
        width=options.width,
        growing=options.limits is Limits.EXACT,
    )
