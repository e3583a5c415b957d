"""Cumulative sums: the tabular CUSUM of a value, and the Poisson CUSUM of a count."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from threenos_server.reports.figures.charts.model import Options, Reading, Spot, Sums, distance, moving_sigma, side_of

#: Slack and decision interval in sigmas: a shift of one sigma, and a false alarm in about 465 points.
K, H = 0.5, 5.0
#: The shift for which a Poisson CUSUM is laid out when no slack is given: a doubled rate.
SHIFT = 2.0


@dataclass(frozen=True, slots=True)
class Cusum:
    """C⁺ᵢ = max(0, C⁺ᵢ₋₁ + xᵢ − μᵢ − Kᵢ) and C⁻ᵢ = max(0, C⁻ᵢ₋₁ + μᵢ − Kᵢ − xᵢ), in the units of the data.

    A sum over H (`interval`) is a signal; the limits of a spot are ∓H, for C⁻ is drawn downward.
    `expect` gives μᵢ, the upper and the lower Kᵢ of a reading, None when it has no exposure.
    """

    centre: float
    sigma: float | None
    interval: float | None
    expect: Callable[[Reading], tuple[float, float, float] | None]
    sigma_z: float | None = None

    def follow(self, readings: Sequence[Reading], skipped: Sequence[bool]) -> list[Spot]:
        """What is skipped leaves the sums and their counters where they were."""
        spots, sums = [], Sums(0.0, 0.0, 0, 0)
        for reading, skip in zip(readings, skipped, strict=True):
            expected = self.expect(reading)
            if expected is None:
                spots.append(Spot(None, sums=sums))
                continue
            mean, up, down = expected
            if not skip:
                sums = _added(sums, reading.value - mean - up, mean - down - reading.value)
            spots.append(self._spot(reading.value, mean, sums))
        return spots

    def _spot(self, value: float, mean: float, sums: Sums) -> Spot:
        reach = self.interval
        z = None if self.sigma is None else distance(value, mean, self.sigma)
        return Spot(value, mean, None if reach is None else -reach, reach, z, side_of(value, mean), sums)


def _added(sums: Sums, up: float, down: float) -> Sums:
    plus, minus = max(0.0, sums.c_plus + up), max(0.0, sums.c_minus + down)
    return Sums(plus, minus, sums.n_plus + 1 if plus > 0 else 0, sums.n_minus + 1 if minus > 0 else 0)


def fit(readings: Sequence[Reading], options: Options) -> Cusum:
    """The tabular CUSUM. K = k·σ and H = h·σ, by default k = ½ and h = 5; the sums are in the units of the data.

    Without `sigma`: k and h that are given are in the units of the data themselves (σ = 1); when neither is given, σ is
    the baseline's mean moving range over 1.128, and with one reading there is no limit and no slack. Without `target`
    the mean of the baseline. The sums go on after a signal. N⁺ and N⁻ count for how many points each has been above 0,
    which leads back to where the shift began.
    Source: Montgomery, Introduction to Statistical Quality Control, 7th ed., 9.1.2, table 9.2; NIST/SEMATECH e-Handbook
    of Statistical Methods, 6.3.2.3 (k and h in the units of the data).
    """
    values = [reading.value for reading in readings]
    sigma = options.sigma
    if sigma is None:
        sigma = moving_sigma(values) if options.k is None and options.h is None else 1.0
    slack = (K if options.k is None else options.k) * (sigma or 0.0)
    centre = fmean(values) if options.target is None else options.target
    return Cusum(
        centre=centre,
        sigma=sigma,
        interval=None if sigma is None else (H if options.h is None else options.h) * sigma,
        expect=lambda _: (centre, slack, slack),
    )


def fit_poisson(readings: Sequence[Reading], options: Options) -> Cusum:
    """The CUSUM of a count, with a size or without: μᵢ = rate · size, and both K in counts.

    The slack for a shift from μ to s·μ is μ(s−1)/ln s: above μ for a doubled rate (s = 2), below it for a halved one.
    `k` is the slack itself, above and below μ, in counts at the mean size; `h` is the decision interval in counts,
    by default 5·√μ̄ and not under 5. `target` stands in for the rate.
    Source: Lucas 1985, Counted data CUSUM's, Technometrics 27(2), 129–144.
    """
    counts = math.fsum(reading.value for reading in readings)
    sizes = math.fsum(1.0 if reading.size is None else reading.size for reading in readings)
    rate = counts / sizes if options.target is None else options.target
    mean_size = sizes / len(readings)
    mean = rate * mean_size
    up = mean * ((SHIFT - 1) / math.log(SHIFT) - 1) if options.k is None else options.k
    down = mean * (1 - (1 / SHIFT - 1) / math.log(1 / SHIFT)) if options.k is None else options.k

    def expect(reading: Reading) -> tuple[float, float, float] | None:
        size = 1.0 if reading.size is None else reading.size
        part = size / mean_size
        return None if size <= 0 else (rate * size, up * part, down * part)

    return Cusum(
        centre=rate,
        sigma=math.sqrt(mean),
        interval=max(H, H * math.sqrt(mean)) if options.h is None else options.h,
        expect=expect,
    )
