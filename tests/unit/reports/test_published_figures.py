"""Figures other than charts against published examples, to the digits in which they are printed."""

import statistics
from datetime import UTC, datetime, timedelta

from unit.reports.published import EXPECTED, all_as_printed, as_printed, rows

from threenos_server.reports.figures import yields
from threenos_server.reports.figures.alarms import Alarm, alarm_load, andon
from threenos_server.reports.figures.clocks import Wait, clock, percentile
from threenos_server.reports.figures.containment import containment, overall
from threenos_server.reports.figures.cost import Bucket, Rates, by_bucket, of_disposition, of_stop
from threenos_server.reports.figures.matrix import Cell, matrix
from threenos_server.reports.figures.pareto import Amount, pareto
from threenos_server.reports.figures.satisfaction import csat, nps, servqual_gap

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def test_pareto() -> None:
    """Set 16: order, sums, shares; the third category lands on 80 % and is the last of the vital few."""
    figure = pareto(Amount(row["category"], int(row["count"])) for row in rows("16_pareto_qcc"))
    printed = EXPECTED["16_pareto_qcc"]["published"]
    assert [(bar.key, bar.amount) for bar in figure.bars] == [(row[0], row[1]) for row in printed]
    assert [bar.cumulative * figure.total for bar in figure.bars] == [row[2] for row in printed]
    assert all_as_printed((100 * bar.share for bar in figure.bars), (row[3] for row in printed))
    assert all_as_printed((100 * bar.cumulative for bar in figure.bars), (row[4] for row in printed))
    assert len(figure.vital) == 3


def cells() -> list[Cell]:
    return [
        Cell(made, row["found_at\\made_at"], int(count))
        for row in rows("18_defect_matrix")
        for made, count in row.items()
        if made != "found_at\\made_at"
    ]


def test_matrix_and_stage_containment() -> None:
    """Set 18: margins, stages travelled, both formulas, what each stage caught and let by."""
    expected = EXPECTED["18_defect_matrix"]
    published, computed, order = expected["published"], expected["computed"], expected["stages"]
    figure = matrix(cells(), order, lambda made, found: order.index(found) - order.index(made))
    assert [figure.made_totals[stage] for stage in order] == published["made"]
    assert [figure.found_totals[stage] for stage in order] == published["found"]
    assert as_printed(figure.mean_stages, computed["mean_stages_travelled"])
    stages = containment(cells(), order)
    assert [stage.made for stage in stages] == published["made"]
    assert [stage.found for stage in stages] == published["found"]
    assert [stage.incoming for stage in stages] == computed["incoming"]
    assert [stage.escaped for stage in stages] == computed["escaped_after_stage"]
    assert {s.process: s.escaped for s in stages} == computed["passed_by_stage_incl_own"]
    assert {s.process: s.bystander for s in stages} == computed["passed_by_stage_as_bystander"]
    assert all_as_printed((percent(s.containment) for s in stages), computed["formula1_found_over_incoming_plus_made"])
    assert all_as_printed((percent(s.later) for s in stages), computed["formula2_found_over_found_here_and_later"])
    assert all_as_printed((percent(s.own) for s in stages), computed["self_containment_pct_diag_over_made"])
    assert all_as_printed((percent(s.interception) for s in stages), computed["incoming_interception_pct"])
    assert as_printed(percent(overall(stages)), published["overall_pct"])
    removal = [s.containment if place < 4 else s.later for place, s in enumerate(stages[:-1])]
    assert all_as_printed(map(percent, removal), published["removal_effectiveness_pct"])
    assert all_as_printed((s.escaped / 50 for s in stages[:-1]), published["escape_per_KLOC"])


def test_yields() -> None:
    """Set 19: rolled throughput, defects per million by sigma both ways, and the example of three steps."""
    expected = EXPECTED["19_yield_numbers"]
    for steps, each, rolled in expected["published"]["rty"]:
        assert as_printed(yields.rolled_throughput_yield([float(each)] * steps), rolled)
    assert all_as_printed(
        (yields.rolled_throughput_yield([float(y)] * n) for n, y, _ in expected["published"]["rty"]),
        expected["computed"]["check_rty"],
    )
    for sigma, printed in expected["published"]["dpmo_by_sigma_with_1_5_shift"].items():
        assert as_printed(yields.dpmo_of(float(sigma)), printed)
        assert as_printed(yields.dpmo_of(float(sigma)), expected["computed"]["dpmo_shift"].get(sigma, printed))
    for sigma, printed in expected["published"]["dpmo_centred_two_tail"].items():
        assert as_printed(yields.dpmo_of(float(sigma), 0), printed)
    example = expected["ss_ca_yield"]
    defects, rework, units = example["defects"], example["rework"], example["opportunities"]
    steps = [yields.first_pass_yield(units, d, r) or 0.0 for d, r in zip(defects, rework, strict=True)]
    assert as_printed(yields.first_pass_yield(units, sum(defects)), example["computed"]["Yield"])
    assert as_printed(yields.first_pass_yield(units, sum(defects), sum(rework)), example["computed"]["FTY"])
    assert as_printed(yields.rolled_throughput_yield(steps), example["computed"]["RTY"])
    assert as_printed(yields.dpmo(sum(defects), units), example["computed"]["DPMO"])


