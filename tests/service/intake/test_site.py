"""Whom the herald tells when a line changes."""

import json
from typing import Any

from browser import KEYS, MONDAY, with_example

from threenos_server.access import Actor, Grant, Role
from threenos_server.complaints import drills
from threenos_server.db import Database
from threenos_server.intake.site import Site
from threenos_server.journal.trace import traces


class Told:
    """A link that keeps what was published last on each topic."""

    def __init__(self) -> None:
        self.said: dict[str, dict[str, Any]] = {}

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        assert retain
        self.said[topic] = json.loads(payload)


def test_a_drill_is_told_to_every_station_of_its_line(db: Database) -> None:
    """The line goes on as it did, and still its tablets must show that a drill is armed; those of other lines not."""
    named, told = with_example(db), Told()
    site = Site(named, told, KEYS.arrival, lambda: MONDAY)  # type: ignore[arg-type] # only publishes
    with db.read() as session:
        seq = site.tell_all(session)
    told.said.clear()
    supervisor = Actor("Sun", "p-sun", (Grant(Role.SUPERVISOR),))
    with db.write() as session:
        drills.arm_drill(session, named, "motor", supervisor, MONDAY)
    with db.read() as session:
        site.take(traces(session, named, seq, 10))
    site.tell_due(db)
    states = {topic: said["line"]["drill"] for topic, said in told.said.items() if topic.endswith("/state")}
    assert states[f"threenos/v1/{named}/wind-1/state"] is True
    assert set(states.values()) == {True}
    assert f"threenos/v1/{named}/mill-1/state" not in states
