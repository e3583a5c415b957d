"""A factory whose truth is known: the reports name those who misbehave, and nobody else."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from homes import Template
from scenario.looking import CHARTED, Charted, charted, pairs, refused, shares, stages, three_nos, under_all
from scenario.truth import CHAIN, CHANGED, Factory, begin, drawn, running
from service.reports.desk import rows

#: `make bench ONLY=known_truth` runs twenty, and counts false alarms.
SEEDS = (1, 2)
#: Days within which the doubled rate must be seen.
SOON = 7


@pytest.fixture(scope="module")
def prepared_chain(prepared: Callable[..., Template]) -> Template:
    return prepared(begin)


@pytest.fixture(scope="module", params=SEEDS)
def factory(request: pytest.FixtureRequest, prepared_chain: Template) -> Iterator[Factory]:
    with running(prepared_chain, drawn(request.param)) as made:
        yield made


@pytest.fixture(scope="module")
def charts(factory: Factory) -> dict[str, Charted]:
    return {process: charted(factory.desk, process) for process in CHARTED}


def test_every_defect_is_counted_where_it_was_made_and_found(factory: Factory) -> None:
    """The matrix and the three nos have exactly the defects that were generated, and no other."""
    told, said = pairs(factory.desk), three_nos(factory.desk)
    assert told == _summed(factory, lambda made, found: made != found)
    own = _summed(factory, lambda made, found: made == found)
    for i, process in enumerate(CHAIN):
        assert said[process]["caught_own"] == own[process, process]
        assert said[process]["made"] == sum(n for (made, _, _), n in factory.tally.found.items() if made == process)
        last = process == CHAIN[-1]
        incoming = {
            (made, found, obscure): n
            for (made, found, obscure), n in factory.tally.found.items()
            if CHAIN.index(made) < i <= CHAIN.index(found) and (last or not obscure)
        }
        assert said[process]["incoming"] == sum(incoming.values())
        assert said[process]["caught_incoming"] == sum(n for (_, at, _), n in incoming.items() if at == process)


def test_rates_are_of_the_units_of_the_process(factory: Factory, charts: dict[str, Charted]) -> None:
    """The three nos and each chart have the units that the process itself handed on."""
    units, said = factory.tally.units, three_nos(factory.desk)
    assert {process: row["exposure"] for process, row in said.items()} == units
    for process, chart in charts.items():
        assert sum(point["size"] for point in rows(chart.document).values()) == pytest.approx(units[process])


def test_a_doubled_rate_is_seen_within_days(factory: Factory, charts: dict[str, Charted]) -> None:
    """The chart of process A signals soon after day 40; its rate after that is about twice what it was, surely more."""
    a = charts[factory.truth.a]
    assert a.days_until_seen is not None
    assert a.days_until_seen < SOON
    assert a.verdict == "worse"
    assert 1 < a.interval.low < 2 < a.interval.high
    assert 1.7 < a.ratio < 2.4


def test_nobody_else_is_accused_of_it(factory: Factory, charts: dict[str, Charted]) -> None:
    """Where nothing changed, at most a point in forty signals, and no rate is said to be twice what it was."""
    others = [c for p, c in charts.items() if p != factory.truth.a]
    signals = sum(bool(rules) for c in others for rules in c.broken)
    assert signals <= sum(len(c.broken) for c in others) / 40
    assert all(c.interval.high < 1.7 for c in others)
    assert sum(c.verdict == "worse" for c in others) <= 1
    a = charts[factory.truth.a]
    assert sum(bool(rules) for rules in a.broken[:CHANGED]) <= 2


def test_who_passes_everything_by_is_found_by_what_it_did_not_refuse(factory: Factory) -> None:
    """Process B refuses next to nothing of what it inspects for; its interval lies under that of everybody else."""
    truth, desk = factory.truth, factory.desk
    accepted = shares(desk, "not_accept")
    assert under_all(accepted) == [truth.b]
    assert accepted[truth.b].high < 0.1
    assert all(interval.low > 0.5 for process, interval in accepted.items() if process != truth.b)


def test_nobody_is_held_to_what_only_the_last_one_looks_for(factory: Factory) -> None:
    """With the defects that only packing inspects for, those that passed would be more: the report leaves them out."""
    truth, desk = factory.truth, factory.desk
    accepted = shares(desk, "not_accept")
    for stage in stages(desk)[1:-1]:
        middle = (accepted[stage.process].low + accepted[stage.process].high) / 2
        assert stage.interception is not None
        assert stage.interception < 0.97 * middle or stage.process == truth.b


def test_who_hides_its_own_is_found_by_where_it_was_found(factory: Factory) -> None:
    """Process C catches few of its own, and others refuse them: three nos, matrix and containment say so."""
    truth, desk = factory.truth, factory.desk
    passed = shares(desk, "not_pass")
    assert under_all(passed) == [truth.c]
    assert passed[truth.c].high < 0.08
    before = refused(desk)
    assert max(before, key=lambda process: before[process]) == truth.c
    own = {stage.process: stage.own for stage in stages(desk) if stage.own is not None}
    assert min(own, key=lambda process: own[process]) == truth.c


def _summed(factory: Factory, which: Callable[[str, str], bool]) -> dict[tuple[str, str], int]:
    """What was really found, by made-at and found-at."""
    found = Counter[tuple[str, str]]()
    for (made, at, _), n in factory.tally.found.items():
        if which(made, at):
            found[made, at] += n
    return dict(found)
