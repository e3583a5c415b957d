"""Rates and how sure they are: per thousand, per million, before against after."""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from threenos_server.errors import Invalid
from threenos_server.reports.figures.distributions import beta_quantile, binomial_cdf, gamma_quantile

#: Fewer complaints than this before and after together cannot show a cure: even 4 against 0 has p = 0.125.
FEWEST = 6


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` per `per` units of `exposure`. None: there is no exposure, so there is no rate."""

    count: int
    exposure: float | None
    per: float
    value: float | None
    interval: Interval | None


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    TOO_FEW = "too-few"


@dataclass(frozen=True, slots=True)
class Ratio:
    """After over before. `ratio` is None and its interval unbounded when nothing was counted before."""

    before: Rate
    after: Rate
    ratio: float | None
    interval: Interval
    p_value: float
    verdict: Verdict


def poisson_interval(count: int, level: float = 0.95) -> Interval:
    """The exact interval of a Poisson mean of which `count` was seen. Source: Garwood 1936, Biometrika 28, 437–442."""
    if count < 0:
        raise Invalid(f"{count} is no count")
    tail = (1 - level) / 2
    return Interval(gamma_quantile(tail, count) if count else 0.0, gamma_quantile(1 - tail, count + 1))


def rate(count: int, exposure: float | None, per: float, level: float = 0.95) -> Rate:
    """`per` · count / exposure with its exact Poisson interval."""
    if not exposure or exposure < 0:
        return Rate(count, exposure, per, None, None)
    scale = per / exposure
    interval = poisson_interval(count, level)
    return Rate(count, exposure, per, count * scale, Interval(interval.low * scale, interval.high * scale))


def complaints_per_thousand(count: int, units: float | None, level: float = 0.95) -> Rate:
    """1000 · C / U, with a Poisson interval: domain.md, Figures."""
    return rate(count, units, 1000.0, level)


def internal_ppm(rejected: float, units: float | None) -> float | None:
    """10⁶ · rejected units / units handed on; None without exposure: domain.md, Figures."""
    return 1e6 * rejected / units if units else None


def wilson(successes: int, n: int, level: float = 0.95) -> Interval | None:
    """The score interval of a share; None of nothing.

    Source: Wilson 1927, J. American Statistical Association 22, 209–212.
    """
    if n <= 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / n
    middle = share + z * z / (2 * n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low, high = (middle - reach) / scale, (middle + reach) / scale
    return Interval(low if successes else 0.0, high if successes < n else 1.0)


def rate_ratio(before: tuple[int, float], after: tuple[int, float], level: float = 0.95) -> Ratio:
    """Did the cure work? (count, exposure) before and after; the ratio of the rates with its exact interval.

    Given the total, the count after is binomial with chance rU₁/(U₀ + rU₁), so that Clopper and Pearson's interval of
    that chance becomes one of r; the p-value is that of r = 1, two-sided by the smaller chances. The verdict is
    `better` or `worse` when the interval leaves out 1. Raises Invalid without exposure on either side.
    Source: Przyborowski & Wilenski 1940, Biometrika 31, 313–323; as in R's poisson.test.
    """
    (count_0, units_0), (count_1, units_1) = before, after
    if units_0 <= 0 or units_1 <= 0:
        raise Invalid("A rate before and one after need units on both sides.")
    total, tail = count_0 + count_1, (1 - level) / 2
    low = beta_quantile(tail, count_1, count_0 + 1) if count_1 else 0.0
    high = beta_quantile(1 - tail, count_1 + 1, count_0) if count_0 else 1.0
    interval = Interval(_odds(low) * units_0 / units_1, _odds(high) * units_0 / units_1)
    return Ratio(
        before=rate(count_0, units_0, 1000.0, level),
        after=rate(count_1, units_1, 1000.0, level),
        ratio=(count_1 / units_1) / (count_0 / units_0) if count_0 else None,
        interval=interval,
        p_value=_two_sided(count_1, total, units_1 / (units_0 + units_1)),
        verdict=_verdict(total, interval),
    )


def _odds(chance: float) -> float:
    return math.inf if chance >= 1 else chance / (1 - chance)


def _verdict(total: int, interval: Interval) -> Verdict:
    if total < FEWEST:
        return Verdict.TOO_FEW
    return Verdict.BETTER if interval.high < 1 else Verdict.WORSE if interval.low > 1 else Verdict.UNCLEAR


def _two_sided(seen: int, n: int, chance: float) -> float:
    """The chance of everything that is not likelier than what was seen, of a binomial count."""
    if n == 0:
        return 1.0
    limit = _log_mass(seen, n, chance) + 1e-7
    low = seen <= n * chance
    start, stop = (math.ceil(n * chance), n) if low else (0, math.floor(n * chance))
    other = _last_likelier(start, stop, low, limit, n, chance)
    if low:
        return min(1.0, binomial_cdf(seen, n, chance) + 1 - binomial_cdf(other, n, chance))
    return min(1.0, 1 - binomial_cdf(seen - 1, n, chance) + binomial_cdf(other - 1, n, chance))


def _last_likelier(start: int, stop: int, rising: bool, limit: float, n: int, chance: float) -> int:
    """The count farthest from the mean on the other side that is still likelier than `limit` (its log)."""
    low, high = (start - 1, stop) if rising else (start, stop + 1)
    while low < high:
        middle = (low + high + 1) // 2 if rising else (low + high) // 2
        if rising:
            low, high = (middle, high) if _log_mass(middle, n, chance) > limit else (low, middle - 1)
        else:
            low, high = (low, middle) if _log_mass(middle, n, chance) > limit else (middle + 1, high)
    return low


def _log_mass(k: int, n: int, chance: float) -> float:
    choices = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return choices + (k * math.log(chance) if k else 0.0) + ((n - k) * math.log1p(-chance) if n > k else 0.0)
