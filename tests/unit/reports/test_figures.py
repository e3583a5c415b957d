"""Figures whose rules are the domain's own: three nos, stops, recurrence, rates, clocks, cost, satisfaction."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from threenos_server.errors import Invalid
from threenos_server.reports.figures.alarms import Alarm, alarm_load
from threenos_server.reports.figures.clocks import Wait, clock, percentile
from threenos_server.reports.figures.containment import containment
from threenos_server.reports.figures.cost import Bucket, Rates, of_disposition, of_stop
from threenos_server.reports.figures.distributions import binomial_quantile, geometric_quantile, poisson_quantile
from threenos_server.reports.figures.matrix import Cell, matrix
from threenos_server.reports.figures.pareto import OTHER, UNCLASSIFIED, Amount, Measure, pareto
from threenos_server.reports.figures.rates import (
    Verdict,
    complaints_per_thousand,
    internal_ppm,
    poisson_interval,
    rate_ratio,
    wilson,
)
from threenos_server.reports.figures.recurrence import Seen, recurrence
from threenos_server.reports.figures.satisfaction import nps, satisfaction
from threenos_server.reports.figures.stops import Stop, charges, seconds_by
from threenos_server.reports.figures.three_nos import Flow, may_still_be_found, three_nos
from threenos_server.reports.figures.yields import first_pass_yield, sigma_level

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def minute(n: float) -> datetime:
    return NOON + timedelta(minutes=n)


def day(n: float) -> datetime:
    return NOON + timedelta(days=n)


def test_other_and_unclassified_stand_last_and_are_never_vital() -> None:
    """However large they are; what is folded goes into "other", and the shares are of all of it."""
    amounts = [
        Amount(UNCLASSIFIED, 50),
        Amount("a", 20),
        Amount("b", 10),
        Amount("c", 5),
        Amount("d", 4),
        Amount("e", 1),
    ]
    figure = pareto([*amounts, Amount(OTHER, 10)], most=2)
    assert [bar.key for bar in figure.bars] == ["a", "b", OTHER, UNCLASSIFIED]
    assert (figure.total, figure.bars[2].amount, figure.folded) == (100, 20, ("c", "d", "e"))
    assert figure.vital == ("a", "b")
    assert figure.bars[-1].cumulative == 1


def test_pareto_by_cost_and_of_nothing() -> None:
    """Another measure has another order; nothing has no bars."""
    rows = [Amount("a", 9, cost=1), Amount("b", 1, cost=8), Amount("a", 0, cost=1)]
    assert [bar.key for bar in pareto(rows, Measure.COST).bars] == ["b", "a"]
    assert pareto([]).bars == ()
    with pytest.raises(Invalid):
        pareto([Amount("a", -1)])


def test_matrix_sets_apart_what_is_unclassified() -> None:
    """It stands last, and has no stages to travel."""
    steps = {("a", "b"): 1, ("a", "c"): 2, ("b", "b"): 0}
    cells = [Cell(UNCLASSIFIED, "c", 5), Cell("a", "c", 2), Cell("a", "b", 1), Cell("b", "b", 1), Cell("a", "c", 1)]
    figure = matrix(cells, ["a", "b", "c"], lambda made, found: steps.get((made, found)))
    assert figure.made == ("a", "b", UNCLASSIFIED)
    assert figure.found == ("b", "c")
    assert figure.mean_stages == (3 * 2 + 1) / 5
    assert figure.total == 10


def test_three_nos_hold_a_process_only_to_what_it_inspects() -> None:
    """A passed b, which inspects for it, and c found it; b is not held to what its control plan does not look for."""
    flows = [
        Flow("a", "c", "scratch", 4, ("b",)),
        Flow("a", "b", "scratch", 1),
        Flow("a", "c", "bent", 3, ("b",)),
        Flow("a", "a", "scratch", 5),
    ]
    inspects = {("b", "scratch"), ("c", "scratch"), ("c", "bent")}
    a, b, c = three_nos(flows, {"a": 1000.0}, inspects, ["a", "b", "c"])
    assert (a.made, a.made_per_thousand, a.not_passed, a.not_accepted) == (13, 13, 5 / 13, None)
    assert (b.incoming, b.caught_incoming, b.not_accepted) == (5, 1, 1 / 5)
    assert (c.incoming, c.not_accepted) == (7, 1)
    assert (b.made_per_thousand, b.not_passed, b.exposure) == (None, None, None)


def test_a_young_period_says_that_more_may_be_found() -> None:
    """Within thirty days of its end."""
    assert may_still_be_found(day(0), day(29.9))
    assert not may_still_be_found(day(0), day(30))


def test_a_minute_under_several_stops_belongs_to_the_one_that_began_first() -> None:
    """Also when another lies within it, begins at once, or outlasts it; another line is another matter."""
    stops = [
        Stop("1", "a", minute(0), minute(10), "weld"),
        Stop("2", "a", minute(2), minute(5), "paint"),
        Stop("3", "a", minute(8), minute(15), "press"),
        Stop("4", "b", minute(0), None, "weld"),
    ]
    charged = charges(stops, minute(20))
    assert {c.stop.id: c.seconds / 60 for c in charged} == {"1": 10, "3": 5, "4": 20}
    assert seconds_by(charged, lambda c: c.stop.charged_to) == {"weld": 1800, "press": 300}


def test_stop_minutes_of_periods_add_up() -> None:
    """A stop that began before the period still owns its minutes there."""
    stops = [Stop("1", "a", minute(0), minute(10), "weld"), Stop("2", "a", minute(3), minute(14), "paint")]
    whole = seconds_by(charges(stops, minute(20)), lambda c: c.stop.id)
    parts = [seconds_by(charges(stops, minute(b), minute(a)), lambda c: c.stop.id) for a, b in ((0, 6), (6, 20))]
    assert {key: sum(part.get(key, 0) for part in parts) for key in whole} == whole == {"1": 600, "2": 240}


def seen(id_: str, occurred: float, closed: float | None = None, **other: str) -> Seen:
    made_at, defect, part = (
        other.get(key, default) for key, default in (("made_at", "weld"), ("defect", "gap"), ("part", "p"))
    )
    return Seen(id_, made_at, defect, part, day(occurred), None if closed is None else day(closed))


def test_recurrence_is_the_same_made_at_defect_and_part_within_thirty_days_of_closing() -> None:
    """What comes before closing, later, or from elsewhere is none; what closed lately is not judged yet."""
    complaints = [
        seen("a", 0, 1),
        seen("b", 20, 22),
        seen("c", 60, 61),
        seen("d", 0, 1, part="q"),
        seen("e", 2, None, made_at="paint"),
        seen("f", 75),
        seen("g", 0, 1, defect=UNCLASSIFIED),
    ]
    figure = recurrence(complaints, day(0), day(70), now=day(80))
    assert figure.pairs == (("a", "b"),)
    assert (figure.closed, figure.followed, figure.share) == (3, 1, 1 / 3)
    assert recurrence(complaints, day(0), day(70), now=day(92)).pairs == (("a", "b"), ("c", "f"))
    assert recurrence([], day(0), day(1), now=day(50)).share is None


def test_rates_say_when_exposure_is_missing() -> None:
    """No units, no rate: never 0."""
    assert complaints_per_thousand(3, None).value is None
    assert complaints_per_thousand(3, 0).interval is None
    assert internal_ppm(3, None) is None
    assert internal_ppm(3, 1500) == 2000


def test_poisson_interval_is_garwoods() -> None:
    """Textbook values: 0 has up to 3.689, 10 from 4.795 to 18.390; a rate carries them."""
    assert poisson_interval(0).low == 0
    assert poisson_interval(0).high == pytest.approx(3.6889, abs=1e-4)
    ten = complaints_per_thousand(10, 2000).interval
    assert ten is not None
    assert (ten.low, ten.high) == (pytest.approx(4.7954 / 2, abs=1e-4), pytest.approx(18.3904 / 2, abs=1e-4))
    many = poisson_interval(4_000_000)
    assert (many.high - many.low) / 2 == pytest.approx(1.96 * 2000, rel=1e-3)


def test_rate_ratio_is_the_exact_one() -> None:
    """R's documented example of poisson.test: 11 in 800 against 21 in 3011."""
    figure = rate_ratio((21, 3011), (11, 800))
    assert figure.ratio == pytest.approx(1.971488, abs=1e-6)
    assert figure.interval.low == pytest.approx(0.8584264, abs=1e-7)
    assert figure.interval.high == pytest.approx(4.2772659, abs=1e-7)
    assert figure.p_value == pytest.approx(0.07967, abs=1e-5)
    assert figure.verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((40, 1000), (10, 1000), Verdict.BETTER),
        ((10, 1000), (40, 1000), Verdict.WORSE),
        ((10, 1000), (20, 2000), Verdict.UNCLEAR),
        ((4, 1000), (0, 1000), Verdict.TOO_FEW),
        ((0, 1000), (30, 1000), Verdict.WORSE),
        ((0, 10), (0, 10), Verdict.TOO_FEW),
    ],
)
def test_did_the_cure_work(before: tuple[int, float], after: tuple[int, float], verdict: Verdict) -> None:
    """Better or worse only when the interval leaves out 1, and never by a handful."""
    figure = rate_ratio(before, after)
    assert figure.verdict is verdict
    assert 0 < figure.p_value <= 1
    assert (figure.ratio is None) == math.isinf(figure.interval.high) == (before[0] == 0)


