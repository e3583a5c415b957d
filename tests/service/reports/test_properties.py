"""What holds for the figures of any story: sums, margins, and that a change moves what it changes and nothing else."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from homes import Template
from hypothesis import given, settings
from hypothesis import strategies as st
from service.complaints.works import ALL, KEYS, SITE, documents
from service.reports.desk import Desk, opened, rows, totals

from threenos_server.access import arrival_code
from threenos_server.complaints import giving
from threenos_server.complaints.bodies import Release
from threenos_server.complaints.model import Complaint
from threenos_server.errors import ThreenosError
from threenos_server.reports.filters import date_of
from threenos_wire.instants import parse_instant

STATIONS = ("mill-1", "mill-2", "leak-1", "pump-1", "run-1")
DEFECTS = ("porosity", "cold-shut", "burr", "leak", "no-such")
PARTS = (None, "P-1", "P-2")
PROCESSES = ("die-casting", "trimming", "machining", "leak-test", None)
PERIOD = {"from": "2026-11-01", "to": "2027-12-01"}

Step = tuple[str, int, int, int]
#: What happens, three numbers that choose how, and days that pass before.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("press", "press", "stop", "catch", "close", "close", "rule", "withdraw", "merge", "count")),
        st.integers(0, 99),
        st.integers(0, 99),
        st.sampled_from((0, 0, 0, 1, 3, 20, 40)),
    ),
    min_size=1,
    max_size=14,
)


def play(desk: Desk, steps: list[Step]) -> None:
    """A story of these steps; what the life cycle refuses does not happen."""
    opened_: list[str] = []
    for what, one, two, days in steps:
        desk.works.wait(days=days, minutes=7)
        try:
            _step(desk, what, one, two, opened_)
        except ThreenosError:
            continue


def _step(desk: Desk, what: str, one: int, two: int, opened_: list[str]) -> None:
    works = desk.works
    station, defect, part = STATIONS[one % len(STATIONS)], DEFECTS[two % len(DEFECTS)], PARTS[(one + two) % len(PARTS)]
    if what in ("press", "stop"):
        kind = "reject" if what == "press" else "stop"
        opened_.append(works.press(station, kind, defect=defect, part=part, qty=two % 3 or None))
    elif what == "catch":
        works.says("cast-1", "catch", defect=defect, part=part)
    elif what == "count":
        works.says("cast-1", "count", qty=one + 1)
    elif opened_:
        _change(desk, what, opened_[one % len(opened_)], two, opened_)


def _change(desk: Desk, what: str, named: str, two: int, opened_: list[str]) -> None:
    works = desk.works
    if what == "rule":
        works.give(named, "rule", reason="measured", made_at=PROCESSES[two % len(PROCESSES)])
    elif what == "withdraw":
        works.give(named, "withdraw", reason="mistaken")
    elif what == "merge":
        works.give(named, "merge", into=opened_[two % len(opened_)], reason="the same")
    else:
        works.give(named, "arrive", code=arrival_code(KEYS.arrival, named))
        works.give(named, "contain", what="all", where="cage")
        _release(desk, named)
        works.give(named, "dispose", decision="scrap", qty=two)
        works.give(named, "answer")
        works.give(named, "accept", rating=1 + two % 5)


def _release(desk: Desk, named: str) -> None:
    works = desk.works
    complaint = works[named]
    if complaint.stop is not None and complaint.stop["until"] is None:
        works.wait(minutes=two_minutes(named))
        with works.db.write() as session:
            giving.release(session, SITE, complaint.line, Release(complaint=named), ALL, works.now)


def two_minutes(named: str) -> int:
    """Some minutes, by the id."""
    return 1 + int(named[-1], 16)


def counted(desk: Desk) -> list[Complaint]:
    """The complaints that are in the figures, read one by one from their documents."""
    with desk.works.db.read() as session:
        every = documents(session)
    return [
        c
        for c in every
        if c.kind in ("reject", "stop")
        and not c.drill
        and c.made_at is not None
        and c.state not in ("withdrawn", "merged")
    ]


@settings(max_examples=20)
@given(steps=STEPS)
def test_the_rollups_are_those_of_a_rebuild_and_of_the_documents(imported: Template, steps: list[Step]) -> None:
    """Live equals rebuilt, and each count equals counting the documents themselves."""
    with opened(imported) as desk:
        play(desk, steps)
        assert desk.works.differences() == []
        every = counted(desk)
        matrix = Counter((c.made_at, c.customer) for c in every)
        shown = desk.ask("matrix", **PERIOD)
        pairs = {(r.cells[0].id, r.cells[1].id): r.cells[2] for r in shown.tables[1].rows}
        assert pairs == dict(matrix)
        by_part = Counter(c.part or "" for c in every)
        assert {k: v["count"] for k, v in rows(desk.ask("pareto", by="part", **PERIOD)).items()} == dict(by_part)
        rated = [c.rating for c in every if c.rating is not None]
        assert totals(desk.ask("satisfaction", **PERIOD))["rated"] == len(rated)
        assert shown.population.confirmed == sum(c.attribution in ("accepted", "confirmed") for c in every)
        _check_times(desk, every)


def _check_times(desk: Desk, every: list[Complaint]) -> None:
    """The clocks know who still waits, and those that came again are found by looking at each pair."""
    waiting = sum(c.answered_at is None for c in every)
    clocks = {r.cells[0].id: r.cells for r in desk.ask("clocks", **PERIOD).tables[0].rows}
    assert clocks["answer"][-1] == waiting
    found = totals(desk.ask("recurrence", **PERIOD))
    assert (found["closed"], found["recurred"]) == _recurrence(desk, every)


def _recurrence(desk: Desk, every: list[Complaint]) -> tuple[int, int]:
    month = timedelta(days=30)
    old = [c for c in every if c.state == "closed" and parse_instant(str(c.closed_at)) + month <= desk.works.now]
    again = 0
    for c in old:
        closed = parse_instant(str(c.closed_at))
        again += any(
            (o.made_at, o.defect or "unclassified", o.part) == (c.made_at, c.defect or "unclassified", c.part)
            and closed < parse_instant(o.occurred_at) <= closed + month
            for o in every
        )
    return len(old), again


@settings(max_examples=10)
@given(steps=STEPS, cut=st.integers(1, 60))
def test_shares_margins_and_halves_of_a_period(imported: Template, steps: list[Step], cut: int) -> None:
    """Shares sum to one, the matrix's margins are the Paretos, and two halves of a period add up to the whole."""
    with opened(imported) as desk:
        play(desk, steps)
        middle = date_of(date(2026, 11, 20).toordinal() + cut)
        for by in ("made_at", "found_at", "defect", "line", "part", "shift", "severity", "kind"):
            whole = rows(desk.ask("pareto", by=by, **PERIOD))
            if whole:
                assert abs(sum(r["share"] for r in whole.values()) - 1) < 1e-9
            halves: Counter[Any] = Counter()
            for period in ({**PERIOD, "to": middle}, {**PERIOD, "from": middle}):
                for key, row in rows(desk.ask("pareto", by=by, **period)).items():
                    halves[key] += row["count"]
                    halves[key, "units"] += row["units"]
            assert {k: halves[k] for k in whole} == {k: r["count"] for k, r in whole.items()}
            assert all(halves[k, "units"] == r["units"] for k, r in whole.items())
        matrix = desk.ask("matrix", **PERIOD)
        made = {k: r["total"] for k, r in rows(matrix).items()}
        assert made == {k: r["count"] for k, r in rows(desk.ask("pareto", by="made_at", **PERIOD)).items()}
        found = {k.removeprefix("found:"): n for k, n in totals(matrix).items() if k.startswith("found:")}
        assert found == {k: r["count"] for k, r in rows(desk.ask("pareto", by="found_at", **PERIOD)).items()}
        _check_additive(desk, middle)


