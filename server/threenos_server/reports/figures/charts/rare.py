"""g and t charts: what lies between two events, when events are too rare to count in periods."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean

from threenos_server.errors import Invalid
from threenos_server.reports.figures.charts.model import (
    TAILS,
    Limits,
    Options,
    Reading,
    Spot,
    distance,
    moving_sigma,
    side_of,
)
from threenos_server.reports.figures.charts.shewhart import Shewhart, three_sigma
from threenos_server.reports.figures.distributions import geometric_quantile

#: Nelson's power: an exponential time raised to 1/3.6 is close to normal.
POWER = 3.6


def fit_g(readings: Sequence[Reading], options: Options) -> Shewhart:
    """Good units between two bad ones (the bad one not counted): centre ḡ, limits ḡ ± 3·√(ḡ(ḡ+1)), none under 0.

    Exact limits and their centre are the 0.135, 50 and 99.865 % points of the geometric distribution of that mean.
    As it is skewed, the sides for runs are taken from its median. `target` stands in for ḡ.
    Source: Kaminsky, Benneyan, Davis & Burke 1992, Statistical control charts based on a geometric distribution,
    J. Quality Technology 24, 63–69; the median: Provost & Murray 2011, The Health Care Data Guide, p. 228.
    """
    mean = fmean(reading.value for reading in readings) if options.target is None else options.target
    sigma = math.sqrt(mean * (mean + 1))
    median = geometric_quantile(0.5, mean)
    exact = options.limits is Limits.EXACT
    lower, upper = (float(geometric_quantile(tail, mean)) for tail in TAILS)

    def place(reading: Reading) -> Spot:
        spot = replace(three_sigma(reading.value, mean, sigma), side=side_of(reading.value, median))
        return replace(spot, centre=float(median), lower=lower, upper=upper) if exact else spot

    return Shewhart(float(median) if exact else mean, place, sigma=sigma)


def fit_t(readings: Sequence[Reading], options: Options) -> Shewhart:
    """Times between events: y = t^(1/3.6) on an individuals chart (ȳ ± 3·MR̄/1.128), drawn back as y^3.6.

    A limit that is negative before it is drawn back is 0. Without a second reading there are no limits. Exact limits
    and centre are the 0.135, 50 and 99.865 % points of the exponential distribution of the mean time, Weibull limits
    those of the Weibull distribution of greatest likelihood. `target` stands in for the centre, or with exact limits
    for the mean time; Weibull limits take none.
    Source: Nelson 1994, A control chart for parts-per-million nonconforming items, J. Quality Technology 26, 239–240;
    Montgomery, Introduction to Statistical Quality Control, 7th ed., example 7.6.
    """
    powers = [_shrunk(reading.value) for reading in readings]
    middle = fmean(powers) if options.target is None else _shrunk(options.target)
    sigma = moving_sigma(powers)
    if options.limits is Limits.EXACT:
        mean = fmean(reading.value for reading in readings) if options.target is None else options.target
        return _by_quantile(lambda p: -mean * math.log1p(-p), middle, sigma)
    if options.limits is Limits.WEIBULL:
        shape, scale = weibull([reading.value for reading in readings])
        return _by_quantile(lambda p: scale * (-math.log1p(-p)) ** (1 / shape), middle, sigma)

    def place(reading: Reading) -> Spot:
        spot = Spot(reading.value, _grown(middle), side=side_of(_shrunk(reading.value), middle))
        if sigma is None:
            return spot
        z = distance(_shrunk(reading.value), middle, sigma)
        return replace(spot, lower=_grown(middle - 3 * sigma), upper=_grown(middle + 3 * sigma), z=z)

    return Shewhart(_grown(middle), place, sigma=sigma)


def _by_quantile(quantile: Callable[[float], float], middle: float, sigma: float | None) -> Shewhart:
    centre, lower, upper = (quantile(p) for p in (0.5, *TAILS))

    def place(reading: Reading) -> Spot:
        z = None if sigma is None else distance(_shrunk(reading.value), middle, sigma)
        return Spot(reading.value, centre, lower, upper, z, side_of(reading.value, centre))

    return Shewhart(centre, place, sigma=sigma)


def weibull(times: Sequence[float]) -> tuple[float, float]:
    """Shape and scale of greatest likelihood for times > 0, of which two differ; Invalid otherwise.

    The shape solves Σtᵏ ln t / Σtᵏ − 1/k = mean ln t, which grows with k. Source: Lawless 2003, Statistical Models and
    Methods for Lifetime Data, 2nd ed., 5.2.
    """
    if len(set(times)) < 2 or min(times) <= 0:
        raise Invalid("Weibull limits need times above 0 of which at least two differ.")
    top = max(times)
    logs = [math.log(time / top) for time in times]  # over the largest, so that no power overflows

    def excess(shape: float) -> float:
        powers = [math.exp(shape * log) for log in logs]
        return math.fsum(p * log for p, log in zip(powers, logs, strict=True)) / math.fsum(powers) - 1 / shape

    low, high, wanted = 0.0, 1.0, fmean(logs)
    while excess(high) < wanted:
        low, high = high, high * 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < wanted else (low, middle)
    return high, top * fmean(math.exp(high * log) for log in logs) ** (1 / high)


def _shrunk(time: float) -> float:
    return float(time ** (1 / POWER))


def _grown(power: float) -> float:
    return float(max(0.0, power) ** POWER)
