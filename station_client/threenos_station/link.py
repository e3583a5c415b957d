"""The way from one station to its server: one connection at a time, in a thread that nothing can end but `stop`."""

import logging
import random
import socket
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from threenos_station.connection import Connection, Identity, Message, Problem
from threenos_station.errors import StationError
from threenos_station.hearing import Hearing
from threenos_station.outbox import Refusal, Row
from threenos_station.press import on_the_wire
from threenos_station.settings import Server
from threenos_station.ticks import Clock, age_ms
from threenos_station.window import Waiting, Window, pack
from threenos_wire.messages import Presence, to_json
from threenos_wire.topics import Address, Leaf, server_beat

log = logging.getLogger("threenos.station.link")

PRESENCE_S = 10.0
STEP_S = 0.5
#: Full jitter between these, so that two hundred stations do not come back in the same second.
SHORTEST_S, LONGEST_S = 1.0, 15.0
#: Heard, but an event unanswered for so long, is a problem to be shown (on 3.1.1 a denied publish is silent).
UNANSWERED_S = 10.0


class Desk(Waiting, Protocol):
    """What the link needs of its station. Called from the link's thread."""

    def outbox_depth(self) -> int: ...

    def received(self, leaf: Leaf, payload: bytes) -> list[str]:
        """An ack, a state or a setup; returns the ids that an ack has answered."""

    def beat(self, payload: bytes) -> str:
        """A beat of the server; the name of the intake that it is of."""

    def park(self, refusals: list[Refusal]) -> None: ...

    def link_changed(self, status: "Status") -> None: ...


@dataclass(frozen=True, slots=True)
class Status:
    """How the station stands with its server. `since` is when `heard` became what it is."""

    connected: bool
    heard: bool
    since: datetime
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks on the link: the station, its credentials, the boot that it counts in, and the agent's version."""

    address: Address
    identity: Identity
    boot: str
    version: str


def backoff_s(attempt: int, draw: float) -> float:
    """Seconds until attempt number `attempt` (from 0): full jitter, `draw` in [0, 1)."""
    ceiling = min(LONGEST_S, SHORTEST_S * 2.0 ** (attempt + 1))
    return SHORTEST_S + (ceiling - SHORTEST_S) * draw