def test_wilson_stays_within_0_and_1() -> None:
    """Also at none and at all; Wilson's own example of 0.5 of 10."""
    half = wilson(5, 10)
    assert half is not None
    assert (round(half.low, 4), round(half.high, 4)) == (0.2366, 0.7634)
    none, all_ = wilson(0, 5), wilson(5, 5)
    assert none is not None
    assert all_ is not None
    assert (none.low, all_.high) == (0, 1)
    assert wilson(0, 0) is None


def test_open_complaints_are_late_undecided_or_counted_but_never_dropped() -> None:
    """An open one past its limit is late already; one within it is undecided."""
    waits = [Wait(30, True, 60), Wait(90, True, 60), Wait(90, False, 60), Wait(10, False, 60), Wait(5, True)]
    figure = clock(waits)
    assert (figure.waits, figure.open, figure.within, figure.late, figure.undecided) == (5, 2, 1, 2, 1)
    assert figure.share_within == 1 / 3
    assert clock([Wait(10, False)] * 3).p50 is None
    assert clock([]).share_within is None
    grouped = [Wait(10, count=8), Wait(20, count=1), Wait(30, done=False, count=1)]
    assert (percentile(grouped, 0.8), percentile(grouped, 0.9), percentile(grouped, 0.95)) == (10, 20, None)


