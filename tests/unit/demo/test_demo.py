"""What the simulated people do: decided by a seed, in the mix of the published figures."""

from collections import Counter
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

import pytest

from threenos_server.chain import example
from threenos_server.demo.figures import load, multiple_of_median
from threenos_server.demo.presses import AT_ONCE, presses
from threenos_server.demo.responses import LONGEST_MEDIAN_S, delay_s, next_act
from threenos_wire.events import Kind

CHAIN, FIGURES = example.chain(), load()
RECEIVED = "2026-11-22T08:00:00.000Z"


def card(**changed: Any) -> dict[str, Any]:
    """A complaint as the board shows it."""
    plain = {
        "id": "c", "kind": "reject", "state": "open", "attribution": "suspected", "made_at": "trimming",
        "customer": "machining", "station": "mill-1", "line": "housing", "stop": None, "round": 1, "version": 1,
        "received_at": RECEIVED, "due": {"acknowledge": "2026-11-22T08:03:00.000Z"},
    }  # fmt: skip
    return plain | changed


def test_the_same_seed_gives_the_same_presses() -> None:
    """And another seed others."""
    first, second, other = (list(islice(presses(CHAIN, FIGURES, seed, 3600), 40)) for seed in (7, 7, 8))
    assert first == second
    assert first != other


def test_the_board_is_alive_at_once() -> None:
    """A stop, a rejection, a call and a catch come within the first seconds."""
    begun = list(islice(presses(CHAIN, FIGURES, 1, 3600), len(AT_ONCE)))
    assert sum(p.gap_s for p in begun) < 5
    assert {p.fields["kind"] for p in begun} == {"stop", "reject", "call", "catch"}


def test_every_press_is_one_that_the_station_can_make() -> None:
    """Its defect comes in there, or is its own for a catch; a call asks a function."""
    for press in islice(presses(CHAIN, FIGURES, 3, 3600), 500):
        process = CHAIN.stations[press.station].process
        match Kind(press.fields["kind"]):
            case Kind.REJECT:
                assert press.fields["defect"] in {d.code for d in CHAIN.defects_at(process)}
            case Kind.CATCH:
                assert press.fields["defect"] in {d.code for d in CHAIN.own_defects(process)}
            case Kind.CALL:
                assert press.fields["supplier"] in {
                    f.id for f in CHAIN.functions_of(CHAIN.stations[press.station].line)
                }


def test_the_time_between_presses_is_the_published_one() -> None:
    """Bursts and long quiet alike, only faster: after the beginning come the hours between failed lots, in order."""
    found = list(islice(presses(CHAIN, FIGURES, 1, 3600), len(AT_ONCE), len(AT_ONCE) + len(FIGURES.gap_hours)))
    assert [p.gap_s for p in found] == pytest.approx(FIGURES.gap_hours)


def test_the_mix_of_defects_follows_the_published_ranks() -> None:
    """At one station the most frequent defect is as frequent, beside the second, as in the source."""
    many = islice(presses(CHAIN, FIGURES, 5, 3600), 6000)
    at_mill = Counter(p.fields["defect"] for p in many if p.station == "mill-1" and p.fields["kind"] == "reject")
    first, second = (at_mill[d.code] for d in CHAIN.defects_at("machining")[:2])
    assert first / second == pytest.approx(FIGURES.defect_counts[0] / FIGURES.defect_counts[1], rel=0.25)


def test_responders_come_sometimes_late() -> None:
    """Mostly within the three minutes of the standard, some after; never all at the same time."""
    chance, late = Random(1), 0
    act = next_act(Random(1), card(), "2026-11-22")
    assert act is not None
    for _ in range(1000):
        late += delay_s(chance, card(), replace(act, command="acknowledge"), FIGURES) > 3 * LONGEST_MEDIAN_S
    assert 20 < late < 150
    assert multiple_of_median(Random(2), FIGURES.response_quantiles) != multiple_of_median(
        Random(3), FIGURES.response_quantiles
    )


@pytest.mark.parametrize(
    ("changed", "who", "command"),
    [
        ({}, "leader", "acknowledge"),
        ({"state": "acknowledged"}, "station", "arrive"),
        ({"state": "arrived"}, "leader", "contain"),
        ({"state": "contained", "stop": {"state": "stopped"}}, "quality", "release"),
        ({"state": "contained", "attribution": "disputed"}, "quality", "rule"),
        ({"state": "contained", "attribution": "confirmed"}, "owner", "answer"),
        ({"state": "contained", "attribution": "confirmed", "made_at": "unclassified"}, "quality", "answer"),
        ({"kind": "late-response"}, "owner", "answer"),
        ({"kind": "call", "state": "arrived"}, "station", "accept"),
        ({"state": "answered", "made_at": "machining"}, "quality", "accept"),
    ],
)
def test_each_state_has_somebody_who_goes_on(changed: dict[str, Any], who: str, command: str) -> None:
    """By the life cycle of a complaint; the seed is one that is not in the mood for exceptions."""
    act = next_act(Random(4), card(**changed), "2026-11-22")
    assert act is not None
    assert (act.who, act.command) == (who, command)


def test_nobody_does_anything_about_what_is_over() -> None:
    """A closed complaint is left alone."""
    assert next_act(Random(1), card(state="closed"), "2026-11-22") is None
