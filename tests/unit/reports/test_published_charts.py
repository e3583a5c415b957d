"""Control charts against published data sets, to the digits in which their figures are printed."""

from decimal import Decimal
from typing import Any

import pytest
from unit.reports.published import (
    EXPECTED,
    all_as_printed,
    as_printed,
    case,
    limits_as_printed,
    readings,
    rows,
    signals,
)

from threenos_server.reports.figures.charts import Kind, Limits, Options, draw
from threenos_server.reports.figures.charts.rare import weibull
from threenos_server.reports.figures.charts.rules import NELSON, WESTERN_ELECTRIC, Mark, broken

JUICE = "01_orangejuice_p_np"
ORANGES = readings(JUICE, "sample", "defective", "size")
CIRCUITS = readings("02_circuit_c_u", "sample", "defects", "boards")
ORDERS = readings("05_purchase_orders_p_variable", "sample", "nonconforming", "size")
VALVES = readings("11_valve_failures_t", "failure", "hours_between")
ALL_RULES = NELSON + WESTERN_ELECTRIC
#: What the sets call a rule.
NAMES = {
    "we1_beyond_3s": "western-electric-1",
    "we2_2of3_beyond_2s": "western-electric-2",
    "we3_4of5_beyond_1s": "western-electric-3",
    "we4_8_one_side": "western-electric-4",
    "nelson2_9_one_side": "nelson-2",
    "nelson3_6_trend": "nelson-3",
    "nelson4_14_alternating": "nelson-4",
    "nelson7_15_within_1s": "nelson-7",
    "nelson8_8_outside_1s_minitab": "nelson-8",
}


def at(*samples: int) -> frozenset[int]:
    return frozenset(sample - 1 for sample in samples)


def test_p_and_np_of_the_trial_samples() -> None:
    """Set 01, samples 1 to 30: limits, sigma and every rule."""
    trial = case(JUICE, "trial p")
    chart = draw(Kind.P, ORANGES[:30], Options(rules=ALL_RULES))
    assert limits_as_printed(chart, trial["published"] | {})
    upper = chart.points[0].upper
    assert upper is not None
    assert as_printed((upper - chart.centre) / 3, trial["published"]["sigma_one_group"])
    assert signals(chart, "nelson-1") == [str(n) for n in trial["out_of_control"]]
    for name, rule in NAMES.items():
        assert signals(chart, rule) == [str(n) for n in trial["signals"][name]], name
    counts = draw(Kind.NP, ORANGES[:30])
    assert limits_as_printed(counts, case(JUICE, "trial np")["published"])
    top = counts.points[0].upper
    assert top is not None
    assert as_printed((top - counts.centre) / 3, case(JUICE, "trial np")["published"]["sigma"])
    assert signals(counts, "nelson-1") == [str(n) for n in case(JUICE, "trial np")["out_of_control"]]


def test_excluded_samples_make_no_limits_and_are_still_drawn() -> None:
    """Set 01 without 15 and 23: they lie beyond the revised limits, and so does 21, which nobody excluded."""
    revised = case(JUICE, "revised p")
    chart = draw(Kind.P, ORANGES[:30], Options(excluded=at(15, 23)))
    assert limits_as_printed(chart, revised["published"])
    assert signals(chart, "nelson-1") == [str(n) for n in revised["out_of_control_in_1_30"]]


def test_a_frozen_baseline_judges_what_follows() -> None:
    """Set 01, samples 31 to 54 against the revised limits: every rule, with runs that pass over excluded samples."""
    phase = case(JUICE, "phase II")
    chart = draw(Kind.P, ORANGES[:54], Options(excluded=at(15, 23), phase_at=30, rules=ALL_RULES))
    assert limits_as_printed(chart, case(JUICE, "revised p")["published"])
    assert [p for p in signals(chart, "nelson-1") if int(p) > 30] == [str(n) for n in phase["out_of_control"]]
    kept = [p.label for p in chart.points if not p.excluded]
    for name, rule in NAMES.items():
        found = [kept.index(label) + 1 for label in signals(chart, rule) if label in kept]
        assert found == phase["signals_index_1_52"][name], name


def test_a_phase_may_have_its_own_limits() -> None:
    """Set 01, samples 31 to 54 as a new baseline: alone, and as the second phase of a chart."""
    printed = case(JUICE, "new baseline p")["published"]
    assert limits_as_printed(draw(Kind.P, ORANGES[30:54]), printed)
    both = draw(Kind.P, ORANGES[:54], Options(excluded=at(15, 23), phase_at=30, own_limits=True))
    assert as_printed(both.phases[1].centre, printed["cl"])
    assert as_printed(both.points[40].upper, printed["ucl"])
    assert limits_as_printed(
        draw(Kind.P, ORANGES[:30], Options(excluded=at(15, 23))), case(JUICE, "revised p")["published"]
    )


