"""Links: half-open connections, cables that lose or crawl, a broker that is away."""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import timedelta
from threading import Event
from time import monotonic

from chaos.factory import SITE, STATIONS
from faults.floor import Floor, Pressed, opened
from faults.network import Network
from faults.place import SQLITE, Place, Scenario
from faults.table import Row
from faults.watching import Wall
from faults.wire import Wire
from plant import wait_for

from threenos_server.journal import service as journal
from threenos_wire.instants import format_instant, parse_instant

MEANING = "What happens when the way between station, broker, server and board leaks, crawls, or carries nothing."
#: A station may believe so long that it is heard: five seconds after the last beat, which comes each two.
NOT_HEARD_S = 8.0
DEAD_S = 20.0
STALE_S = 5.0
AWAY_S = 30.0
AWAY_FOR = timedelta(hours=3)
#: How many presses wait when a bad cable gets its turn, and how many are made then.
BACKLOG, LOOKS = 60, 20


def _dead_cable(scenario: Scenario, place: Place) -> Iterable[Row]:
    """Between agent and broker, while people press: the tablet says so, keeps all, and goes on by itself."""
    with Floor(place.directory, place.url()) as floor, Wire(floor.mqtt_port) as wire:
        floor.agent.point(wire.port)
        floor.ready()
        wire.go_dead()
        at = monotonic()
        kept = [floor.press()]
        wait_for("the station knows that it is not heard", lambda: not floor.agent.heard(), 30)
        deaf = monotonic() - at
        while monotonic() - at < DEAD_S:
            kept.append(floor.press())
            Event().wait(0.5)
        wire.come_back()
        back = monotonic()
        first = floor.until_stored(back)
        floor.until_all_stored(back)
        seen = f"{DEAD_S:.0f} s; NOT HEARD after {deaf:.1f} s; {sum(k.saved for k in kept)} of {len(kept)} presses kept"
        late = () if deaf <= NOT_HEARD_S else (f"NOT HEARD only after {deaf:.1f} s",)
        yield floor.verdict().row(scenario, place, seen, first, (*late, *_unkept(kept)))


def _unkept(kept: list[Pressed]) -> list[str]:
    return [f"{p.id} was not saved: {p.status}" for p in kept if not p.saved]


def _dead_board(scenario: Scenario, place: Place) -> Iterable[Row]:
    """Between board and web: covered within five seconds, and live again."""
    with opened(place.directory, place.url()) as floor, Wire(floor.http_port) as wire:
        with Wall(f"http://127.0.0.1:{wire.port}", floor.token) as wall:
            wait_for("the board is live", lambda: not wall.stale, 30)
            wire.go_dead()
            at = monotonic()
            Event().wait(DEAD_S)
            covered = wall.stale_after(at)
            wire.come_back()
            back = monotonic()
            wait_for("the board is live again", lambda: not wall.stale, 60)
            live = wall.heard_at - back
        wrong = () if covered <= STALE_S else (f"covered only after {covered:.1f} s",)
        seen = f"{DEAD_S:.0f} s; covered after {covered:.1f} s; live again {live:.1f} s after"
        yield floor.verdict().row(scenario, place, seen, None, wrong)


def _frozen_broker(scenario: Scenario, place: Place) -> Iterable[Row]:
    """The broker stands still with every connection open, those of the server too."""
    with opened(place.directory, place.url()) as floor:
        pid = floor.system.pid("broker")
        os.kill(pid, signal.SIGSTOP)
        at = monotonic()
        kept = [floor.press() for _ in range(5)]
        wait_for("the station knows that it is not heard", lambda: not floor.agent.heard(), 30)
        deaf = monotonic() - at
        Event().wait(max(0.0, AWAY_S - deaf))
        os.kill(pid, signal.SIGCONT)
        back = monotonic()
        first = floor.until_stored(back)
        late = () if deaf <= NOT_HEARD_S else (f"NOT HEARD only after {deaf:.1f} s",)
        seen = f"{AWAY_S:.0f} s; NOT HEARD after {deaf:.1f} s"
        yield floor.verdict().row(scenario, place, seen, first, (*late, *_unkept(kept)))


