"""Who falls silent, and who is heard again."""

from datetime import timedelta
from typing import Any

from threenos_server.escalation import presence
from threenos_wire.messages import Presence

BOOT = "0199a3bf-0000-7000-8000-000000000001"


def say(plant: Any, *, online: bool = True) -> None:
    with plant.db.write() as session:
        presence.heard(session, "lakeside", "mill-1", Presence(online, BOOT, "0.1.0", 3), plant.now)


def look(plant: Any, seconds: float) -> None:
    """Time passes, and the clock's slower work is done."""
    plant.now += timedelta(seconds=seconds)
    plant.clock.round()


def rows(plant: Any) -> list[tuple[str, object]]:
    found = plant.rows("station-silent", "station-heard")
    return [(row.kind, row.body["then"]["stations"]["mill-1"]["silent_since"]) for row in found]


def test_thirty_seconds_of_silence_are_told_once(plant: Any) -> None:
    """The row says since when; the next look says nothing more."""
    say(plant)
    look(plant, 29)
    assert rows(plant) == []
    look(plant, 2)
    look(plant, 60)
    assert rows(plant) == [("station-silent", "2026-11-23T02:00:00.000Z")]


def test_a_station_that_speaks_again_is_heard(plant: Any) -> None:
    """Silence ends with a row of its own."""
    say(plant)
    look(plant, 40)
    say(plant)
    look(plant, 3)
    assert rows(plant) == [("station-silent", "2026-11-23T02:00:00.000Z"), ("station-heard", None)]


def test_a_will_is_not_being_heard(plant: Any) -> None:
    """A goodbye does not put off the silence, and does not make one of itself."""
    say(plant)
    look(plant, 20)
    say(plant, online=False)
    look(plant, 5)
    assert rows(plant) == []
    look(plant, 6)
    assert rows(plant) == [("station-silent", "2026-11-23T02:00:00.000Z")]
