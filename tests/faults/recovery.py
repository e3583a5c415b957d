"""Recovery: how long from a kill to the first event that is stored again, and until a board covers itself."""

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic

from faults.floor import Floor, children_of, opened, signal_all
from faults.place import BOTH, POSTGRESQL, Place, Scenario
from faults.table import Row
from faults.watching import Wall
from plant import wait_for

MEANING = (
    "From kill -9 to the first press after it that is in the journal: server at most 5 s, broker 10 s, database 15 s; "
    "a board covers itself within 5 s of every cut."
)
STALE_S = 5.0
#: So often each is killed; the longest counts.
TIMES = 3
#: A cut lasts so long.
CUT_S = 7.0
#: A board that was live for so long is not still about to be covered by the cut before.
SETTLED_S = 4.0


def _killed(kill: Callable[[Floor, Place], None], limit_s: float) -> Callable[[Scenario, Place], Iterable[Row]]:
    """Kill it several times, each time when everything runs."""

    def run(scenario: Scenario, place: Place) -> Iterable[Row]:
        took: list[float] = []
        with opened(place.directory, place.url()) as floor:
            for _ in range(TIMES):
                wait_for("the stations are heard", floor.agent.heard, 30)
                floor.until_all_stored(monotonic())
                at = monotonic()
                kill(floor, place)
                took.append(floor.until_stored(at))
            found = floor.verdict()
        late = (f"the first event came after {max(took):.1f} s",) if max(took) > limit_s else ()
        seen = f"{TIMES} times: " + ", ".join(f"{t:.1f} s" for t in took) + f"; at most {limit_s:.0f} s"
        yield found.row(scenario, place, seen, max(took), late)

    return run


def _all_three(floor: Floor, _place: Place) -> None:
    for name in ("web", "intake", "clock"):
        floor.system.kill(name)


def _intake(floor: Floor, _place: Place) -> None:
    floor.system.kill("intake")


def _broker(floor: Floor, _place: Place) -> None:
    floor.system.kill("broker")


def _everything(floor: Floor, _place: Place) -> None:
    """The supervisor and all its children at once; a service manager starts it again."""
    floor.kill_server()
    floor.system.start()


def _postgres(_floor: Floor, place: Place) -> None:
    place.cluster.kill()
    place.cluster.begin()


@contextmanager
def _nobody_starts_it(floor: Floor) -> Iterator[None]:
    """The supervisor stands still."""
    floor.system.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        floor.system.process.send_signal(signal.SIGCONT)


@contextmanager
def _web_stands_still(floor: Floor, _place: Place) -> Iterator[None]:
    pids = [floor.system.pid("web")]
    pids += children_of(pids)
    signal_all(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(pids, signal.SIGCONT)


@contextmanager
def _web_is_gone(floor: Floor, _place: Place) -> Iterator[None]:
    """Killed, and nobody starts it again meanwhile."""
    with _nobody_starts_it(floor):
        pids = [floor.system.pid("web")]
        signal_all([*children_of(pids), *pids], signal.SIGKILL)
        yield


@contextmanager
def _postgres_is_gone(_floor: Floor, place: Place) -> Iterator[None]:
    place.cluster.kill()
    yield
    place.cluster.start()


@contextmanager
def _postgres_stands_still(_floor: Floor, place: Place) -> Iterator[None]:
    place.cluster.freeze()
    try:
        yield
    finally:
        place.cluster.freeze(False)


@contextmanager
def _intake_is_gone(floor: Floor, _place: Place) -> Iterator[None]:
    with _nobody_starts_it(floor):
        floor.system.kill("intake")
        yield


@contextmanager
def _broker_is_gone(floor: Floor, _place: Place) -> Iterator[None]:
    with _nobody_starts_it(floor):
        floor.system.kill("broker")
        yield


_CUTS = {
    "web stands still": (_web_stands_still, BOTH),
    "web killed": (_web_is_gone, BOTH),
    "intake killed": (_intake_is_gone, BOTH),
    "broker killed": (_broker_is_gone, BOTH),
    "PostgreSQL killed": (_postgres_is_gone, (POSTGRESQL,)),
    "PostgreSQL stands still": (_postgres_stands_still, (POSTGRESQL,)),
}


def _covered(scenario: Scenario, place: Place) -> Iterable[Row]:
    """Each cut for some seconds: the board covers itself, the stations say NOT HEARD, and both come back."""
    with opened(place.directory, place.url()) as floor, Wall(floor.http, floor.token) as wall:
        for name, (cut, databases) in _CUTS.items():
            if place.database not in databases:
                continue
            wait_for("the board stays live", lambda: wall.live_for() >= SETTLED_S, 60)
            wait_for("the stations are heard", floor.agent.heard, 30)
            at = monotonic()
            with cut(floor, place):
                Event().wait(CUT_S)
                covered, stale, deaf = wall.stale_after(at), wall.stale, not floor.agent.heard()
            back = monotonic()
            floor.until_stored(back)
            wait_for("the board is live again", lambda: not wall.stale, 30)
            wrong = () if stale and 0 < covered <= STALE_S else (f"the board was covered after {covered:.1f} s",)
            seen = f"covered after {covered:.1f} s; stations {'NOT HEARD' if deaf else 'heard'}"
            yield Row(
                f"board: {name}", scenario.where, place.database, seen, recovered_s=wall.heard_at - back, wrong=wrong
            )
        found = floor.verdict()
        yield found.row(scenario, place, "after all of these cuts")


SCENARIOS = (
    Scenario("server", "kill -9 of web, intake and clock at once", "server", _killed(_all_three, 5)),
    Scenario("intake", "kill -9 of the intake", "server", _killed(_intake, 5)),
    Scenario("up", "kill -9 of the supervisor and all its children", "server", _killed(_everything, 10)),
    Scenario("broker", "kill -9 of the broker", "broker", _killed(_broker, 10)),
    Scenario("database", "kill -9 of PostgreSQL, started at once", "database", _killed(_postgres, 15), (POSTGRESQL,)),
    Scenario("board", "cuts between press and board", "board", _covered),
)