class Link:
    """Sends what waits, takes what comes, and says whether the server hears us."""

    def __init__(self, speaker: Speaker, server: Server, desk: Desk, clock: Clock) -> None:
        self._speaker, self._server, self._desk, self._clock = speaker, server, desk, clock
        self._window = Window()
        self._hearing = Hearing(clock.wall())
        self._dialects = ["5", "3.1.1"] if server.protocol == "auto" else [server.protocol]
        self._stop = threading.Event()
        self._look_again = threading.Event()
        self._woken = threading.Event()
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        self._thread: threading.Thread | None = None
        self._connected = self._renewed = False
        self._problem: Problem | None = None
        self._status: Status | None = None
        self._presence_at = self._quiet_since = 0.0

    def start(self) -> None:
        """Begin, or begin again when the thread has died."""
        if self._thread is None or not self._thread.is_alive():
            name = f"link-{self._speaker.address.station}"
            self._thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._thread.start()

    def ask_to_stop(self) -> None:
        self._stop.set()
        self.wake()

    def join(self, timeout: float) -> None:
        """Wait for the goodbye to the broker, after `ask_to_stop`."""
        if self._thread is not None:
            self._thread.join(timeout)
        if not self.alive:
            self._near.close()
            self._far.close()

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def wake(self) -> None:
        """Something new waits. Never blocks."""
        self._woken.set()
        try:
            self._far.send(b"!")
        except OSError:
            return  # full of wake-ups already, or closed: the event is saved in any case

    def look_again(self) -> None:
        """The outbox was changed from outside: begin again with its oldest event."""
        self._look_again.set()
        self.wake()

    def _run(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                if self._one_connection():
                    self._gone()
                    continue
            except StationError as e:
                self._failed(Problem(e.code, e.detail))
            except Exception as e:  # noqa: BLE001 - gives up this connection; the next one is made below
                detail = (e.strerror if isinstance(e, OSError) else None) or str(e) or type(e).__name__
                self._failed(Problem("no-connection", detail))
            self._gone()
            attempt = 0 if time.monotonic() - began > LONGEST_S else attempt
            self._pause(backoff_s(attempt, random.random()))
            attempt += 1

    def _failed(self, problem: Problem) -> None:
        self._problem = problem
        log.info("%s: %s", self._speaker.address.station, problem.detail)

    def _one_connection(self) -> bool:
        """From its opening to its end; whether the next one is to be opened at once, with files that were renewed."""
        address = self._speaker.address
        topics = [address.topic(leaf) for leaf in (Leaf.ACK, Leaf.STATE, Leaf.SETUP)] + [server_beat(address.site)]
        connection = Connection(self._speaker.identity, self._server, self._dialects[0], topics, self._near)
        try:
            connection.open(address.topic(Leaf.PRESENCE), to_json(self._presence(online=False)))
            while not self._stop.is_set() and not self._renewed and connection.step(STEP_S):
                self._serve(connection)
            if self._stop.is_set() and connection.ready:
                connection.publish(address.topic(Leaf.PRESENCE), to_json(self._presence(online=False)), retain=True)
        finally:
            self._problem = connection.problem or self._problem
            if connection.other_dialect:
                self._dialects.reverse()
            connection.close()
            again, self._renewed = self._renewed, False
        return again

    def _serve(self, connection: Connection) -> None:
        while connection.inbox:
            self._take(connection.inbox.popleft())
        if not connection.ready:
            return
        now = time.monotonic()
        if not self._connected:
            self._connected, self._problem, self._quiet_since = True, None, now
            self._presence_at = now - PRESENCE_S
        if now - self._presence_at >= PRESENCE_S:
            self._presence_at = now
            topic = self._speaker.address.topic(Leaf.PRESENCE)
            connection.publish(topic, to_json(self._presence(online=True)), retain=True)
            self._renewed = connection.renewed()
        self._judge(connection, now)
        self._send(connection, now)

    def _judge(self, connection: Connection, now: float) -> None:
        if self._hearing.judge(now, self._clock.wall()) and self._hearing.heard:
            self._window.server_is_back()
        if not self._window.unanswered():
            self._quiet_since = now
        self._problem = connection.problem
        if self._problem is None and self._hearing.heard and now - self._quiet_since > UNANSWERED_S:
            self._problem = Problem("no-answer", "the server hears us but does not answer our events")
        self._tell()

    def _send(self, connection: Connection, now: float) -> None:
        if self._window.overdue(now):
            self._window.again()
        if self._look_again.is_set():
            self._look_again.clear()
            self._window.rewind()
        while rows := self._window.next(self._desk):
            payload, count = pack(rows, self._encode, connection.most_bytes)
            if len(payload) > connection.most_bytes:
                detail = f"the broker takes {connection.most_bytes} bytes, the event has {len(payload)}"
                self._desk.park([Refusal(rows[0].id, "too-large", detail)])
                continue
            self._window.sent(rows[:count], now)
            connection.publish(self._speaker.address.topic(Leaf.EVENT), payload)

    def _encode(self, row: Row) -> bytes:
        age = age_ms(row.tick, self._clock.tick())
        replay = self._window.is_replay(row, age)
        return on_the_wire(row.id, row.boot, row.seq, row.at, age, replay, row.body)

    def _take(self, message: Message) -> None:
        leaf = message.topic.rpartition("/")[2]
        try:
            if leaf == "_server":
                self._hearing.beat(message.payload, message.retained, time.monotonic())
                if self._hearing.is_new(self._desk.beat(message.payload)):
                    self._window.server_is_back()
            else:
                answered = self._desk.received(Leaf(leaf), message.payload)
                self._window.answered(answered)
                self._quiet_since = time.monotonic() if answered else self._quiet_since
        except Exception:
            # Gives up this message only: an ack that could not be kept comes again after the event was sent again.
            log.exception("%s: could not take a message on %s", self._speaker.address.station, message.topic)

    def _gone(self) -> None:
        self._connected = False
        self._window.connection_lost()
        self._hearing.connection_lost()
        self._hearing.judge(time.monotonic(), self._clock.wall())
        self._tell()

    def _pause(self, seconds: float) -> None:
        """Wait before the next attempt; a press cuts it short, but not below a second."""
        self._woken.clear()
        self._stop.wait(min(SHORTEST_S, seconds))
        if seconds > SHORTEST_S and not self._stop.is_set():
            self._woken.wait(seconds - SHORTEST_S)

    def _tell(self) -> None:
        status = Status(self._connected, self._hearing.heard, self._hearing.since, self._problem)
        if status != self._status:
            self._status = status
            self._desk.link_changed(status)

    def _presence(self, *, online: bool) -> Presence:
        return Presence(online, self._speaker.boot, self._speaker.version, self._desk.outbox_depth())
