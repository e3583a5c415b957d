"""The distributions that the figures stand on: Poisson, binomial, geometric, gamma and beta, without any package.

The incomplete gamma and beta functions are taken from their series and continued fractions (Abramowitz & Stegun 1964,
6.5.29, 6.5.31 and 26.5.8, the fractions evaluated by Lentz's method); the rest follows from them:
P(X ≤ k | Poisson μ) = Q(k + 1, μ) and P(X ≤ k | binomial n, p) = I₁₋ₚ(n − k, k + 1) (A&S 26.4.21, 26.5.24).
"""

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

_TINY = 1e-300
_CLOSE = 1e-15
_NORMAL = NormalDist()
#: Above this mean the Cornish–Fisher expansion is right to less than a count, and the series would be slow.
_LARGE = 1e6


def gamma_cdf(shape: float, x: float) -> float:
    """The regularized lower incomplete gamma function P(shape, x), for shape > 0 and x ≥ 0."""
    if x <= 0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        return front * _gamma_series(shape, x)
    return 1.0 - front * _fraction(_gamma_terms(shape, x), x + 1 - shape)


def _gamma_series(shape: float, x: float) -> float:
    term = total = 1.0 / shape
    n = shape
    while term > total * _CLOSE:
        n += 1
        term *= x / n
        total += term
    return total


def _gamma_terms(shape: float, x: float) -> Callable[[int], tuple[float, float]]:
    return lambda i: (-i * (i - shape), x + 2 * i + 1 - shape)


def _fraction(term: Callable[[int], tuple[float, float]], first: float) -> float:
    """1 / (first + a₁/(b₁ + a₂/(b₂ + …))), where `term(i)` is (aᵢ, bᵢ); modified Lentz."""
    d = 1.0 / (first if first else _TINY)
    c, value, i = 1.0 / _TINY, d, 0
    while True:
        i += 1
        a, b = term(i)
        d = 1.0 / ((b + a * d) or _TINY)
        c = (b + a / c) or _TINY
        step = c * d
        value *= step
        if abs(step - 1) < _CLOSE * 4:
            return value


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function Iₓ(a, b), for a, b > 0 and 0 ≤ x ≤ 1."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on this side only
        return 1.0 - beta_cdf(1 - x, b, a)
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log) / a * _fraction(_beta_terms(x, a, b), 1.0)


def _beta_terms(x: float, a: float, b: float) -> Callable[[int], tuple[float, float]]:
    def term(i: int) -> tuple[float, float]:
        m = i // 2
        if i % 2:
            return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1.0

    return term


def gamma_quantile(p: float, shape: float) -> float:
    """The x with P(shape, x) = p. Wilson & Hilferty's cube (A&S 26.4.17) sharpened by bisection where that counts."""
    near = shape * max(0.0, 1 - 1 / (9 * shape) + _NORMAL.inv_cdf(p) / (3 * math.sqrt(shape))) ** 3
    if shape > _LARGE:
        return near
    low, high = 0.0, max(2 * near, 1.0)
    while gamma_cdf(shape, high) < p:
        high *= 2
    return _bisect(lambda x: gamma_cdf(shape, x) >= p, low, high)


def beta_quantile(p: float, a: float, b: float) -> float:
    """The x with Iₓ(a, b) = p."""
    return _bisect(lambda x: beta_cdf(x, a, b) >= p, 0.0, 1.0)


def _bisect(reached: Callable[[float], bool], low: float, high: float) -> float:
    """Where `reached` turns true between `low` and `high`, as closely as floats can say."""
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if reached(middle) else (middle, high)
    return (low + high) / 2


def poisson_cdf(k: int, mean: float) -> float:
    """P(X ≤ k) for a Poisson count of that mean (≥ 0)."""
    if k < 0:
        return 0.0
    return 1.0 if mean <= 0 else 1.0 - gamma_cdf(k + 1, mean)


def binomial_cdf(k: int, n: int, p: float) -> float:
    """P(X ≤ k) of n trials with probability p each."""
    if k < 0:
        return 0.0
    return 1.0 if k >= n else 1.0 - beta_cdf(p, k + 1, n - k)


@lru_cache(maxsize=4096)  # a chart asks for few sizes, and for each of them again and again
def poisson_quantile(p: float, mean: float) -> int:
    """The smallest k with P(X ≤ k) ≥ p."""
    spread = math.sqrt(mean)
    if mean > _LARGE:
        return _expanded(p, mean, spread, 1 / spread)
    return _first(lambda k: poisson_cdf(k, mean) >= p, int(mean + 10 * spread + 10))


@lru_cache(maxsize=4096)
def binomial_quantile(p: float, n: int, chance: float) -> int:
    """The smallest k with P(X ≤ k) ≥ p, of n trials with that chance each."""
    variance = n * chance * (1 - chance)
    if variance > _LARGE:
        return _expanded(p, n * chance, math.sqrt(variance), (1 - 2 * chance) / math.sqrt(variance))
    return _first(lambda k: binomial_cdf(k, n, chance) >= p, n)


def geometric_quantile(p: float, mean: float) -> int:
    """The smallest k with P(X ≤ k) ≥ p for the number of good units before a bad one, of that mean (≥ 0)."""
    if mean <= 0:
        return 0
    log_good = math.log(mean / (mean + 1))
    k = max(0, math.ceil(math.log1p(-p) / log_good - 1))
    # The logarithms may land a hair beside a whole number; the definition decides.
    return k - 1 if k > 0 and -math.expm1(k * log_good) >= p else k


def _expanded(p: float, mean: float, sd: float, skew: float) -> int:
    """Cornish & Fisher's first correction of the normal quantile (A&S 26.2.49)."""
    z = _NORMAL.inv_cdf(p)
    return round(mean + sd * (z + (z * z - 1) * skew / 6))


def _first(reached: Callable[[int], bool], high: int) -> int:
    """The smallest k from 0 to `high` for which `reached` holds; it holds for `high`."""
    low = 0
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    return low