def _away(scenario: Scenario, place: Place) -> Iterable[Row]:
    """The broker is away and the presses grow three hours old: aged in the outbox, since nobody waits so long."""
    with opened(place.directory, place.url()) as floor:
        floor.system.process.send_signal(signal.SIGSTOP)
        floor.system.kill("broker")
        kept = [floor.press(station, defect="scratch") for station in STATIONS for _ in range(25)]
        Event().wait(AWAY_S)
        floor.agent.kill()
        _age(floor)
        floor.agent.start()
        floor.system.process.send_signal(signal.SIGCONT)
        back = monotonic()
        took = floor.until_all_stored(back)
        wrong = [*_unkept(kept), *_not_old(floor, {k.id for k in kept})]
        seen = (
            f"{AWAY_S:.0f} s, {len(kept)} presses aged by 3 h in the outbox; all told {took:.1f} s after, as 3 h old "
            "and as replays"
        )
        yield floor.verdict().row(scenario, place, seen, took, wrong)


def _age(floor: Floor) -> None:
    """As if the presses had been made three hours before; their ticks count nanoseconds."""
    with closing(sqlite3.connect(floor.agent.data / "station.db")) as db:
        for n, at in db.execute("SELECT n, at FROM events").fetchall():
            earlier = format_instant(parse_instant(at) - AWAY_FOR)
            ns = int(AWAY_FOR.total_seconds()) * 1_000_000_000
            db.execute("UPDATE events SET at = ?, ticks = ticks - ? WHERE n = ?", (earlier, ns, n))
        db.commit()


def _not_old(floor: Floor, ids: set[str]) -> list[str]:
    with floor.db.read() as session:
        rows = [r for r in journal.every(session, SITE) if r.event_id in ids]
    wrong = [
        f"{r.event_id}: happened {r.at - r.occurred_at} before"
        for r in rows
        if abs(r.at - r.occurred_at - AWAY_FOR) > timedelta(minutes=3)
    ]
    return wrong + [f"{r.event_id}: no replay" for r in rows if not r.body["event"].get("replay")]


def _bad_cable(percent: int, kbit: int) -> Callable[[Scenario, Place], Iterable[Row]]:
    """A backlog and live presses through a cable that loses or crawls."""

    def run(scenario: Scenario, place: Place) -> Iterable[Row]:
        with Network() as network, Floor(place.directory, place.url(), flags=("--mqtt-host", network.HOST)) as floor:
            floor.agent.point(floor.mqtt_port, network.HOST)
            floor.agent.prefix, floor.agent.network = network.prefix, network
            floor.ready()
            network.lose(100)
            kept = [floor.press(STATIONS[n % len(STATIONS)]) for n in range(BACKLOG)]
            network.lose(percent)
            if kbit:
                network.slow(kbit)
            at = monotonic()
            live = floor.until_stored(at, 120)
            took = floor.until_all_stored(at, 180)
            heard = 0
            for _ in range(LOOKS):
                kept.append(floor.press())
                Event().wait(0.5)
                heard += floor.agent.heard()
            floor.until_all_stored(monotonic(), 120)
            lost = network.lost() if percent else 0
            network.lose(0)
            seen = (
                f"{BACKLOG} waiting events through it: first {live:.1f} s, all {took:.1f} s; then {LOOKS} presses, "
                f"heard in {heard} of {LOOKS} looks; {lost} packets lost"
            )
            yield floor.verdict(120).row(scenario, place, seen, live, _unkept(kept))

    return run


SCENARIOS = (
    Scenario("dead-cable", "half-open link between station and broker", "station", _dead_cable),
    Scenario("dead-board", "half-open link between board and web", "board", _dead_board, (SQLITE,)),
    Scenario("frozen-broker", "broker stands still, connections open", "broker", _frozen_broker, (SQLITE,)),
    Scenario("away", "broker gone for hours", "broker", _away),
    *(
        Scenario(
            f"loss-{p}", f"{p} % of the packets lost", "network", _bad_cable(p, 0), (SQLITE,), ("ip", "nft"), root=True
        )
        for p in (5, 15, 30)
    ),
    Scenario("slow", "32 kbit/s", "network", _bad_cable(0, 32), (SQLITE,), ("ip", "nft", "tc"), root=True),
    Scenario(
        "slow-loss", "32 kbit/s and 10 % lost", "network", _bad_cable(10, 32), (SQLITE,), ("ip", "nft", "tc"), root=True
    ),
)
