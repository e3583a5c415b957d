"""Conventions of the control charts that no published set shows: what is estimated, frozen, drawn and left out."""

import math
from itertools import pairwise

import pytest

from threenos_server.errors import Invalid
from threenos_server.reports.figures.charts import Chart, Kind, Limits, Options, Reading, draw
from threenos_server.reports.figures.charts.anhoej import anhoej
from threenos_server.reports.figures.charts.rules import NELSON

#: Montgomery, Introduction to Statistical Quality Control, 7th ed., table 9.1: target 10, sigma 1.
SHIFTED = [
    *(9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08),
    *(9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52),
]
#: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.3: target 325, k 0.3175 and h 4.1959 in the units of the data.
GROUPS = [
    *(324.925, 324.675, 324.725, 324.35, 325.35, 325.225, 324.125, 324.525, 325.225, 324.6),
    *(324.625, 325.15, 328.325, 327.25, 327.825, 328.5, 326.675, 327.775, 326.875, 328.35),
]


def of(values: list[float], size: float | None = None) -> list[Reading]:
    return [Reading(str(n), value, size) for n, value in enumerate(values, 1)]


def firsts(chart: Chart) -> list[str]:
    return [point.label for point in chart.points if point.rules]


def test_tabular_cusum() -> None:
    """Montgomery's table 9.2: the sums, how long each has been above 0, and the signal in period 29."""
    chart = draw(Kind.CUSUM, of(SHIFTED), Options(target=10, sigma=1))
    sums = [point.sums for point in chart.points if point.sums]
    assert [round(s.c_plus, 2) for s in sums[:7]] == [0, 0, 0, 1.16, 2.82, 2.5, 0.04]
    assert [round(s.c_minus, 2) for s in sums[:4]] == [0.05, 1.56, 1.77, 0]
    assert [s.n_minus for s in sums[:4]] == [1, 2, 3, 0]
    assert [(round(s.c_plus, 2), s.n_plus) for s in sums[28:]] == [(5.28, 7), (5.3, 8)]
    assert firsts(chart) == ["29", "30"]
    assert chart.points[28].rules == ("cusum-high",)


def test_cusum_with_k_and_h_in_the_units_of_the_data() -> None:
    """NIST's example gives no sigma: k and h are meant as they stand."""
    chart = draw(Kind.CUSUM, of(GROUPS), Options(target=325, k=0.3175, h=4.1959))
    assert chart.points[0].upper == 4.1959
    assert firsts(chart) == ["14", "15", "16", "17", "18", "19", "20"]
    last = chart.points[-1].sums
    assert last is not None
    assert math.isclose(last.c_plus, sum(GROUPS[12:]) - 8 * 325.3175, rel_tol=1e-9)


def test_cusum_estimates_what_it_is_not_told() -> None:
    """Mean and moving range of the baseline; the sums are in the units of the data."""
    chart = draw(Kind.CUSUM, of([10, 12, 11, 13, 30]), Options(phase_at=4))
    assert chart.centre == 11.5
    assert chart.sigma == pytest.approx((2 + 1 + 2) / 3 / 1.128)
    assert chart.points[0].upper == pytest.approx(5 * (chart.sigma or 0))
    assert chart.points[4].rules == ("cusum-high",)


def test_what_is_excluded_does_not_move_what_remembers() -> None:
    """An assigned cause leaves an EWMA and a CUSUM where they were."""
    values = [10.0, 11, 99, 10]
    for kind in (Kind.EWMA, Kind.CUSUM):
        chart = draw(kind, of(values), Options(target=10, sigma=1, excluded=frozenset({2})))
        without = draw(kind, of([10, 11, 10]), Options(target=10, sigma=1))
        assert chart.points[3].sums == without.points[2].sums
        assert chart.points[2].rules == ()
    assert draw(Kind.EWMA, of(values), Options(target=10, sigma=1, excluded=frozenset({2}))).points[2].value == 10.2


def test_exact_ewma_limits_grow_to_the_steady_ones() -> None:
    """The first point's are λσL, and the last ones' are those that are drawn otherwise."""
    exact = draw(Kind.EWMA, of([10.0] * 60), Options(target=10, sigma=1, limits=Limits.EXACT))
    steady = draw(Kind.EWMA, of([10.0] * 60), Options(target=10, sigma=1))
    assert exact.points[0].upper == pytest.approx(10 + 3 * 0.2)
    assert all((a.upper or 0) < (b.upper or 0) for a, b in pairwise(exact.points[:20]))
    assert exact.points[-1].upper == pytest.approx(steady.points[0].upper)


