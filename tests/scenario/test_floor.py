"""Calls, catches, drills, and who is told when nobody is there."""

from datetime import timedelta

import pytest
from scenario.story import Plant

from threenos_server.errors import Conflict, Forbidden


def test_a_call_of_a_function(plant: Plant) -> None:
    """The function's own roster is told; it comes, and the station that called closes it."""
    call = plant.press("cast-1", call="maintenance")
    plant.clock.advance(seconds=0)
    assert plant.told("owner of maintenance", call) == ["call"]
    assert plant.told("team leader") == []
    plant.give(call, "acknowledge", "owner of maintenance")
    plant.clock.advance(minutes=2)
    assert plant.says("cast-1", "arrive", call).accepted
    plant.clock.advance(minutes=20)
    assert plant.says("cast-1", "accept", call, rating=5).accepted
    assert (plant[call].state, plant[call].late, plant.told("supervisor")) == ("closed", [], [])


def test_a_call_that_nobody_takes_escalates(plant: Plant) -> None:
    """By the ladder of the link: function, supervisor after eight minutes, director after thirty."""
    call = plant.press("cast-1", call="material")
    plant.clock.advance(minutes=30)
    assert plant.told("owner of material", call)[0] == "call"
    assert plant.told("supervisor", call)[0] == "escalation"
    assert plant.told("director", call)[0] == "escalation"
    [first, second] = plant.complaints("late-response")
    assert {first.supplier, second.supplier} == {"material"}


def test_a_catch_is_a_record_and_no_complaint(plant: Plant) -> None:
    """It is found before it was passed on: no clock, no alert, nobody to answer."""
    plant.press("mill-1", catch="bore-size", qty=1)
    plant.clock.advance(days=2)
    assert plant.catches() == [("machining", "bore-size")]
    assert plant.complaints() == []
    assert plant.messages == []


def test_a_drill_alerts_as_one_and_stops_nothing(plant: Plant) -> None:
    """Armed by the supervisor: told as a drill, at every level, and the line runs."""
    plant.arm_drill("housing")
    press = plant.press("mill-1", stop=True, drill=True)
    plant.clock.advance(minutes=10)
    drill = plant[press]
    assert (drill.drill, drill.stop, plant.line("housing").state) == (True, None, "running")
    assert set(plant.told("team leader") + plant.told("supervisor") + plant.told("director")) == {"drill"}
    assert all(c.drill for c in plant.complaints())
    plant.end_drill("housing")
    real = plant.press("mill-1", stop=True, drill=True)
    assert (plant[real].drill, plant[real].id == press) == (False, False)
    assert plant.line("housing").state == "stopped"


def test_a_drill_that_nobody_armed_is_real(plant: Plant) -> None:
    """A press never becomes nothing: without an armed drill it stops the line. The other line's drill is no excuse."""
    plant.arm_drill("motor")
    press = plant.press("mill-1", stop=True, drill=True)
    plant.clock.advance(seconds=0)
    assert (plant[press].drill, plant.line("housing").state) == (False, "stopped")
    assert plant.told("team leader", press) == ["stop"]


def test_only_a_supervisor_arms_a_drill(plant: Plant) -> None:
    """Nobody else, and not twice."""
    with pytest.raises(Forbidden):
        plant.arm_drill("housing", by="team leader")
    plant.arm_drill("housing")
    with pytest.raises(Conflict):
        plant.arm_drill("housing")


def test_nobody_on_the_roster_goes_to_the_next_level_at_once(plant: Plant) -> None:
    """The supervisor hears of it in the same second, and that there is no team leader."""
    plant.send_home("team leader")
    press = plant.press("mill-1", stop=True)
    plant.clock.advance(seconds=0)
    assert plant.told("supervisor", press) == ["escalation"]
    assert plant.told("director", press) == []
    assert [r.body["escalation"]["nobody"] for r in plant.rows("escalated", of=press)] == [True, False]
    assert plant[press].level == 1
    plant.clock.advance(minutes=3)
    assert plant.told("supervisor", press).count("escalation") == 1
    plant.clock.advance(minutes=7)
    assert plant.told("director", press)[0] == "escalation"


def test_when_nobody_above_is_there_those_below_are_told_again(plant: Plant) -> None:
    """After three minutes the team leader, who has not come, hears that nobody else will."""
    for name in ("supervisor", "director"):
        plant.send_home(name)
    press = plant.press("mill-1", stop=True)
    plant.clock.advance(seconds=0)
    assert plant.told("team leader", press) == ["stop"]
    plant.clock.advance(minutes=3)
    assert "escalation" in plant.told("team leader", press)
    assert plant.unheard() == []


def test_when_nobody_at_all_is_there_it_is_seen(plant: Plant) -> None:
    """It climbs to the top at once, and the desk shows a notice that nobody got."""
    for name in ("team leader", "supervisor", "director"):
        plant.send_home(name)
    press = plant.press("mill-1", stop=True)
    plant.clock.advance(seconds=0)
    assert plant[press].level == 2
    assert plant.unheard() == [("director", "escalation")]


def test_rejects_are_told_once_a_minute_and_a_stop_at_once(plant: Plant) -> None:
    """At most one message per person and minute for rejects, listing all; a stop is never held back."""
    for defect in ("porosity", "scratch", "burr"):
        plant.press("leak-1", reject=defect)
        plant.clock.advance(seconds=5)
    stop = plant.press("mill-1", stop=True)
    plant.clock.advance(seconds=0)
    got = [m for m in plant.messages if m.to == "team leader"]
    assert [[kind for kind, _ in m.notices] for m in got] == [["reject"], ["stop"]]
    assert got[1].notices[0][1] == stop
    plant.clock.advance(seconds=50)
    joined = [m for m in plant.messages if m.to == "team leader" and len(m.notices) > 1]
    assert [sorted(kind for kind, _ in m.notices) for m in joined] == [["reject", "reject"]]
    plant.clock.advance(minutes=15)
    assert plant.longest_held() == timedelta(0)
