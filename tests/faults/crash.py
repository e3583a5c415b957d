"""Exact crash points: one event's life is run again and again, and its process ended at each call in turn."""

from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event
from time import monotonic

import sqlalchemy as sa
from chaos.works import Works
from faults.agent import STATION
from faults.floor import Plant, Pressed
from faults.machine import BEFORE, HOW, MIDDLE, Machine
from faults.place import BOTH, SQLITE, Place, Scenario
from faults.table import Row
from plant import wait_for

from threenos_server.clock import utc_now
from threenos_server.escalation.model import DeadlineState
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.notify.model import NoticeState
from threenos_server.notify.tables import Notice

MEANING = (
    "One process is ended by SIGKILL at the first, second, third … write, fsync or send of one event's life, before "
    "the call and in its middle, until the life is lived to its end. It is started again, and all must be as if "
    "nothing had happened. The calls are counted over all threads by a library of our own (native/between.c); of "
    "a deadline's life each fifth."
)
LIFE_S = 20.0
#: After the ack the intake still tells stations and lines what changed.
AFTERWARDS_S = 0.3
#: A life that never ends without a kill is a mistake.
MOST = 400
#: A deadline's life has 120 calls and takes nine seconds: it is ended at each fifth of them, and each fifteenth.
CLOCK_STEPS = 5, 15
CAUSES = (("leak-1", "porosity"), ("wind-1", "stack-height"))


class Parts(Plant):
    """Broker, intake and clock, each started by itself, so that one of them can be ended at an exact call."""

    busy_each = 0

    def __init__(self, directory: Path, url: str | None, victim: str) -> None:
        super().__init__(directory, url)
        try:
            self.works = Works(directory, self.factory)
            self.stops: list[str] = []
            self._stack.callback(self.works.close)
            for name in ("intake", "web", "clock"):
                self.works.services[name].environment |= {"THREENOS_DATABASE": url} if url else {}
            under = self.agent.data if victim == "agent" else self.data
            self.machine = Machine(directory / "machine", under)
            self.agent.point(self.works.where.port)
            if victim == "agent":
                self.agent.environment = self.works.environment | self.machine.environment
            else:
                self.agent.environment = self.works.environment
                self.works.services[victim].environment |= self.machine.environment
        except BaseException:
            self._stack.close()
            raise

    def stop_server(self) -> None:
        self.works.close()

    def due(self) -> int:
        """How much there is to be fired and sent just now."""
        overdue = sa.and_(DeadlineRow.state == DeadlineState.OPEN, DeadlineRow.due_at <= utc_now())
        unsent = Notice.state.in_((NoticeState.WAITING, NoticeState.SENDING))
        with self.db.read() as session:
            return sum(session.scalar(sa.select(sa.func.count()).where(what)) or 0 for what in (overdue, unsent))

    def known(self, press: Pressed) -> bool:
        """Whether the server has it and the agent knows that."""
        return self.stored([press]) and self.agent.waiting() == 0


def _points(life: Callable[["Parts", int, int], bool], parts: "Parts", steps: tuple[int, int]) -> dict[str, int]:
    """Live until no call ends it: before each so-manieth, and in the middle of each so-manieth; how many kills."""
    found: dict[str, int] = {}
    for how, step in zip((BEFORE, MIDDLE), steps, strict=True):
        number = 1
        while not life(parts, number, how):
            number += step
            assert number < MOST, f"the life of an event has more than {MOST} calls"
        found[HOW[how]] = (number - 1) // step
    return found


def _at_agent(scenario: Scenario, place: Place) -> Iterable[Row]:
    """Press → outbox → send → ack → out of the outbox."""
    with Parts(place.directory, place.url(), "agent") as parts:
        parts.works.start("broker", "intake", "clock")
        parts.agent.start()
        yield from _row(scenario, place, parts, _agent_life)


def _agent_life(parts: Parts, number: int, how: int) -> bool:
    """True when it was lived to its end."""
    wait_for("the agent is connected", lambda: _connected(parts), 30)
    parts.machine.count_calls(number, how)
    press = parts.press()
    wait_for("the press is known or the agent dead", lambda: not parts.agent.runs or parts.known(press), LIFE_S)
    parts.machine.stop_counting()
    if parts.agent.runs:
        return True
    parts.agent.start()
    if not press.saved:
        # A tablet that got no answer sends the same press again.
        press = parts.press(id=press.id)
    wait_for("the press is known after the kill", lambda: parts.known(press), LIFE_S)
    return False


