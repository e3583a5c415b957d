"""Deadlines fire in order, once, and in one transaction with what they tell."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from plant import beside, wait_for

from threenos_server.access import Role
from threenos_server.escalation import clock
from threenos_server.escalation import service as escalation
from threenos_server.escalation.clock import ClockLoop
from threenos_server.folds import FOLDS
from threenos_server.journal.rebuild import compare
from threenos_server.notify import service as notices
from threenos_wire.events import Kind


def test_a_stop_escalates_three_levels_in_order(plant: Any) -> None:
    """Team leader at once, supervisor after three minutes, director after ten; each limit missed is told."""
    stop = plant.press("mill-1", Kind.STOP)
    for seconds in (0, 61, 120, 420):
        plant.wait(seconds)
    climbs = [(name, kind) for name, kind in plant.told() if kind in ("stop", "escalation")]
    assert climbs == [("Ann", "stop"), ("Sue", "escalation"), ("Dan", "escalation")]
    assert plant.complaint(stop).level == 2
    assert plant.complaint(stop).late == ["acknowledge", "arrive"]
    assert len(plant.rows("late-response")) == 2
    assert plant.rows("deadline-dropped") == []


def test_arrival_stops_the_ladder(plant: Any) -> None:
    """Whoever came is not escalated over."""
    stop = plant.press("mill-1", Kind.STOP)
    plant.wait(30)
    plant.press("mill-1", Kind.ARRIVE, complaint=stop)
    plant.wait(700)
    assert plant.told() == [("Ann", "stop")]
    assert plant.open_deadlines(stop) == {"contain", "answer"}


def test_a_repeated_press_alerts_nobody_again(plant: Any) -> None:
    """It adds to the complaint; its deadlines are as they were."""
    plant.press("mill-1")
    plant.wait(0)
    before = plant.told()
    plant.press("mill-1")
    plant.wait(1)
    assert plant.told() == before == [("Ann", "reject")]


def test_a_withdrawn_press_escalates_no_more(plant: Any) -> None:
    """A mistake that was taken back is over."""
    press = plant.press("mill-1")
    plant.press("mill-1", Kind.WITHDRAW, complaint=press, reason="wrong button")
    plant.wait(4000)
    assert plant.told() == []


def test_the_grace_of_a_line_ends_in_a_stop(plant: Any) -> None:
    """The final assembly runs on for 45 s to its fixed position."""
    stop = plant.press("pump-1", Kind.STOP)
    plant.wait(44)
    assert plant.rows("line-stopped") == []
    plant.wait(1)
    assert [row.complaint for row in plant.rows("line-stopped")] == [stop]
    plant.wait(5)
    assert len(plant.rows("line-stopped")) == 1


def test_nothing_is_told_that_was_not_journalled(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row, the mark and the notices are one transaction: when the notices fail, the deadline is still open."""
    stop = plant.press("mill-1", Kind.STOP)
    with monkeypatch.context() as broken:
        broken.setattr(notices, "write", _broken)
        plant.wait(0)
    assert plant.rows("escalated") == []
    assert "ladder" in plant.open_deadlines(stop)
    plant.wait(61)
    assert ("Ann", "stop") in plant.told()