def test_c_and_u() -> None:
    """Set 02: trial limits, revised limits for counts and rates, and nothing beyond them while monitoring."""
    trial = case("02_circuit_c_u", "trial c")
    chart = draw(Kind.C, CIRCUITS[:26])
    assert limits_as_printed(chart, trial["published"])
    assert signals(chart, "nelson-1") == [str(n) for n in trial["out_of_control"]]
    revised = case("02_circuit_c_u", "revised c")
    options = Options(excluded=at(6, 20), phase_at=26)
    monitored = draw(Kind.C, CIRCUITS, options)
    assert limits_as_printed(monitored, revised["published"])
    assert [p for p in signals(monitored, "nelson-1") if int(p) > 26] == revised["out_of_control_27_46"]
    assert limits_as_printed(draw(Kind.U, CIRCUITS, options), case("02_circuit_c_u", "revised u")["published"])


def test_u_with_fractional_sizes() -> None:
    """Set 04: areas of opportunity are not rounded."""
    chart = draw(Kind.U, readings("04_dyedcloth_u_variable", "roll", "defects", "units_of_50m2"))
    assert limits_as_printed(chart, case("04_dyedcloth_u_variable", "u")["published"])
    assert signals(chart, "nelson-1") == case("04_dyedcloth_u_variable", "u")["out_of_control"]


def test_p_with_varying_sizes_and_laney() -> None:
    """Set 05: a limit for each sample, z, every rule; Laney's sigma z of all moving ranges."""
    name = "05_purchase_orders_p_variable"
    plain = case(name, "p")
    chart = draw(Kind.P, ORDERS, Options(rules=ALL_RULES))
    assert limits_as_printed(chart, plain["published"])
    assert all_as_printed((point.z for point in chart.points), plain["standardised_z"])
    for rule_name, rule in NAMES.items():
        assert signals(chart, rule) == [str(n) for n in plain["signals"][rule_name]], rule_name
    laney = case(name, "p-prime")["computed"]
    prime = draw(Kind.P_PRIME, ORDERS)
    assert as_printed(prime.sigma_z, laney["sigma_z"])
    assert limits_as_printed(prime, laney | {"cl": plain["published"]["cl"]})


def test_t() -> None:
    """Set 11: the transformed chart, Anhøj's runs, and the points of the exponential and the Weibull distribution."""
    name = "11_valve_failures_t"
    drawn = case(name, "y=x")
    chart = draw(Kind.T, VALVES)
    assert limits_as_printed(chart, drawn["published"])
    assert chart.sigma is not None
    assert as_printed(chart.centre ** (1 / 3.6), drawn["transformed"]["mean"])
    assert as_printed(chart.sigma * 1.128, drawn["transformed"]["mr_bar"])
    assert signals(chart, "nelson-1") == drawn["out_of_control"]
    runs = chart.phases[0].anhoej
    assert drawn["anhoej"] == {
        "n_useful": runs.useful,
        "longest_run": runs.longest_run,
        "longest_run_max": runs.longest_run_max,
        "crossings": runs.crossings,
        "crossings_min": runs.crossings_min,
    }
    assert limits_as_printed(draw(Kind.T, VALVES, Options(limits=Limits.EXACT)), case(name, "exponential")["computed"])
    by_weibull = case(name, "Weibull")["computed"]
    assert limits_as_printed(draw(Kind.T, VALVES, Options(limits=Limits.WEIBULL)), by_weibull)
    assert all_as_printed(weibull([r.value for r in VALVES]), [by_weibull["shape"], by_weibull["scale"]])


def test_ewma() -> None:
    """Set 12: the averages as printed, steady-state limits within the source's own rounding."""
    expected = case("12_nist_ewma", "steady-state")
    chart = draw(
        Kind.EWMA, readings("12_nist_ewma", "t", "x"), Options(target=50, sigma=2.0539, smoothing=0.3, width=3)
    )
    averages = [Decimal(row["ewma_published"]) for row in rows("12_nist_ewma")]
    # The source carries two digits from one average to the next.
    assert all(abs(Decimal(p.value or 0) - a) < Decimal("0.01") for p, a in zip(chart.points, averages, strict=True))
    for point in chart.points:
        assert point.lower is not None
        assert point.upper is not None
        assert abs(Decimal(point.upper) - expected["published"]["ucl"]) < expected["tolerance"]
        assert abs(Decimal(point.lower) - expected["published"]["lcl"]) < expected["tolerance"]
        assert all_as_printed((point.lower, point.upper), (expected["computed_exact"][k] for k in ("lcl", "ucl")))
    assert signals(chart, "nelson-1") == expected["out_of_control"]


VECTORS: dict[str, Any] = EXPECTED["22_rule_micro_vectors"]["vectors"]
TESTS = {f"T{n}": f"nelson-{m}" for n, m in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7))}


@pytest.mark.parametrize(("vector", "rule"), [*TESTS.items(), ("T8_minitab", "nelson-8")])
def test_each_rule_on_its_smallest_example(vector: str, rule: str) -> None:
    """Centre 0 and sigma 1; the signal is the last point of its window."""
    values, expected = VECTORS[vector]
    marks = [Mark(float(v), float(v), (v > 0) - (v < 0), abs(v) > 3) for v in values]
    assert [i for i, names in enumerate(broken(marks, [rule]), 1) if names] == expected


def test_western_electric_asks_for_8_on_one_side_and_nelson_for_9() -> None:
    """One of the disputes that the sources have; the name of the rule says which it is."""
    marks = [Mark(1, 1, 1, False)] * 9
    found = broken(marks, ["western-electric-4", "nelson-2"])
    assert [len(names) for names in found] == [0] * 7 + [1, 2]
