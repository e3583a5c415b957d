"""What is due next, for the desk."""

from typing import Any

from threenos_server.access import Actor, Grant, Role
from threenos_server.api import Call, Keys
from threenos_server.escalation.routes import DeadlineQuery, deadlines
from threenos_wire.events import Kind


def ask(plant: Any, query: DeadlineQuery) -> list[tuple[str, int, str]]:
    actor = Actor("Ann", "p-ann", (Grant(Role.TEAM_LEADER),))
    call = Call(plant.db, plant.now, actor, "lakeside", Keys(b"", b""), {}, query, None)
    return [(d.clock, d.level, d.state) for d in deadlines(call).deadlines]


def test_the_next_due_comes_first(plant: Any) -> None:
    """What has fired is not due any more."""
    plant.press("mill-1", Kind.STOP)
    plant.wait(0)
    assert ask(plant, DeadlineQuery())[:3] == [
        ("acknowledge", 0, "open"),
        ("arrive", 0, "open"),
        ("ladder", 1, "open"),
    ]
    assert ask(plant, DeadlineQuery(line="motor")) == []


def test_every_deadline_of_one_complaint(plant: Any) -> None:
    """Its page shows also what fired and what was met."""
    stop = plant.press("mill-1", Kind.STOP)
    plant.wait(0)
    plant.press("mill-1", Kind.ARRIVE, complaint=stop)
    shown = ask(plant, DeadlineQuery(complaint=stop))
    assert ("ladder", 0, "fired") in shown
    assert ("arrive", 0, "met") in shown
    assert ("contain", 0, "open") in shown
