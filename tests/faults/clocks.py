"""Clocks that jump, at the server and at the station, while complaints are open."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Event
from time import monotonic

import sqlalchemy as sa
from chaos.factory import SITE
from faults.floor import Floor, Pressed
from faults.machine import Machine
from faults.place import BOTH, SQLITE, Place, Scenario
from faults.table import Row
from plant import wait_for

from threenos_server.clock import utc_now
from threenos_server.escalation.model import DeadlineState
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.journal import service as journal
from threenos_server.notify.tables import Notice

MEANING = (
    "The wall clock of one side jumps while complaints are open, and back some seconds later. Presses are "
    "stored as before, what happened when is right to the second where the server's clock is, and every escalation "
    "comes: at the latest when the clock is right again."
)
HOUR, DAY = 3600.0, 86_400.0
JUMPED_S = 8.0
#: Ladders of these floors end after four seconds, limits after five.
SOON_S = 30.0
STORED_S = 5.0


def _jump(side: str, seconds: float | None) -> Callable[[Scenario, Place], Iterable[Row]]:
    """`seconds` None: to the first of January 1970."""

    def run(scenario: Scenario, place: Place) -> Iterable[Row]:
        machine = Machine(place.directory / "machine", place.directory)
        shift = seconds if seconds is not None else -(utc_now().timestamp() - 60)
        ours = machine.environment if side == "server" else {}
        with Floor(place.directory, place.url(), environment=ours) as floor:
            floor.agent.environment = machine.environment if side == "station" else {}
            floor.ready()
            yield _through(scenario, place, floor, machine, shift, side)

    return run


def _through(scenario: Scenario, place: Place, floor: Floor, machine: Machine, shift: float, side: str) -> Row:
    pressed = [(floor.press("mill-1", defect="burr"), utc_now())]
    wait_for("it is stored", lambda: floor.stored([pressed[0][0]]), 10)
    machine.shift_clock(shift)
    at = monotonic()
    during = floor.until_stored(at)
    while monotonic() - at < JUMPED_S:
        pressed.append((floor.press("pump-1", defect="leak"), utc_now()))
        Event().wait(1)
    heard = floor.agent.heard()
    machine.shift_clock(0)
    back = monotonic()
    pressed.append((floor.press("wind-1", defect="stack-height"), utc_now()))
    after = floor.until_stored(back)
    wrong = [] if during <= STORED_S and after <= STORED_S else [f"stored after {during:.1f} s and {after:.1f} s"]
    wrong += [] if heard else ["the stations were not heard meanwhile"]
    wrong += _waits_still(floor, back)
    wrong += _wrong_times(floor, pressed) if side == "station" else []
    seen = f"jumped for {JUMPED_S:.0f} s; the first press stored after {during:.1f} s, after the way back {after:.1f} s"
    return floor.verdict().row(scenario, place, seen, after, wrong)


def _waits_still(floor: Floor, back: float) -> list[str]:
    """What has not been fired or sent half a minute after the clock was right: nobody came, so everything was due."""
    while (left := _left(floor)) and monotonic() - back < SOON_S:
        Event().wait(0.5)
    return [f"{SOON_S:.0f} s after: {count} {what}" for what, count in left.items()]


def _left(floor: Floor) -> dict[str, int]:
    """Deadlines and notices that are open, whenever they are due. Answers have a day, and are no matter here."""
    with floor.db.read() as session:
        open_ = sa.select(sa.func.count()).where(DeadlineRow.state == DeadlineState.OPEN, DeadlineRow.clock != "answer")
        unsent = sa.select(sa.func.count()).where(Notice.state.in_(("waiting", "sending")))
        counts = {"deadlines are open": session.scalar(open_) or 0, "notices wait": session.scalar(unsent) or 0}
    return {what: count for what, count in counts.items() if count}


def _wrong_times(floor: Floor, pressed: list[tuple[Pressed, datetime]]) -> list[str]:
    """A station's clock does no harm: what happened when is told by its age."""
    true = {p.id: at for p, at in pressed}
    with floor.db.read() as session:
        rows = [r for r in journal.every(session, SITE) if r.event_id in true]
    off = {r.event_id: abs(r.occurred_at - true[str(r.event_id)]) for r in rows}
    return [f"{i}: {d} off" for i, d in off.items() if d > timedelta(seconds=2)]


_JUMPS = (("+1h", HOUR), ("-1h", -HOUR), ("+1d", DAY), ("-1d", -DAY), ("1970", None))
SCENARIOS = tuple(
    Scenario(
        f"{side}{name}",
        f"clock jumps {'to 1970' if seconds is None else name.replace('h', ' h').replace('d', ' d')}",
        side,
        _jump(side, seconds),
        BOTH if side == "server" and name in ("-1d", "1970") else (SQLITE,),
        ("cc",),
    )
    for side in ("server", "station")
    for name, seconds in _JUMPS
)
