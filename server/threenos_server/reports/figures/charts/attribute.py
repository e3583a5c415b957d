"""p, np, c and u charts, Laney's p′ and u′, and the funnel: counts, plain or against a size."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from threenos_server.reports.figures.charts.model import (
    TAILS,
    Kind,
    Limits,
    Options,
    Reading,
    Spot,
    moving_sigma,
    side_of,
)
from threenos_server.reports.figures.charts.shewhart import Shewhart, three_sigma
from threenos_server.reports.figures.distributions import binomial_quantile, poisson_quantile


@dataclass(frozen=True, slots=True)
class _Law:
    """How a count of one reading is spread: its mean, its variance, the most it can be, its quantiles."""

    mean: float
    variance: float
    most: float | None
    quantile: Callable[[float], int]


def fit(kind: Kind, readings: Sequence[Reading], options: Options) -> Shewhart:
    """Estimate a chart of counts from its baseline (at least one reading, sizes > 0 where the kind has sizes).

    p, np: p̄ = Σx/Σn, σᵢ = √(p̄(1−p̄)/nᵢ), for np times nᵢ; its centre is p̄ times the mean size. c: c̄, √c̄.
    u: ū = Σx/Σn, σᵢ = √(ū/nᵢ); sizes may be fractions. Source: Montgomery, Introduction to Statistical Quality
    Control, 7th ed., 7.2 and 7.3. `target` stands in for p̄, ū, c̄, or for the centre of np.
    Exact limits are the 0.135 and 99.865 % points of the binomial (p, np) or Poisson (c, u) count, over the size.
    p′, u′: σᵢ times σ_z, the moving-range sigma of the baseline's z. Source: Laney 2002, Improved control charts for
    attributes, Quality Engineering 14(4), 531–537.
    funnel: as p while every count is within its size and the sizes are whole, else as u. Source: Spiegelhalter 2005,
    Funnel plots for comparing institutional performance, Statistics in Medicine 24, 1185–1202.
    """
    centre, rate = _centres(kind, readings, options.target)
    law = _binomial if _is_binomial(kind, readings) else _poisson
    as_count = kind in (Kind.C, Kind.NP)

    def place(reading: Reading, factor: float | None = 1.0) -> Spot:
        size = _size(kind, reading)
        if size <= 0:
            return Spot(None)
        return _spot(reading.value, 1.0 if as_count else size, law(rate, size), options.limits, factor)

    if kind not in (Kind.P_PRIME, Kind.U_PRIME):
        return Shewhart(centre, place)
    spots = [place(reading) for reading in readings]
    sigma_z = moving_sigma([spot.z for spot in spots if spot.z is not None and math.isfinite(spot.z)])
    return Shewhart(centre, lambda reading: place(reading, sigma_z), sigma_z=sigma_z)


def _size(kind: Kind, reading: Reading) -> float:
    """A c chart looks at no size, also when there is one."""
    return 1.0 if kind is Kind.C or reading.size is None else reading.size


def _centres(kind: Kind, readings: Sequence[Reading], target: float | None) -> tuple[float, float]:
    """The centre line that is drawn, and the rate per unit of size that all else follows from."""
    counts = math.fsum(reading.value for reading in readings)
    sizes = math.fsum(_size(kind, reading) for reading in readings)
    if kind is not Kind.NP:
        rate = counts / sizes if target is None else target
        return rate, rate
    mean_size = sizes / len(readings)
    return (counts / len(readings), counts / sizes) if target is None else (target, target / mean_size)


def _is_binomial(kind: Kind, readings: Sequence[Reading]) -> bool:
    if kind is Kind.FUNNEL:
        return all(r.size is not None and r.value <= r.size and float(r.size).is_integer() for r in readings)
    return kind in (Kind.P, Kind.NP, Kind.P_PRIME)


def _binomial(rate: float, size: float) -> _Law:
    return _Law(
        size * rate, size * rate * (1 - rate), size, lambda p: binomial_quantile(p, round(size), min(1.0, rate))
    )


def _poisson(rate: float, size: float) -> _Law:
    return _Law(size * rate, size * rate, None, lambda p: poisson_quantile(p, size * rate))


def _spot(count: float, unit: float, law: _Law, limits: Limits, factor: float | None) -> Spot:
    """The spot of a count, drawn per `unit`: the size for a rate, 1 for a count.

    Sigma is widened by `factor`; when that is None nobody knows how far, and there are no limits.
    """
    if factor is None:
        return Spot(count / unit, law.mean / unit, side=side_of(count / unit, law.mean / unit))
    top = None if law.most is None else law.most / unit
    spot = three_sigma(count / unit, law.mean / unit, factor * math.sqrt(max(0.0, law.variance)) / unit, top)
    if limits is Limits.SHEWHART:
        return spot
    lower, upper = (law.quantile(tail) / unit for tail in TAILS)
    return replace(spot, lower=lower, upper=upper)
