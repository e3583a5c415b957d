"""What the auditor finds, whom it tells, and when the heartbeat goes out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from listening import Quiet, leading_inside, serving
from structlog.testing import capture_logs

from threenos_server.beats import beat
from threenos_server.escalation.auditor import Auditor, Problem, findings
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.notify.tables import Notice
from threenos_wire.events import Kind


def found(plant: Any) -> list[tuple[Problem, int]]:
    with plant.db.read() as session:
        return [(f.problem, f.count) for f in findings(session, "lakeside", plant.now)]


def alive(plant: Any) -> None:
    """The clock says that it lives."""
    with plant.db.write() as session:
        beat(session, "clock", plant.now)


def test_all_is_well_while_the_clock_fires(plant: Any) -> None:
    """What is fired in time is no finding."""
    plant.press("mill-1", Kind.STOP)
    plant.wait(1)
    assert found(plant) == []


def test_a_deadline_that_did_not_fire_is_found(plant: Any) -> None:
    """Half a minute late is too late: the clock is dead or stuck."""
    plant.press("mill-1", Kind.STOP)
    plant.now += timedelta(seconds=29)
    assert found(plant) == []
    plant.now += timedelta(seconds=2)
    assert found(plant) == [(Problem.NOT_FIRED, 1)]


def test_a_complaint_without_its_deadlines_is_found(plant: Any) -> None:
    """Rows that vanished, by whatever hand, are missed."""
    stop = plant.press("mill-1", Kind.STOP)
    plant.wait(0)
    with plant.db.write() as session:
        session.execute(sa.delete(DeadlineRow).where(DeadlineRow.complaint == stop, DeadlineRow.clock == "arrive"))
    assert found(plant) == [(Problem.NO_DEADLINES, 1)]


def test_notices_that_nobody_sends_are_found(plant: Any) -> None:
    """A dead sender is as bad as a dead clock."""
    plant.press("mill-1", Kind.STOP)
    plant.wait(0)
    plant.now += timedelta(seconds=31)
    assert found(plant) == [(Problem.NOT_SENT, 1)]


def test_a_finding_is_told_to_the_supervisor_once_an_hour(plant: Any) -> None:
    """It is told again only when it lasts."""
    auditor = Auditor(plant.db, lambda: plant.now)
    plant.press("mill-1", Kind.STOP)
    for minutes in (1, 1, 30):
        plant.now += timedelta(minutes=minutes)
        auditor.round()
    audits = [n for n in plant.notices() if n.kind == "audit" and "not-fired" in n.params]
    assert [plant.people[n.person] for n in audits] == ["Sue"]
    plant.now += timedelta(minutes=40)
    auditor.round()
    assert len([n for n in plant.notices() if n.kind == "audit" and "not-fired" in n.params]) == 2


def test_the_heartbeat_goes_out_each_minute_while_all_is_well(plant: Any) -> None:
    """A dead man's switch outside hears from us, and no more once escalation is stuck."""
    with listener() as (url, asked):
        auditor = Auditor(plant.db, lambda: plant.now, url)
        for _ in range(6):
            plant.now += timedelta(seconds=30)
            alive(plant)
            auditor.round()
        assert len(asked) == 3
        plant.press("mill-1", Kind.STOP)
        for _ in range(4):
            plant.now += timedelta(seconds=61)
            alive(plant)
            auditor.round()
        assert len(asked) == 3


def test_a_silent_clock_stops_the_heartbeat(plant: Any) -> None:
    """Nothing may be due and the clock dead all the same."""
    with listener() as (url, asked):
        plant.now += timedelta(seconds=30)
        assert Auditor(plant.db, lambda: plant.now, url).round() is False
        assert asked == []


def test_a_heartbeat_is_not_led_elsewhere(plant: Any) -> None:
    """A switch that answers with another address has not heard us, and that is in the log."""
    alive(plant)
    with leading_inside() as (url, inside), capture_logs() as logged:
        assert Auditor(plant.db, lambda: plant.now, url).round() is True
    assert inside == []
    assert [line["error"] for line in logged] == ["answered 302 to /inside, which is not followed"]


def test_a_dead_notice_is_a_finding_but_no_reason_to_fall_silent(plant: Any) -> None:
    """An address that takes nothing is the plant's to mend."""
    plant.press("mill-1", Kind.STOP)
    plant.wait(0)
    with plant.db.write() as session:
        session.execute(sa.update(Notice).values(state="dead", reason="gave-up"))
    alive(plant)
    assert found(plant) == [(Problem.DEAD, 1)]
    assert Auditor(plant.db, lambda: plant.now).round() is True


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """A heartbeat URL, and what was asked of it."""
    asked: list[str] = []

    class Handler(Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

    with serving(Handler) as server:
        yield f"{server.url}/ping", asked