def test_one_complaint_that_breaks_does_not_hold_up_the_others(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up for a minute; its neighbours fire."""
    bad, good = plant.press("mill-1", Kind.STOP), plant.press("wind-1", Kind.STOP)
    whole = escalation.decide.fire

    def fire(scene: Any, complaint: Any, deadlines: Any) -> Any:
        if complaint.id == bad:
            raise RuntimeError("poison")
        return whole(scene, complaint, deadlines)

    monkeypatch.setattr(escalation.decide, "fire", fire)
    plant.wait(0)
    assert [row.complaint for row in plant.rows("escalated")] == [good]


def test_two_clocks_at_once_fire_each_deadline_once(either_plant: Any) -> None:
    """Clocks race for twenty complaints; nobody is told twice and nobody is missed."""
    stations = ("mill-1", "mill-2", "mill-3", "leak-1", "leak-2", "wind-1", "wind-2", "wash-1", "trim-1", "cast-2")
    stops = [either_plant.press(s, kind) for s in stations for kind in (Kind.STOP, Kind.REJECT)]
    either_plant.now += timedelta(seconds=700)
    stop, start = threading.Event(), threading.Barrier(3, timeout=30)

    def work() -> None:
        start.wait()
        ClockLoop(either_plant.db, b"k" * 32, lambda: either_plant.now).run(stop)

    with beside(work, stop), beside(work, stop):
        start.wait()
        wait_for("every stop was escalated", lambda: len(either_plant.rows("escalated")) >= len(set(stops)))
        wait_for("nothing is due", lambda: not any(_due(either_plant)))
    rows = either_plant.rows("escalated")
    assert len(rows) == len({row.complaint for row in rows}) == len(set(stops))
    assert either_plant.rows("deadline-dropped") == []
    late = [(row.complaint, row.body["late"]["clock"]) for row in either_plant.rows("late")]
    assert len(late) == len(set(late))


def test_the_loop_is_woken_by_a_press(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the next beat: level 0 is due at receipt."""
    monkeypatch.setattr(clock, "PAUSE_S", 600.0)
    stop = threading.Event()
    with beside(lambda: plant.clock.run(stop), stop):
        plant.press("mill-1", Kind.STOP)
        wait_for("the team leader was told", lambda: ("Ann", "stop") in plant.told())


def test_a_rebuild_gives_the_same_deadlines(plant: Any) -> None:
    """Deadlines follow from the journal's rows alone."""
    stop = plant.press("pump-1", Kind.STOP)
    plant.press("mill-1")
    for seconds in (0, 50, 20, 200):
        plant.wait(seconds)
    plant.press("pump-1", Kind.ARRIVE, complaint=stop)
    plant.wait(2000)
    with plant.db.write() as session:
        assert compare(session, "lakeside", FOLDS) == []


def test_the_journal_holds_pseudonyms_and_no_person(plant: Any) -> None:
    """Who was told stands there as in every row: readable only by a look-up."""
    plant.press("mill-1", Kind.STOP)
    plant.wait(0)
    told = plant.rows("escalated")[0].body["escalation"]["told"]
    assert len(told) == 1
    assert told[0].startswith("p-")
    assert not any(person in str(row.body) for row in plant.rows("escalated") for person in plant.people)


def test_a_person_without_an_address_is_seen_at_the_desk(plant: Any) -> None:
    """The notice is written and says so; it is not sent."""
    plant.employ("Bob", Role.TEAM_LEADER, None)
    plant.press("mill-1", Kind.STOP)
    plant.wait(0)
    states = {plant.people[n.person]: n.state for n in plant.notices()}
    assert states == {"Ann": "waiting", "Bob": "no-address"}


def _broken(*_: object) -> int:
    raise RuntimeError("the outbox broke")


def _due(plant: Any) -> tuple[str, ...]:
    with plant.db.read() as session:
        return escalation.due(session, "lakeside", plant.now).complaints


def test_a_clock_that_was_ahead_keeps_nobody_waiting(either_plant: Any) -> None:
    """A day ahead for a while: when it is set back, what it had dated comes after minutes and not a day later."""
    plant = either_plant
    plant.now += timedelta(days=1)
    plant.clock.round()
    stop = plant.press("mill-1", Kind.STOP)
    pending = plant.press("pump-1", Kind.STOP)
    plant.clock.round()
    plant.now += timedelta(seconds=10) - timedelta(days=1)
    plant.clock.round()
    assert {row.complaint for row in plant.rows("clock-set-back")} == {stop, pending}
    with plant.db.read() as session:
        assert notices.waiting_for(session, plant.now, (), 9), "the notices of before may go"
    plant.wait(45)
    assert [row.complaint for row in plant.rows("line-stopped")] == [pending]
    plant.wait(600)
    assert plant.complaint(stop).level == 2
    assert plant.complaint(stop).late == ["acknowledge", "arrive"]
    with plant.db.write() as session:
        assert compare(session, "lakeside", FOLDS) == []


def test_a_clock_process_that_begins_later_sees_that_it_went_back(plant: Any) -> None:
    """By the last beat, which is of the future; and only once."""
    plant.now += timedelta(hours=1)
    stop = plant.press("mill-1", Kind.STOP)
    plant.clock.round()
    plant.now -= timedelta(hours=1)
    later = ClockLoop(plant.db, b"k" * 32, lambda: plant.now)
    later.round()
    later.round()
    assert len(plant.rows("clock-set-back")) == 1
    plant.wait(61)
    assert plant.complaint(stop).late == ["acknowledge"]


def test_a_clock_that_differs_by_a_moment_changes_nothing(plant: Any) -> None:
    """Two servers of one plant are never quite of one mind."""
    plant.press("mill-1", Kind.STOP)
    plant.clock.round()
    plant.now -= timedelta(seconds=4)
    plant.clock.round()
    assert plant.rows("clock-set-back") == []