def test_andon() -> None:
    """Set 20: response, resolution, calls fixed without a stop, escalation, and what the stops cost."""
    given, printed = EXPECTED["20_andon_kpi"]["inputs"], EXPECTED["20_andon_kpi"]["published"]
    response, resolution = (60 * float(given[f"total_{name}_min"]) for name in ("response", "resolution"))
    figure = andon(
        given["calls"], given["shifts"], response, resolution, given["fixed_without_stop"], given["escalated"]
    )
    assert figure.mean_response_s == printed["avg_response_s"]
    assert figure.mean_resolution_s is not None
    assert as_printed(figure.mean_resolution_s / 60, printed["avg_resolution_min"])
    assert as_printed(percent(figure.fixed_without_stop), printed["in_station_fix_pct"])
    assert as_printed(percent(figure.escalated), printed["escalation_pct"])
    assert as_printed(figure.calls_per_shift, printed["calls_per_shift"])
    assert figure.stops == printed["line_stops"]
    rates = Rates("1", 0, 0, {}, {"a": given["stop_cost_per_min"]})
    stopped = figure.stops * figure.mean_resolution_s
    assert as_printed(of_stop("c", "m", "f", "a", stopped, rates).amount, printed["stop_cost"])


def test_percentiles_with_open_calls() -> None:
    """Set 23: the nearest rank when all are done, and Kaplan and Meier's estimate with two that are open."""
    expected = EXPECTED["23_response_percentiles"]
    done = [Wait(seconds, limit_s=60) for seconds in expected["seconds"]]
    assert as_printed(statistics.fmean(w.seconds for w in done), expected["computed"]["mean"])
    for name, rank in expected["computed"]["nearest_rank"].items():
        assert percentile(done, int(name[1:]) / 100) == rank
    linear = statistics.quantiles(expected["seconds"], n=20, method="inclusive")
    assert [linear[9], linear[17], linear[18]] == [float(v) for v in expected["computed"]["linear_type7"].values()]
    assert as_printed(percent(clock(done).share_within), expected["computed"]["pct_within_60s"])
    opened = [Wait(seconds, done=False) for seconds in expected["with_two_open_calls"]["open_elapsed_s"]]
    figure = clock([*done, *opened])
    survival = expected["with_two_open_calls"]["kaplan_meier"]
    assert (figure.p50, figure.p90, figure.open) == (survival["p50"], survival["p90"], 2)


def test_floods_and_chatter() -> None:
    """Set 24: a flood that straddles the clock's ten minutes is one; three within a minute chatter, over 90 s not."""
    flood, chatter, calm = EXPECTED["24_flood_stale_chatter"]["fixtures"]
    times = [NOON + timedelta(seconds=s) for s in flood["call_times_s"]]
    load = alarm_load([Alarm("team-leader", "day", at, at, str(at)) for at in times], {}, NOON)[0]
    assert (load.busiest, load.flood) == (flood["rolling_10min_max"], flood["flood_rolling"])
    assert load.chattering == ()
    for fixture in (chatter, calm):
        rung = [Alarm("team-leader", "day", NOON + timedelta(seconds=s), None, "a") for s in fixture["on_times_s"]]
        load = alarm_load(rung, {("team-leader", "day"): 8.0}, NOON + timedelta(hours=25))[0]
        assert bool(load.chattering) is fixture["chattering"]
        assert (load.stale, load.per_hour, load.acceptable) == (3, 3 / 8, True)


def test_cost() -> None:
    """Set 25: scrap, rework, sorting and stop minutes at their rates, and the sum of internal failures."""
    given, expected = EXPECTED["25_copq"]["inputs"], EXPECTED["25_copq"]["computed"]
    rates = Rates(
        version="2026-01-01",
        rework_hour=given["labour_per_h"],
        sort_hour=given["sort_rate"],
        unit={"paint": given["scrap_unit_cost"]},
        stop_minute={"a": given["stop_cost_per_min"]},
    )
    hours = given["rework_qty"] * float(given["rework_h_each"])
    items = [
        *of_disposition("c", "weld", "paint", "scrap", given["scrap_qty"], 0, rates),
        *of_disposition("c", "weld", "paint", "rework", given["rework_qty"], hours, rates),
        *of_disposition("c", "weld", "paint", "sort", 0, given["sort_h"], rates),
        of_stop("c", "weld", "paint", "a", 60 * float(given["stop_min"]), rates),
    ]
    sums = by_bucket(items)
    assert sums[Bucket.SCRAP] == expected["scrap"]
    assert sums[Bucket.REWORK] == expected["rework"]
    assert sums[Bucket.STOP] == expected["stop"]
    assert sums[Bucket.SORT] == expected["sorting"]
    assert sum(sums.values()) == expected["internal_failure_total"]
    assert all(item.priced and item.version == "2026-01-01" for item in items)


def test_satisfaction() -> None:
    """Set 26: NPS, CSAT and the gaps of a survey with and without weights."""
    expected = EXPECTED["26_satisfaction"]
    for promoters, passives, detractors, score in expected["published"]["nps"]:
        figure = nps([10] * promoters + [8] * passives + [3] * detractors)
        assert figure is not None
        assert figure.score == score
    satisfied, answers, printed = expected["published"]["csat"]
    assert as_printed(percent(csat(satisfied, answers)), printed)
    survey = expected["computed"]["servqual"]
    gap = servqual_gap(*([float(v) for v in survey[key]] for key in ("expectation", "perception", "weight")))
    assert all_as_printed(gap.gaps, survey["gap"])
    assert as_printed(gap.unweighted, survey["unweighted"])
    assert as_printed(gap.weighted, survey["weighted"])