def _connected(parts: Parts) -> bool:
    said = parts.agent.status()
    return bool(said and next(s["link"]["connected"] for s in said["stations"] if s["station"] == STATION))


def _at_intake(scenario: Scenario, place: Place) -> Iterable[Row]:
    """Message → transaction → commit → ack → state of station and line."""
    with Parts(place.directory, place.url(), "intake") as parts:
        parts.works.start("broker", "intake", "clock")
        parts.agent.start()
        yield from _row(scenario, place, parts, _intake_life)


def _intake_life(parts: Parts, number: int, how: int) -> bool:
    intake = parts.works.services["intake"]
    first = parts.press()
    wait_for("the intake is at work", lambda: parts.known(first), LIFE_S)
    parts.machine.count_calls(number, how)
    press = parts.press("wind-1", defect="stack-height")
    wait_for("the press is known or the intake dead", lambda: not intake.runs or parts.known(press), LIFE_S)
    Event().wait(AFTERWARDS_S if intake.runs else 0)
    parts.machine.stop_counting()
    if intake.runs:
        return True
    intake.start()
    wait_for("the press is known after the kill", lambda: parts.known(press), LIFE_S)
    return False


def _at_clock(scenario: Scenario, place: Place) -> Iterable[Row]:
    """Deadline → rows and notices in one transaction → claim → send → mark as sent."""
    with Parts(place.directory, place.url(), "clock") as parts:
        parts.works.start("broker", "intake")
        parts.agent.start()
        yield from _row(scenario, place, parts, _clock_life, CLOCK_STEPS)


def _clock_life(parts: Parts, number: int, how: int) -> bool:
    """The clock is started when a complaint is overdue, and counted from its start."""
    clock = parts.works.services["clock"]
    clock.wipe_out()
    _next_stop(parts)
    wait_for("its first limits are missed", lambda: parts.due() >= 2, LIFE_S)
    parts.machine.count_calls(number, how)
    clock.start()
    wait_for("all is fired and sent, or the clock dead", lambda: not clock.runs or not parts.due(), LIFE_S)
    parts.machine.stop_counting()
    if clock.runs:
        return True
    clock.start()
    wait_for("all is fired and sent after the kill", lambda: not parts.due(), 2 * LIFE_S)
    return False


def _next_stop(parts: Parts) -> None:
    """A stop that is a complaint of its own: the one before of the same cause, long fired, is withdrawn."""
    station, defect = CAUSES[len(parts.stops) % 2]
    if len(parts.stops) > 1:
        parts.press(station, kind="withdraw", complaint=parts.stops[-2], reason="slip", defect=None, qty=None)
    press = parts.press(station, kind="stop", defect=defect)
    parts.stops.append(press.id)
    wait_for("the press is known", lambda: parts.known(press), LIFE_S)


def _row(
    scenario: Scenario,
    place: Place,
    parts: Parts,
    life: Callable[[Parts, int, int], bool],
    steps: tuple[int, int] = (1, 1),
) -> Iterable[Row]:
    began = monotonic()
    points = _points(life, parts, steps)
    if not parts.works.services["clock"].runs:
        parts.works.services["clock"].start()
    each = [f" (each {step}th)" if step > 1 else "" for step in steps]
    said = ", ".join(f"{count} {how} the call{e}" for (how, count), e in zip(points.items(), each, strict=True))
    seen = f"{sum(points.values())} kills ({said}) in {monotonic() - began:.0f} s"
    yield parts.verdict().row(scenario, place, seen)


SCENARIOS = (
    Scenario("agent", "kill -9 at each call of a press's life", "station", _at_agent, (SQLITE,), ("cc",)),
    Scenario("intake", "kill -9 at each call of a press's life", "intake", _at_intake, BOTH, ("cc",)),
    Scenario(
        "clock",
        "kill -9 within a deadline's and its notices' life",
        "clock and notifier",
        _at_clock,
        BOTH,
        ("cc",),
    ),
)
