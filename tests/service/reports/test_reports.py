"""What the reports say of a few complaints that can be counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from service.complaints.works import ALL, KEYS, SITE, START
from service.reports.desk import Desk, codes, rows, totals

from threenos_server.access import arrival_code
from threenos_server.chain.service import current
from threenos_server.complaints import giving
from threenos_server.complaints.bodies import Release
from threenos_server.errors import Invalid, NotFound
from threenos_server.escalation import service as escalation
from threenos_server.reports.service import REPORTS


def closed(desk: Desk, named: str, rating: int = 4) -> None:
    """Through its whole life, an hour between two steps."""
    works = desk.works
    works.wait(hours=1)
    works.give(named, "arrive", code=arrival_code(KEYS.arrival, named))
    works.wait(hours=1)
    works.give(named, "contain", what="all", where="cage 3")
    works.wait(hours=1)
    works.give(named, "answer")
    works.wait(hours=1)
    works.give(named, "accept", rating=rating)


def test_a_rejection_stands_in_every_report(either: Desk) -> None:
    """One rejection with a quantity: its cell of the matrix, its bar, its clocks, and the complaint behind each."""
    named = either.works.press("mill-1", defect="porosity", qty=3, part="P-77")
    pareto = either.ask("pareto")
    assert rows(pareto)["porosity"] | {"defect": None} == {
        "defect": None, "count": 1, "units": 3.0, "share": 1.0, "cumulative": 1.0, "vital": True
    }  # fmt: skip
    matrix = either.ask("matrix")
    assert rows(matrix)["die-casting"]["found:machining"] == 1
    assert totals(matrix)["total"] == 1
    assert rows(either.ask("pareto", by="part"))["P-77"]["count"] == 1
    assert either.behind(made_at=["die-casting"], part=["P-77"]) == [named]
    assert either.behind(made_at=["trimming"]) == []
    assert pareto.population.count == 1
    assert pareto.population.confirmed_share == 0.0
    assert either.works.differences() == []


def test_an_unclassified_one_stands_apart(desk: Desk) -> None:
    """A made-at that nobody knows is a row of its own, last, and counted in the population."""
    desk.works.press("pump-1")
    desk.works.press("pump-1", defect="bearing-noise")
    matrix = desk.ask("matrix")
    assert [row.kind for row in matrix.tables[0].rows] == ["row", "unclassified"]
    assert matrix.population.unclassified == 1


def test_the_three_nos_count_catches_and_what_was_passed_by(desk: Desk) -> None:
    """A catch counts as made and as not passed; who was passed by and inspects for it has not refused it."""
    works = desk.works
    works.says("cast-1", "catch", defect="cold-shut")
    works.press("mill-1", defect="cold-shut")
    works.press("leak-1", defect="porosity")
    works.says("cast-1", "count", qty=1000)
    found = rows(desk.ask("three-nos"))
    assert found["die-casting"]["made"] == 3
    assert found["die-casting"]["not_pass"] == pytest.approx(1 / 3)
    assert found["die-casting"]["not_make"] == pytest.approx(3.0)
    assert found["die-casting"]["per_thousand"] == pytest.approx(2.0)
    assert found["machining"]["incoming"] == 2
    assert found["machining"]["not_accept"] == pytest.approx(0.5)
    assert found["leak-test"]["not_accept"] == 1.0
    assert found["machining"]["exposure"] is None
    assert {"no-exposure", "may-still-be-found"} <= codes(desk.ask("three-nos"))
    assert desk.ask("three-nos").population.count == 2


def test_clocks_keep_what_still_waits(desk: Desk) -> None:
    """Two answered after three hours and one that waits: the half is done after three, nine tenths cannot be said."""
    works = desk.works
    for station in ("mill-1", "mill-2"):
        works.now = START
        closed(desk, works.press(station, defect="porosity"))
    works.press("mill-3", defect="cold-shut")
    works.wait(hours=10)
    whole = rows(desk.ask("clocks"), "all")["answer"]
    assert (whole["p50"], whole["p90"], whole["waiting"]) == (3 * 3600.0, None, 1)
    assert whole["complaints"] == 3
    arrive = rows(desk.ask("clocks"), "all")["arrive"]
    assert (arrive["within"], arrive["late"]) == (0, 3)


def test_stop_minutes_are_those_of_the_union(either: Desk) -> None:
    """Ten minutes, and ten more of one that began five minutes later: the overlap belongs to the first."""
    works = either.works
    first = works.contained("leak-1", "stop", supplier="washing")
    works.wait(minutes=5)
    second = works.contained("leak-2", "stop", supplier="machining")
    works.wait(minutes=5)
    for named, minutes in ((first, 0), (second, 5)):
        works.wait(minutes=minutes)
        with works.db.write() as session:
            giving.release(session, SITE, "housing", Release(complaint=named), ALL, works.now)
    found = rows(either.ask("stops"))
    assert (found["washing"]["minutes"], found["machining"]["minutes"]) == (10.0, 5.0)
    assert totals(either.ask("stops"))["minutes"] == 15.0
    assert works.differences() == []


def test_a_line_that_stands_counts_up_to_now(desk: Desk) -> None:
    """Minutes of a stop that is not over grow while one looks."""
    desk.works.press("leak-1", "stop", supplier="washing")
    desk.works.wait(minutes=7)
    found = rows(desk.ask("stops"))["washing"]
    assert (found["minutes"], found["standing"]) == (7.0, 1)


def test_what_came_again_within_thirty_days(either: Desk) -> None:
    """Of two that were closed, one was followed by the same; sixty days later both are ripe."""
    works = either.works
    closed(either, works.press("mill-1", defect="porosity", part="P-1"))
    closed(either, works.press("mill-1", defect="cold-shut", part="P-1"))
    works.wait(days=20)
    works.press("mill-2", defect="porosity", part="P-1")
    works.wait(days=5)
    assert totals(either.ask("recurrence"))["closed"] == 0
    works.wait(days=6)
    early = totals(either.ask("recurrence"))
    works.press("mill-3", defect="burr")
    works.wait(days=60)
    works.press("mill-3", defect="burr")
    late = totals(either.ask("recurrence", **{"from": "2026-11-01", "to": "2026-12-01"}))
    assert (early["closed"], early["recurred"]) == (late["closed"], late["recurred"]) == (2, 1)
    assert works.differences() == []


def test_satisfaction_is_hidden_under_five(desk: Desk) -> None:
    """Four ratings say nothing, the fifth shows them all."""
    for n, station in enumerate(("mill-1", "mill-2", "mill-3", "wash-1", "leak-1")):
        before = totals(desk.ask("satisfaction"))
        closed(desk, desk.works.press(station, defect="porosity"), rating=5 - n % 2)
    assert (before["rated"], before["mean"]) == (4, None)
    after = totals(desk.ask("satisfaction"))
    assert (after["rated"], after["mean"], after["csat"]) == (5, 4.6, 1.0)


def test_cost_at_the_rates_of_the_day(desk: Desk) -> None:
    """Scrap at what the unit had reached, rework by the hour."""
    works = desk.works
    named = works.contained("mill-1", defect="porosity", qty=4)
    works.give(named, "dispose", decision="scrap", qty=3)
    works.give(named, "dispose", decision="rework", hours=2)
    with works.db.read() as session:
        rates = current(session, SITE).rates_on(works.now.date())
    assert rates is not None
    whole = totals(desk.ask("cost"))
    assert whole["scrap"] == pytest.approx(3 * dict(rates.unit)["machining"])
    assert whole["rework"] == pytest.approx(2 * rates.rework_hour)
    assert rows(desk.ask("pareto", measure="cost"))["porosity"]["cost"] == pytest.approx(whole["total"])


def test_the_trend_falls_back_when_nobody_counts(desk: Desk) -> None:
    """Without units there is no rate: time between complaints; with units a chart of the rate."""
    works = desk.works
    for n in range(30):
        works.press("mill-1", defect="porosity") if n % 3 else works.press("mill-2", defect="porosity")
        works.wait(days=1)
    asked = {"from": "2026-11-23", "to": "2026-12-23", "made_at": ["die-casting"], "step": "day"}
    assert "no-exposure" in codes(desk.ask("trend", **asked))
    day = datetime(2026, 11, 22, 22, tzinfo=UTC)
    for n in range(30):
        desk.count("die-casting", day + timedelta(days=n), day + timedelta(days=n + 1), 500)
    trend = desk.ask("trend", **asked)
    assert "no-exposure" not in codes(trend)
    assert trend.charts[0].title.en == "u chart"
    assert sum(row.cells[2] for row in trend.tables[0].rows) == pytest.approx(15_000)


def test_two_periods_side_by_side(desk: Desk) -> None:
    """The other period is a document of its own, and the change has its interval."""
    works = desk.works
    works.press("mill-1", defect="porosity")
    works.says("cast-1", "count", qty=100)
    works.wait(days=10)
    works.press("mill-1", defect="burr")
    works.says("cast-1", "count", qty=100)
    found = desk.ask("pareto", compare_from="2026-11-20", compare_to="2026-11-30", **{"from": "2026-12-01"})
    assert found.compared is not None
    assert set(rows(found)) == {"burr"}
    assert set(rows(found.compared)) == {"porosity"}
    change = found.tables[-1].rows[0].cells
    assert change[:5] == [1, 1, 100.0, 100.0, 1.0]
    assert change[6]["id"] == "too-few"


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_of_nothing_is_a_document(desk: Desk, name: str) -> None:
    """An empty factory has reports that say so, in both languages."""
    found = desk.ask(name)
    assert found.population.count == 0
    for text in (found.title, found.definition, *(n.text for n in found.notes), *(t.title for t in found.tables)):
        assert text.en
        assert text.zh


@pytest.mark.parametrize("name", REPORTS)
def test_every_table_fits_its_columns(desk: Desk, name: str) -> None:
    """Cells, links and totals stand in the order of the columns, and charts name columns that are there."""
    for station in ("mill-1", "wash-1", "pump-1"):
        closed(desk, desk.works.press(station, defect="porosity", qty=2))
    found = desk.ask(name)
    for table in found.tables:
        for row in table.rows:
            assert len(row.cells) == len(table.columns)
            assert len(row.links) in (0, len(table.columns))
        assert table.totals is None or len(table.totals) == len(table.columns)
    for chart in found.charts:
        columns = {c.id for c in next(t for t in found.tables if t.id == chart.table).columns}
        assert {chart.x, *(s.column for s in chart.series)} <= columns


def test_what_cannot_be_asked_is_refused(desk: Desk) -> None:
    """An unknown report, a grouping it does not have, a period that ends before it begins."""
    with pytest.raises(NotFound):
        desk.ask("people")
    with pytest.raises(Invalid):
        desk.ask("matrix", by="part")
    with pytest.raises(Invalid):
        desk.ask("pareto", **{"from": "2026-11-02", "to": "2026-11-02"})
    with pytest.raises(Invalid):
        desk.ask("trend", step="hour")
    with pytest.raises(Invalid):
        desk.ask("alarm-load", defect=["burr"])


def test_a_count_that_is_said_again_replaces_the_first(either: Desk) -> None:
    """Another number, and another end of the same period: what the first said is taken away where it had been put."""
    since = datetime(2026, 11, 22, 22, tzinfo=UTC)
    either.count("machining", since, since + timedelta(hours=8), 800)
    either.count("machining", since, since + timedelta(hours=16), 1000)
    either.works.says("mill-1", "count", qty=10)
    asked = {"from": "2026-11-23", "to": "2026-11-24"}
    assert rows(either.ask("three-nos", **asked))["machining"]["exposure"] == 1010.0
    assert rows(either.ask("three-nos", shift=["early"], **asked))["machining"]["exposure"] == 510.0
    assert rows(either.ask("three-nos", shift=["late"], **asked))["machining"]["exposure"] == 500.0
    assert either.works.differences() == []


def test_alarms_are_counted_by_role_and_never_by_person(desk: Desk) -> None:
    """Each rung that was climbed, in its shift."""
    works = desk.works
    works.press("mill-1", "stop", defect="porosity")
    for minutes in (0, 5, 10, 30, 60):
        works.wait(minutes=minutes)
        with works.db.write() as session:
            due = escalation.due(session, SITE, works.now)
            escalation.fire(session, SITE, due.complaints, works.now, KEYS.pseudonym)
    found = {(r.cells[0], r.cells[1].id): r.cells[2] for r in desk.ask("alarm-load").tables[0].rows}
    assert {"team-leader", "supervisor", "director"} <= {role for role, shift in found if shift == "early"}
    assert works.differences() == []


def test_a_late_ruling_changes_what_came_again(desk: Desk) -> None:
    """Long after it was decided that one was followed, the one that followed is ruled to be of another process."""
    works = desk.works
    closed(desk, works.press("mill-1", defect="porosity", part="P-1"))
    works.wait(days=20)
    after = works.press("mill-2", defect="porosity", part="P-1")
    works.wait(days=60)
    works.press("mill-3", defect="burr")
    asked = {"from": "2026-11-01", "to": "2026-12-01"}
    found = [totals(desk.ask("recurrence", **asked))["recurred"]]
    for process in ("trimming", "die-casting", None):
        works.give(after, "rule", reason="measured", made_at=process)
        found.append(totals(desk.ask("recurrence", **asked))["recurred"])
    assert found == [1, 0, 1, 0]
    assert works.differences() == []
