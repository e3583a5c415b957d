"""Yields: FPY, RTY, PPM, DPMO and the sigma level that goes with it."""

import math
from collections.abc import Iterable
from statistics import NormalDist

from threenos_server.errors import Invalid


def first_pass_yield(units: float, defective: float, reworked: float = 0.0) -> float | None:
    """The share of `units` that went through good and without rework; None of nothing.

    Raises Invalid when more are bad than there are. Source: ISO 22400-2:2014 (first pass yield).
    """
    _among(units, defective + reworked)
    return 1 - (defective + reworked) / units if units else None


def rolled_throughput_yield(yields: Iterable[float]) -> float:
    """The chance to go through all steps without a defect: the product of their yields. Source: Harry & Schroeder 2000,
    Six Sigma."""
    product = math.prod(yields)
    if not 0 <= product <= 1:
        raise Invalid("A yield lies between 0 and 1.")
    return product


def ppm(bad: float, units: float) -> float | None:
    """10⁶ · bad units / units; None of nothing."""
    _among(units, bad)
    return 1e6 * bad / units if units else None


def dpmo(defects: float, units: float, opportunities: float = 1.0) -> float | None:
    """10⁶ · defects / (units · opportunities for a defect in each); None of nothing. Source: Harry & Schroeder 2000."""
    chances = units * opportunities
    if defects < 0 or chances < 0:
        raise Invalid("Defects, units and opportunities are not negative.")
    return 1e6 * defects / chances if chances else None


def dpmo_of(sigma: float, shift: float = 1.5) -> float:
    """Defects per million of a process whose nearer limit lies `sigma` − `shift` from its mean; shift 0: both tails."""
    tail = NormalDist().cdf(-(sigma - shift))
    return 1e6 * (tail if shift else 2 * tail)


def sigma_level(defects_per_million: float, shift: float = 1.5) -> float | None:
    """The sigma that `dpmo_of` gives this many for; None at 0 and at a million, where there is none."""
    tail = defects_per_million / 1e6 / (1 if shift else 2)
    return shift - NormalDist().inv_cdf(tail) if 0 < tail < 1 else None


def _among(units: float, bad: float) -> None:
    if units < 0 or bad < 0 or bad > units:
        raise Invalid(f"{bad} bad of {units} cannot be")
