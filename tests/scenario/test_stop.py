"""A stop: at once or at the fixed position, overridden, released, withdrawn."""

from datetime import timedelta

import pytest
from scenario.story import START, Plant

from threenos_server.errors import Conflict, Forbidden
from threenos_wire.instants import format_instant


def at(**span: float) -> str:
    return format_instant(START + timedelta(**span))


def test_a_stop_whose_grace_runs_out_stops_the_line(plant: Plant) -> None:
    """Yellow for 45 s, then red from the fixed position on, told at once and once."""
    press = plant.press("pump-1", stop=True, defect="turned-round")
    line = plant.line("assembly")
    assert (line.state, line.stop_at) == ("stop-pending", at(seconds=45))
    plant.clock.advance(seconds=44)
    assert plant.line("assembly").state == "stop-pending"
    plant.clock.advance(seconds=1)
    line = plant.line("assembly")
    assert (line.state, line.since, line.stop_at) == ("stopped", at(seconds=45), None)
    assert plant[press].stop == {"state": "stopped", "from": at(seconds=45), "until": None}
    plant.clock.advance(minutes=1)
    assert len(plant.rows("line-stopped")) == 1
    assert plant.told("team leader", press)[0] == "stop"


def test_a_stop_is_overridden_during_the_grace(plant: Plant) -> None:
    """The team leader lets the line run on; the complaint stays, and its stop has no length."""
    press = plant.press("pump-1", stop=True, defect="turned-round")
    plant.clock.advance(seconds=30)
    plant.override("assembly", press)
    assert plant.line("assembly").state == "running"
    plant.clock.advance(seconds=60)
    assert plant.line("assembly").state == "running"
    assert plant.rows("line-stopped") == []
    stop = plant[press].stop
    assert stop == {"state": "overridden", "from": at(seconds=30), "until": at(seconds=30)}
    assert plant[press].state == "open"


def test_a_stop_that_stands_is_not_overridden(plant: Plant) -> None:
    """Once the line has stopped there is only the release."""
    press = plant.press("pump-1", stop=True)
    plant.clock.advance(seconds=45)
    with pytest.raises(Conflict, match="grace"):
        plant.override("assembly", press)
    assert plant.line("assembly").state == "stopped"


def test_another_press_after_an_override_stops_the_line(plant: Plant) -> None:
    """Nobody takes a worker's right to stop: the next press begins its grace anew."""
    press = plant.press("pump-1", stop=True)
    plant.clock.advance(seconds=10)
    plant.override("assembly", press)
    plant.clock.advance(seconds=10)
    plant.press("pump-1", stop=True)
    assert plant.line("assembly").stop_at == at(seconds=65)
    plant.clock.advance(seconds=45)
    assert plant.line("assembly").state == "stopped"


def test_a_critical_stop_is_released_by_a_quality_engineer_only(plant: Plant) -> None:
    """Not before it is contained, not by the team leader or the supervisor; then the first good piece is confirmed."""
    press = plant.press("leak-1", stop=True, defect="porosity", severity="critical")
    assert plant.line("housing").state == "stopped"
    assert not plant.released("leak-1", press, "quality engineer")
    plant.contain(press)
    assert not plant.released("leak-1", press, None)
    assert not plant.released("leak-1", press, "team leader")
    assert not plant.released("leak-1", press, "supervisor")
    with pytest.raises(Forbidden):
        plant.release_at_desk("housing", press, "supervisor")
    assert plant.line("housing").state == "stopped"
    plant.clock.advance(minutes=4)
    assert plant.released("leak-1", press, "quality engineer")
    line = plant.line("housing")
    assert (line.state, line.first_piece) == ("running", press)
    assert plant[press].stop == {"state": "released", "from": at(), "until": at(minutes=4)}
    assert plant.released("leak-1", press, None)
    assert plant.line("housing").first_piece is None
    assert [r.kind for r in plant.rows("release", "first-piece", of=press)] == ["release", "first-piece"]


def test_an_ordinary_stop_is_released_by_the_team_leader(plant: Plant) -> None:
    """At the desk as well as at the station; somebody else's process stays out of it."""
    press = plant.press("mill-1", stop="maintenance")
    plant.contain(press)
    assert not plant.released("mill-1", press, "owner of machining")
    plant.release_at_desk("housing", press, "team leader")
    assert plant.line("housing").state == "running"


def test_a_line_runs_only_when_every_stop_is_released(plant: Plant) -> None:
    """Two stations stop it; the first release is not enough."""
    one, two = plant.press("mill-1", stop="maintenance"), plant.press("leak-1", stop=True, defect="porosity")
    for press in (one, two):
        plant.contain(press)
    assert plant.released("mill-1", one, "team leader")
    assert plant.line("housing").state == "stopped"
    assert plant.released("leak-1", two, "team leader")
    assert plant.line("housing").state == "running"


def test_a_withdrawn_stop_is_released(plant: Plant) -> None:
    """A mistaken press, taken back by the station that pressed: the line runs, and nobody is escalated."""
    press = plant.press("mill-1", stop=True)
    plant.clock.advance(seconds=20)
    assert plant.says("mill-1", "withdraw", press, reason="the wrong button").accepted
    assert plant.line("housing").state == "running"
    assert plant[press].stop == {"state": "released", "from": at(), "until": at(seconds=20)}
    plant.clock.advance(hours=1)
    assert plant.told("supervisor") == plant.told("director") == []


def test_a_stop_escalates_three_levels_by_its_own_ladder(plant: Plant) -> None:
    """The link of the assembly sets 0, 2 and 8 minutes; the default elsewhere is 0, 3 and 10."""
    quick, usual = plant.press("pump-1", stop=True, defect="leak"), plant.press("cast-1", stop=True)
    plant.clock.advance(minutes=20)
    spans = {p: [r.at - START for r in plant.rows("escalated", of=p)] for p in (quick, usual)}
    assert spans[quick] == [timedelta(minutes=m) for m in (0, 2, 8)]
    assert spans[usual] == [timedelta(minutes=m) for m in (0, 3, 10)]
    assert plant.told("director", quick)[0] == "escalation"


def test_after_an_outage_only_the_highest_level_is_told(plant: Plant) -> None:
    """The clock was down for an hour: the director hears how late it is, the others are not flooded."""
    press = plant.press("mill-1", stop=True)
    plant.clock.stand_still(hours=1)
    assert [k for k in plant.told("director", press) if k == "escalation"] == ["escalation"]
    assert plant.told("supervisor", press) == plant.told("team leader", press) == []
    [row] = plant.rows("escalated", of=press)
    assert (row.body["escalation"]["skipped"], row.body["escalation"]["late_s"]) == ([0, 1], 3000)


def test_a_stop_of_long_ago_is_told_as_it_is(plant: Plant) -> None:
    """Replayed after an outage of the network: figures from when it happened, clocks from receipt."""
    press = plant.press("mill-1", stop=True, age_ms=1_800_000, replay=True)
    told = plant[press]
    assert (told.occurred_at, told.received_at, told.due["acknowledge"]) == (at(minutes=-30), at(), at(minutes=1))
    assert told.stop is not None
    assert told.stop["from"] == at(minutes=-30)