def test_a_missing_rate_is_not_a_free_defect() -> None:
    """It is 0 and says that it is not priced; a return costs nothing."""
    rates = Rates("1", 0.0, 45.0, {"weld": 5.0}, {})
    for item in (
        *of_disposition("c", "m", "paint", "scrap", 3, 0, rates),
        *of_disposition("c", "m", "weld", "rework", 3, 2, rates),
        of_stop("c", "m", "weld", "a", 60, None),
    ):
        assert (item.amount, item.priced) == (0, False)
    assert of_disposition("c", "m", "weld", "return", 3, 0, rates) == ()
    (sorting,) = of_disposition("c", "m", "weld", "sort", 3, 2, rates)
    assert (sorting.bucket, sorting.amount, sorting.priced) == (Bucket.SORT, 90, True)


def test_satisfaction_is_hidden_under_five() -> None:
    """Nobody is recognised by his stars; how many answered is always said."""
    few = satisfaction([5, 1, 3, 4], 10)
    assert (few.hidden, few.mean, few.csat, few.responses, few.response_share) == (True, None, None, 4, 0.4)
    enough = satisfaction([5, 1, 3, 4, 5], 10)
    assert (enough.hidden, enough.mean, enough.csat) == (False, 3.6, 0.6)
    assert nps([10, 10, 10, 10]) is None
    with pytest.raises(Invalid):
        satisfaction([6], 1)
    with pytest.raises(Invalid):
        nps([11] * 5)


def test_alarm_load_is_told_for_each_role_and_shift() -> None:
    """Ten in ten minutes are no flood, eleven are; unknown hours give no rate."""
    for count, flood in ((10, False), (11, True)):
        alarms = [Alarm("supervisor", "night", minute(n / 2), minute(n), str(n)) for n in range(count)]
        (load,) = alarm_load(alarms, {}, minute(60))
        assert (load.flood, load.per_hour, load.acceptable, load.stale) == (flood, None, None, 0)
    both = alarm_load([Alarm("b", "x", NOON, None), Alarm("a", None, NOON, None)], {("b", "x"): 0.1}, NOON)
    assert [(load.role, load.acceptable) for load in both] == [("a", None), ("b", False)]


def test_containment_refuses_what_cannot_be() -> None:
    """A defect found before it was made, or at no stage."""
    with pytest.raises(Invalid, match="comes after"):
        containment([Cell("b", "a", 1)], ["a", "b"])
    with pytest.raises(Invalid, match="none of the stages"):
        containment([Cell("x", "a", 1)], ["a"])


def test_yields_refuse_what_cannot_be() -> None:
    """More bad than there are; and nothing has no sigma."""
    with pytest.raises(Invalid):
        first_pass_yield(5, 6)
    assert first_pass_yield(0, 0) is None
    assert sigma_level(0) is None
    assert sigma_level(66807.2) == pytest.approx(3, abs=1e-5)


@pytest.mark.parametrize("p", [0.00135, 0.05, 0.5, 0.99865])
def test_quantiles_are_the_smallest_that_reach(p: float) -> None:
    """Against the definition, summed term by term."""

    def first(masses: list[float]) -> int:
        total = 0.0
        for k, mass in enumerate(masses):
            total += mass
            if total >= p:
                return k
        raise AssertionError

    for mean in (0.3, 4.0, 37.5):
        poisson = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(200)]
        assert poisson_quantile(p, mean) == first(poisson)
        assert geometric_quantile(p, mean) == first([(1 / (mean + 1)) * (mean / (mean + 1)) ** k for k in range(2000)])
    for n, chance in ((7, 0.3), (60, 0.02), (150, 0.9)):
        masses = [math.comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(n + 1)]
        assert binomial_quantile(p, n, chance) == first(masses)


def test_quantiles_of_the_very_large_are_near_the_normal_ones() -> None:
    """No series is summed for millions."""
    assert poisson_quantile(0.5, 4e6) == pytest.approx(4e6, abs=1)
    assert binomial_quantile(0.99865, 10**9, 0.5) == pytest.approx(5e8 + 3 * math.sqrt(2.5e8), abs=2)
