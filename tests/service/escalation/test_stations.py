"""How well each station is heard, as the desk lists it."""

from datetime import timedelta
from typing import Any

from threenos_server.access import Actor, Grant, Role
from threenos_server.api import Call, Keys
from threenos_server.api import NoQuery as Nothing
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.service import take
from threenos_server.escalation import presence
from threenos_server.escalation.station_routes import StationView, every
from threenos_server.people import stations as credentials
from threenos_wire.events import Event, Kind
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant
from threenos_wire.messages import Presence

BOOT = "0199a3bf-0000-7000-8000-000000000001"
KEY = b"k" * 32


def listed(plant: Any, station: str) -> StationView:
    actor = Actor("Ann", "p-ann", (Grant(Role.TEAM_LEADER),))
    call = Call(plant.db, plant.now, actor, "lakeside", Keys(b"", b""), {}, Nothing(), None)
    return next(view for view in every(call) if view.id == station)


def press(plant: Any, seq: int, *, ahead_s: float = 0) -> None:
    """A press of mill-1 with that number; its clock is that much ahead."""
    event = Event(
        v=1, id=new_id(), boot=BOOT, seq=seq, at=format_instant(plant.now + timedelta(seconds=ahead_s)), age_ms=0,
        kind=Kind.REJECT, defect="burr",
    )  # fmt: skip
    with plant.db.write() as session:
        take(session, "lakeside", [Arrival(event, "mill-1", plant.now)], plant.now, Keys(KEY, KEY), lambda *_: None)


def say(plant: Any, outbox: int) -> None:
    with plant.db.write() as session:
        presence.heard(session, "lakeside", "mill-1", Presence(True, BOOT, "0.1.0", outbox), plant.now)


def test_a_station_that_never_spoke_has_nothing_to_show(plant: Any) -> None:
    """It is listed with its place, and null is not the same as offline."""
    view = listed(plant, "mill-1")
    assert (view.line, view.process, view.enrolled_at) == ("housing", "machining", None)
    assert (view.online, view.heard_at, view.outbox, view.missing, view.clock_skew_ms) == (None, None, None, 0, None)


def test_presence_outbox_and_silence(plant: Any) -> None:
    """It is online with what it holds back, until the clock has judged it silent."""
    with plant.db.write() as session:
        credentials.enroll(session, "lakeside", "mill-1", plant.now)
    say(plant, 7)
    view = listed(plant, "mill-1")
    assert (view.online, view.heard_at, view.outbox, view.version) == (True, plant.now, 7, "0.1.0")
    assert view.enrolled_at == plant.now
    heard = plant.now
    plant.now += timedelta(seconds=40)
    plant.clock.round()
    view = listed(plant, "mill-1")
    assert (view.online, view.heard_at, view.silent_since) == (False, heard, heard)


def test_holes_are_counted_when_they_are_given_up(plant: Any) -> None:
    """Numbers 2 and 3 never came; what was heard of it counts as being heard."""
    press(plant, 1)
    press(plant, 4)
    plant.now += timedelta(seconds=11)
    press(plant, 5)
    view = listed(plant, "mill-1")
    assert (view.missing, view.heard_at) == (2, plant.now)


def test_a_hole_is_counted_although_nothing_comes_after_it(plant: Any) -> None:
    """A station that falls silent behind a hole shows it once nobody waits for it any more, and not twice later."""
    press(plant, 1)
    press(plant, 4)
    assert listed(plant, "mill-1").missing == 0
    plant.now += timedelta(seconds=11)
    assert listed(plant, "mill-1").missing == 2
    press(plant, 5)
    assert listed(plant, "mill-1").missing == 2


def test_the_clock_is_that_of_its_last_event(plant: Any) -> None:
    """A clock that was wrong and is right again is right."""
    press(plant, 1, ahead_s=90)
    assert listed(plant, "mill-1").clock_skew_ms == 90_000
    press(plant, 2, ahead_s=-30)
    assert listed(plant, "mill-1").clock_skew_ms == -30_000
    press(plant, 3, ahead_s=1)
    assert listed(plant, "mill-1").clock_skew_ms == 0
    assert listed(plant, "wash-1").clock_skew_ms is None