def _check_additive(desk: Desk, middle: str) -> None:
    for name, columns in (("cost", ("total",)), ("stops", ("stops", "minutes")), ("satisfaction", ("closed", "rated"))):
        whole = totals(desk.ask(name, **PERIOD))
        halves = [totals(desk.ask(name, **p)) for p in ({**PERIOD, "to": middle}, {**PERIOD, "from": middle})]
        for column in columns:
            assert abs(sum(h[column] for h in halves) - whole[column]) < 1e-9


@settings(max_examples=10)
@given(steps=STEPS, which=st.integers(0, 99), to=st.integers(0, 99))
def test_a_ruling_moves_one_cell_and_a_withdrawal_leaves_all(
    imported: Template, steps: list[Step], which: int, to: int
) -> None:
    """After a ruling one cell has one less and one has one more; after a withdrawal nothing counts it any more."""
    with opened(imported) as desk:
        play(desk, [("press", 1, 1, 0), *steps])
        every = counted(desk)
        if not every:
            return
        chosen = every[which % len(every)]
        before = _cells(desk)
        process = PROCESSES[to % len(PROCESSES)]
        desk.works.wait(days=50)
        desk.works.give(chosen.id, "rule", reason="measured", made_at=process)
        expected = before - Counter([(chosen.made_at, chosen.customer)])
        if process is not None:
            expected[process, chosen.customer] += 1
        assert _cells(desk) == expected
        assert desk.works.differences() == []
        if desk.works[chosen.id].state in ("open", "acknowledged"):
            desk.works.give(chosen.id, "withdraw", reason="mistaken")
            assert _cells(desk) == before - Counter([(chosen.made_at, chosen.customer)])
            assert chosen.id not in desk.behind(**PERIOD, limit=200)
            assert desk.works.differences() == []


def _cells(desk: Desk) -> Counter[tuple[str | None, str]]:
    shown = desk.ask("matrix", **PERIOD)
    return Counter({(r.cells[0].id, r.cells[1].id): r.cells[2] for r in shown.tables[1].rows})
