"""From readings to a chart: baseline and phases, where each point lies, and which rules it breaks."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from threenos_server.errors import Invalid
from threenos_server.reports.figures.charts import attribute, cusum, ewma, rare
from threenos_server.reports.figures.charts.anhoej import anhoej
from threenos_server.reports.figures.charts.judging import Judgement, judge
from threenos_server.reports.figures.charts.model import (
    COUNTED,
    SIZED,
    Chart,
    Fit,
    Kind,
    Options,
    Phase,
    Point,
    Reading,
    Spot,
)
from threenos_server.reports.figures.charts.rules import ALONE, ATTRIBUTE, Mark, broken

_SUMS = frozenset({Kind.CUSUM, Kind.POISSON_CUSUM})
#: Kinds whose points are no time series of their own: one after another they are not independent, or not in time.
_NO_RUNS = _SUMS | {Kind.EWMA, Kind.FUNNEL}


def draw(kind: Kind, readings: Sequence[Reading], options: Options = Options()) -> Chart:  # noqa: B008 - frozen
    """The chart of these readings, which are in time order (funnel: in any).

    Shapes: one point for each reading. Points without exposure have no value and take part in nothing.
    Raises Invalid when nothing is left to make the limits from.
    """
    spans = _spans(len(readings), options.phase_at)
    fits: list[Fit] = []
    bases: list[list[Reading]] = []
    for span in spans if options.own_limits else spans[:1]:
        bases.append([readings[i] for i in span if i not in options.excluded and _exposed(kind, readings[i])])
        fits.append(_fit(kind, bases[-1], options))
    places = spans if options.own_limits else [range(len(readings))]
    spots = [spot for fit, span in zip(fits, places, strict=True) for spot in _follow(fit, readings, span, options)]
    rules = _rules(kind, spots, places, options)
    points = tuple(
        _point(reading.label, spot, rules[i], i in options.excluded, next(n for n, s in enumerate(spans) if i in s))
        for i, (reading, spot) in enumerate(zip(readings, spots, strict=True))
    )
    phases = tuple(
        _phase(kind, readings, spots, span, options, fits[min(n, len(fits) - 1)], bases[min(n, len(bases) - 1)])
        for n, span in enumerate(spans)
    )
    return Chart(kind, fits[0].centre, fits[0].sigma, fits[0].sigma_z, points, phases)


def _spans(count: int, phase_at: int | None) -> list[range]:
    cuts = [0, count] if phase_at is None else [0, phase_at, count]
    return [range(a, b) for a, b in pairwise(cuts)]


def _exposed(kind: Kind, reading: Reading) -> bool:
    if reading.size is None:
        return kind not in SIZED
    return reading.size > 0 or kind not in SIZED | {Kind.POISSON_CUSUM}


def _fit(kind: Kind, base: Sequence[Reading], options: Options) -> Fit:
    if not base:
        raise Invalid(
            "No row is left to make the limits from: all are excluded, without exposure, or after the baseline."
        )
    match kind:
        case Kind.G:
            return rare.fit_g(base, options)
        case Kind.T:
            return rare.fit_t(base, options)
        case Kind.EWMA:
            return ewma.fit(base, options)
        case Kind.CUSUM:
            return cusum.fit(base, options)
        case Kind.POISSON_CUSUM:
            return cusum.fit_poisson(base, options)
    return attribute.fit(kind, base, options)


def _follow(fit: Fit, readings: Sequence[Reading], span: range, options: Options) -> list[Spot]:
    return fit.follow([readings[i] for i in span], [i in options.excluded for i in span])


def _rules(kind: Kind, spots: Sequence[Spot], places: Sequence[range], options: Options) -> list[tuple[str, ...]]:
    """The rules that each spot breaks. Runs end where limits change, and pass over points with an assigned cause."""
    names = ATTRIBUTE if options.rules is None else options.rules
    alone = tuple(name for name in names if name in ALONE)
    if kind in _SUMS:
        return [_interval(spot) if names else () for spot in spots]
    found: list[tuple[str, ...]] = [()] * len(spots)
    for span in places:
        marks = {i: mark for i in span if (mark := _mark(spots[i])) is not None}
        runs = [i for i in marks if i not in options.excluded]
        for i, names_broken in zip(
            runs, broken([marks[i] for i in runs], alone if kind in _NO_RUNS else names), strict=True
        ):
            found[i] = names_broken
        for i in marks.keys() & options.excluded:
            found[i] = broken([marks[i]], alone)[0]
    return found


def _mark(spot: Spot) -> Mark | None:
    if spot.value is None or spot.z is None or spot.lower is None or spot.upper is None:
        return None
    room = 1e-9 * max(abs(spot.lower), abs(spot.upper))  # what lies on a limit but for rounding is not beyond it
    return Mark(spot.value, spot.z, spot.side, not spot.lower - room <= spot.value <= spot.upper + room)


def _interval(spot: Spot) -> tuple[str, ...]:
    if spot.sums is None or spot.upper is None:
        return ()
    high, low = spot.sums.c_plus > spot.upper, spot.sums.c_minus > spot.upper
    return ("cusum-high",) * high + ("cusum-low",) * low


def _point(label: str, spot: Spot, rules: tuple[str, ...], excluded: bool, phase: int) -> Point:
    return Point(
        label, spot.value, spot.centre, spot.lower, spot.upper, spot.z, rules, excluded, phase, spot.sums
    )  # fmt: skip


def _phase(
    kind: Kind,
    readings: Sequence[Reading],
    spots: Sequence[Spot],
    span: range,
    options: Options,
    fit: Fit,
    base: Sequence[Reading],
) -> Phase:
    sides = [spots[i].side for i in span if i not in options.excluded and spots[i].value is not None]
    return Phase(
        first=readings[span[0]].label,
        last=readings[span[-1]].label,
        centre=fit.centre,
        sigma=fit.sigma,
        sigma_z=fit.sigma_z,
        anhoej=anhoej(sides),
        judgement=_judgement(kind, base, options),
    )


def _judgement(kind: Kind, base: Sequence[Reading], options: Options) -> Judgement:
    expected = fmean(reading.value for reading in base) if kind in COUNTED else None
    return judge(len(base), expected, options.limits.value)