def test_g_chart() -> None:
    """Centre ḡ and three sigma of the geometric distribution; exact limits are its own points."""
    gaps = of([12, 3, 25, 0, 8, 17, 5, 10])
    chart = draw(Kind.G, gaps)
    assert chart.centre == 10
    assert chart.points[0].upper == pytest.approx(10 + 3 * math.sqrt(110))
    assert chart.points[0].lower == 0
    exact = draw(Kind.G, gaps, Options(limits=Limits.EXACT))
    assert (exact.centre, exact.points[0].lower, exact.points[0].upper) == (7, 0, 69)


def test_a_skewed_gap_is_not_called_a_run() -> None:
    """Nine gaps under the mean but on both sides of the median are what a geometric distribution looks like."""
    gaps = of([9, 8, 9, 3, 9, 8, 2, 9, 8, 35])
    assert draw(Kind.G, gaps, Options(target=10)).points[8].rules == ()


def test_poisson_cusum() -> None:
    """Lucas: the slack lies between the rate and its double; sizes carry the expectation."""
    quiet, loud = [4.0, 3, 5, 4], [9.0, 8, 10, 9]
    chart = draw(Kind.POISSON_CUSUM, of(quiet + loud), Options(target=4))
    sums = chart.points[4].sums
    assert sums is not None
    assert sums.c_plus == pytest.approx(9 - 4 / math.log(2))
    assert firsts(chart)[0] in {"7", "8"}
    sized = [Reading(str(n), v, 2.0) for n, v in enumerate(quiet + loud, 1)]
    halved = draw(Kind.POISSON_CUSUM, sized, Options(target=2))
    assert [p.sums for p in halved.points] == [p.sums for p in chart.points]
    low = draw(Kind.POISSON_CUSUM, of([0.0] * 8), Options(target=4))
    assert low.points[-1].rules == ("cusum-low",)


def test_exact_limits_of_counts() -> None:
    """The points of the distribution, so that small counts have a limit that is one: Poisson and binomial."""
    few = of([1.0, 0, 2, 1, 0, 2, 1, 1])
    exact, plain = draw(Kind.C, few, Options(limits=Limits.EXACT)), draw(Kind.C, few)
    assert (exact.points[0].lower, exact.points[0].upper) == (0, 5)
    assert plain.points[0].upper == 4
    shares = draw(Kind.P, of([12.0, 11], 50), Options(limits=Limits.EXACT))
    assert (shares.points[0].lower, shares.points[0].upper) == (3 / 50, 21 / 50)
    rates = draw(Kind.U, of([1.0, 1], 2.5), Options(limits=Limits.EXACT))
    assert rates.points[0].upper == 5 / 2.5


def test_a_funnel_is_no_sequence() -> None:
    """Its points break no runs; shares are binomial, and what can exceed its size is Poisson."""
    rising = [Reading(name, count, 1000) for name, count in zip("abcdefghij", range(20, 70, 5), strict=True)]
    chart = draw(Kind.FUNNEL, rising, Options(rules=NELSON))
    assert {name for point in chart.points for name in point.rules} == {"nelson-1"}
    share = chart.centre
    assert chart.points[0].upper == pytest.approx(share + 3 * math.sqrt(share * (1 - share) / 1000))
    many = draw(Kind.FUNNEL, [Reading("a", 30, 10), Reading("b", 10, 10)])
    assert many.points[0].upper == pytest.approx(2 + 3 * math.sqrt(2 / 10))


def test_np_with_varying_sizes_has_a_centre_for_each() -> None:
    """The line that is drawn is the mean count; each point is held against its own."""
    chart = draw(Kind.NP, [Reading("a", 10, 100), Reading("b", 30, 300)])
    assert chart.centre == 20
    assert [point.centre for point in chart.points] == [10, 30]
    assert [point.z for point in chart.points] == [0, 0]
    aimed = draw(Kind.NP, [Reading("a", 10, 100), Reading("b", 30, 300)], Options(target=40))
    assert [point.centre for point in aimed.points] == [20, 60]


