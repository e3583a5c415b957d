"""What a control chart takes and gives: readings, options, points and phases."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from threenos_server.reports.figures.charts.anhoej import Anhoej
from threenos_server.reports.figures.charts.judging import Judgement

#: The chances below the lower and above the upper limit of exact limits; those of three sigma, as tables print them.
TAILS = (0.00135, 0.99865)
#: The mean range of two normal values in sigmas (ASTM MNL 7, table 49), with the digits that tables print.
D2 = 1.128


class Kind(StrEnum):
    P = "p"
    NP = "np"
    C = "c"
    U = "u"
    P_PRIME = "p-prime"
    U_PRIME = "u-prime"
    G = "g"
    T = "t"
    EWMA = "ewma"
    CUSUM = "cusum"
    POISSON_CUSUM = "poisson-cusum"
    FUNNEL = "funnel"


class Limits(StrEnum):
    """`shewhart`: centre ± 3 sigma. `exact`: the 0.135 and 99.865 % points of the distribution itself.

    On an EWMA chart `shewhart` draws the steady-state limits and `exact` those of each point. `weibull`, on a t chart:
    the same points of the Weibull distribution that fits best, for times that are not exponential.
    """

    SHEWHART = "shewhart"
    EXACT = "exact"
    WEIBULL = "weibull"


#: Kinds that count against a size; `c` has none, the others take a value.
SIZED = frozenset({Kind.P, Kind.NP, Kind.U, Kind.P_PRIME, Kind.U_PRIME, Kind.FUNNEL})
COUNTED = SIZED | {Kind.C, Kind.POISSON_CUSUM}


@dataclass(frozen=True, slots=True)
class Reading:
    """One row: a count or a value, and for rates the size it was counted in. A size of 0 makes a gap in the chart."""

    label: str
    value: float
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to draw.

    `excluded` rows have an assigned cause: they are drawn and held against the limits, but neither make the limits nor
    take part in a run. Before row `phase_at` lies the baseline: it alone makes the limits, frozen for all that
    follows, or with `own_limits` each phase makes its own. Indexes are of the rows, from 0.
    `target` stands in for the centre, `sigma` for its estimate (ewma, cusum); `k` and `h` are the slack and the
    decision interval of a CUSUM, `smoothing` λ and `width` L of an EWMA. `rules` are names; None: the default ones.
    """

    excluded: frozenset[int] = frozenset()
    phase_at: int | None = None
    own_limits: bool = False
    target: float | None = None
    sigma: float | None = None
    k: float | None = None
    h: float | None = None
    smoothing: float = 0.2
    width: float = 3.0
    limits: Limits = Limits.SHEWHART
    rules: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """The two one-sided sums of a CUSUM and for how many points each has been above 0."""

    c_plus: float
    c_minus: float
    n_plus: int
    n_minus: int


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one reading lies: what is drawn, its limits, its distance from the centre in its own sigmas, and its side.

    `side` is +1, 0 or −1: above, on or below the line that half of the points should lie above.
    All None: there is no exposure, or nothing to estimate the limits from.
    """

    value: float | None
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    z: float | None = None
    side: int = 0
    sums: Sums | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a chart, with the names of the rules that it breaks."""

    label: str
    value: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    z: float | None
    rules: tuple[str, ...]
    excluded: bool
    phase: int
    sums: Sums | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a chart, from label `first` to `last`, and what was estimated for it."""

    first: str
    last: str
    centre: float
    sigma: float | None
    sigma_z: float | None
    anhoej: Anhoej
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Chart:
    """`centre`, `sigma` (t: of the transformed values; ewma, cusum: of the values) and `sigma_z` are the baseline's."""

    kind: Kind
    centre: float
    sigma: float | None
    sigma_z: float | None
    points: tuple[Point, ...]
    phases: tuple[Phase, ...]


class Fit(Protocol):
    """What a baseline has taught: the estimates, and where further readings lie by them."""

    @property
    def centre(self) -> float: ...

    @property
    def sigma(self) -> float | None: ...

    @property
    def sigma_z(self) -> float | None: ...

    def follow(self, readings: Sequence[Reading], skipped: Sequence[bool]) -> list[Spot]:
        """A spot for each reading; what is `skipped` does not move a chart that remembers."""
        ...


def moving_sigma(values: Sequence[float]) -> float | None:
    """The mean moving range of two over 1.128, all ranges kept; None with fewer than two values.

    Source: Shewhart charts for individuals, Montgomery, Introduction to Statistical Quality Control, 7th ed., 6.4.
    """
    if len(values) < 2:
        return None
    return sum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1) / D2


def distance(value: float, centre: float, sigma: float) -> float:
    """How many sigmas `value` lies from `centre`; 0 or infinite when there is no spread at all."""
    off = value - centre
    if abs(off) <= 1e-12 * max(abs(value), abs(centre)):
        return 0.0
    return off / sigma if sigma > 0 else float("inf") if off > 0 else float("-inf")


def side_of(value: float, line: float) -> int:
    """+1 above the line, −1 below, 0 on it (but for rounding)."""
    off = value - line
    return 0 if abs(off) <= 1e-12 * max(abs(value), abs(line)) else 1 if off > 0 else -1