def test_laney_leaves_a_plain_chart_where_spread_is_as_expected_and_widens_it_otherwise() -> None:
    """σz over 1 for counts that vary more than chance; without a second point there are no limits."""
    chart = draw(Kind.U_PRIME, of([100.0, 300, 100, 300, 100, 300], 10))
    assert chart.sigma_z is not None
    assert chart.sigma_z > 10
    assert chart.points[0].lower == 0
    assert draw(Kind.P_PRIME, of([9.0, 1, 9, 1, 9, 1], 10)).points[0].upper == 1
    alone = draw(Kind.P_PRIME, of([3.0], 10))
    assert (alone.sigma_z, alone.points[0].lower, alone.points[0].upper) == (None, None, None)


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_moves_and_nothing_signals(kind: Kind) -> None:
    """All zeros, and all the same, also where thirds and tenths round; but equal gaps all lie over their median."""
    rules = ("nelson-1",) if kind is Kind.G else ("nelson-1", "nelson-2")
    for value in (0.0, 3.0):
        chart = draw(kind, of([value] * 30, 10.1), Options(smoothing=0.3, rules=rules))
        assert firsts(chart) == []
        assert len(chart.points) == 30


def test_a_first_event_after_none_is_a_signal() -> None:
    """A baseline of nothing has no spread, so that anything is beyond it."""
    assert firsts(draw(Kind.C, of([0.0] * 9 + [1]), Options(phase_at=9))) == ["10"]


def test_a_row_without_exposure_is_a_gap() -> None:
    """It has no value, makes no limits and ends no run."""
    rows = [Reading(str(n), 2 + n, 50) for n in range(6)]
    rows.insert(3, Reading("holiday", 0, 0))
    chart = draw(Kind.U, rows)
    assert chart.points[3].value is None
    assert chart.points[6].rules == ("nelson-3",)
    assert chart.phases[0].judgement.points == 6


def test_own_limits_end_runs_and_frozen_ones_do_not() -> None:
    """Where the limits change a run begins anew."""
    values = of([9.0] * 5 + [1] * 5 + [9] * 4 + [2] * 9, 10)
    rules = ("western-electric-4",)
    assert len(draw(Kind.P, values, Options(phase_at=14, rules=rules)).phases) == 2
    rise = of([float(n) for n in range(1, 10)])
    assert "nelson-3" in draw(Kind.C, rise, Options(phase_at=5)).points[6].rules
    assert "nelson-3" not in draw(Kind.C, rise, Options(phase_at=5, own_limits=True)).points[6].rules


def test_nothing_left_for_a_baseline_is_said() -> None:
    """All excluded, or all without exposure."""
    with pytest.raises(Invalid, match="No row is left"):
        draw(Kind.C, of([1.0, 2]), Options(excluded=frozenset({0, 1})))
    for kind in (Kind.U, Kind.POISSON_CUSUM):
        with pytest.raises(Invalid, match="without exposure"):
            draw(kind, of([0.0], 0))


def test_too_few_to_judge_is_the_stronger_of_two_criteria() -> None:
    """Twenty points do not make up for empty ones, nor full ones for too few; exact limits want less in a point."""
    assert draw(Kind.C, of([5.0] * 20)).phases[0].judgement.enough
    assert not draw(Kind.C, of([5.0] * 19)).phases[0].judgement.enough
    assert not draw(Kind.C, of([2.0] * 200)).phases[0].judgement.enough
    assert draw(Kind.C, of([2.0] * 20), Options(limits=Limits.EXACT)).phases[0].judgement.enough
    assert draw(Kind.T, of([2.0] * 20)).phases[0].judgement.enough


def test_weibull_limits_want_times_that_differ() -> None:
    """Equal times, or one of 0, have no Weibull distribution."""
    for times in ([5.0, 5, 5], [0.0, 3, 4]):
        with pytest.raises(Invalid, match="Weibull"):
            draw(Kind.T, of(times), Options(limits=Limits.WEIBULL))


def test_anhoej_looks_at_runs_and_crossings() -> None:
    """Ten on one side and ten on the other are a shift; points on the line are of no use."""
    shift = anhoej([1] * 10 + [0] + [-1] * 10)
    assert (shift.useful, shift.longest_run, shift.crossings, shift.signal) == (20, 10, 1, True)
    assert not anhoej([1, 1, -1, 1, -1, -1, 1, -1, -1, 1, -1, 1]).signal
    assert not anhoej([0, 1]).signal
