"""One site's feed in one web worker: a thread that follows the journal, keeps the boards and tells the sockets.

Ticks come from the same thread, so that a board covers itself as soon as its worker no longer hears the journal.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog

from threenos_server.beats import last_beat
from threenos_server.board import service
from threenos_server.board.delta import Asked
from threenos_server.board.model import Board, Card
from threenos_server.board.today import quarter, quarters_of_day
from threenos_server.chain.service import current
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.errors import NotFound
from threenos_server.gateway.view import View
from threenos_server.journal.follow import follow
from threenos_server.journal.model import Row
from threenos_wire.instants import format_instant

TICK_S = 1.0
#: The journal is read at least so often; a feed that has not read it for DEAD_S is not alive.
BEAT_S = 0.25
DEAD_S = 5.0
#: More sends a second than this leave no processor for anything else: with many sockets, deltas are collapsed.
SENDS_PER_S = 4000
RESTART_S = 0.5
#: An intake beats each two seconds. Without one nothing that is pressed comes here, and the boards must not look fresh.
INTAKE = "intake"
DEAF_AFTER_S = 3.5

log = structlog.get_logger()


class Send(Protocol):
    """Give a message to sockets without waiting for any of them."""

    def __call__(self, event: str, data: dict[str, Any], sockets: Sequence[str]) -> None: ...


class Drop(Protocol):
    """Disconnect sockets."""

    def __call__(self, sockets: Sequence[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Health:
    """How a feed is: `heard_s` is how long ago it read the journal, `seq` how far."""

    site: str
    alive: bool
    seq: int
    heard_s: float
    restarts: int
    sockets: int


@dataclass(slots=True)
class Intake:
    """Whether an intake beats, by the change of its beat: the clocks of two servers need not agree."""

    asked_at: float = 0.0
    deaf: bool = False
    _beat: datetime | None = None
    _changed_at: float = 0.0

    def look(self, beat: datetime | None, now: float) -> bool:
        """Take note of the last beat at `now`, monotonic; whether `deaf` changed. None: there never was an intake."""
        if beat != self._beat or not self.asked_at:
            self._beat, self._changed_at = beat, now
        self.asked_at = now
        before, self.deaf = self.deaf, beat is not None and now - self._changed_at > DEAF_AFTER_S
        return before != self.deaf


class Feed:
    """`join`, `resume` and `leave` are for the sockets' threads; all the rest happens in the feed's own."""

    def __init__(self, db: Database, site: str, now: Now, send: Send, drop: Drop) -> None:
        self.site = site
        self._db, self._now, self._send, self._drop = db, now, send, drop
        self._lock = threading.RLock()
        self._views: dict[str | None, View] = {}
        self._reached = 0
        self._zone = ZoneInfo("UTC")
        self._day = (0, 0)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._heard = time.monotonic()
        self._ticked = 0.0
        self._restarts = 0
        self._intake = Intake()

    def prepare(self, line: str | None) -> None:
        """Have the board of `line` (None: of the site) ready. Raises NotFound for what does not exist."""
        for wanted in (None, line):
            while wanted not in self._views:
                board = self._snapshot(wanted)
                with self._lock:
                    # Rows that were handed out between that read and now would be missing: then read again.
                    if board["seq"] >= self._reached:
                        self._views.setdefault(wanted, View(board, board["seq"]))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"feed {self.site}", daemon=True)
                self._thread.start()

    def join(self, socket: str, line: str | None) -> None:
        """Send the snapshot to a socket, and from then on every delta of that board."""
        self.prepare(line)
        with self._lock:
            self._show(self._views[line], [socket])

    def resume(self, socket: str, after: int) -> None:
        """Send what follows `after`, or a snapshot when that is not known any more. Nothing for who has not joined."""
        with self._lock:
            for view in self._views.values():
                if socket in view.told:
                    self._resume(view, socket, after)

    def leave(self, socket: str) -> None:
        with self._lock:
            for view in self._views.values():
                view.told.pop(socket, None)

    def health(self) -> Health:
        heard_s = time.monotonic() - self._heard
        with self._lock:
            running = self._thread is not None and self._thread.is_alive()
            sockets = sum(len(view.told) for view in self._views.values())
            return Health(self.site, running and heard_s < DEAD_S, self._reached, heard_s, self._restarts, sockets)

    def close(self) -> None:
        """Stop following; returns when the thread has ended."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except Exception:  # gives up this run of the feed; the next begins from a snapshot
                log.exception("the feed of a site stopped and is started again", site=self.site)
                self._restarts += 1
                self._stop.wait(RESTART_S)

    def _follow(self) -> None:
        if self._restarts:
            self._begin_again()
        with self._lock:
            self._reached = min(view.reached for view in self._views.values())
            self._read_day()
        for rows in follow(self._db, {self.site: self._reached}, self._stop, beat_s=BEAT_S):
            self._heard = time.monotonic()
            if rows:
                with self._lock:
                    sends = self._take(rows)
                self._stop.wait(sends / SENDS_PER_S)
            self._listen()
            self._tick()

    def _take(self, rows: list[Row]) -> int:
        """Hand rows out; returns to how many sockets something was sent."""
        self._reached = rows[-1].seq
        if any("chain" in row.body.get("then", {}) for row in rows):
            return self._reload()
        sends = 0
        # The site's board comes first: it knows the cards of every line.
        for line, view in sorted(self._views.items(), key=lambda x: x[0] or ""):
            delta = view.take(rows, Asked(self._recall, self._is_today, line))
            if delta is not None:
                sends += self._tell(view, delta)
        return sends

    def _tell(self, view: View, delta: dict[str, Any]) -> int:
        groups = view.groups()
        # Written down first: who leaves while it is sent to must stay away.
        view.told = dict.fromkeys(view.told, delta["seq"])
        for prev, sockets in groups.items():
            self._send("delta", delta | {"prev": prev}, sockets)
        return len(view.told)

    def _show(self, view: View, sockets: Sequence[str]) -> None:
        if sockets:
            view.told |= dict.fromkeys(sockets, view.reached)
            self._send("snapshot", view.snapshot() | {"at": format_instant(self._now())}, sockets)

    def _resume(self, view: View, socket: str, after: int) -> None:
        deltas = view.missed(after)
        if deltas is None:
            self._show(view, [socket])
            return
        view.told[socket] = deltas[-1]["seq"] if deltas else after
        for delta in deltas:
            self._send("delta", delta, [socket])

    def _listen(self) -> None:
        """Look whether an intake beats; the boards are told at once when that changes."""
        now = time.monotonic()
        if now - self._intake.asked_at < BEAT_S:
            return
        with self._db.read() as session:
            beat = last_beat(session, INTAKE)
        if self._intake.look(beat, now):
            self._ticked = 0.0

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._ticked < TICK_S:
            return
        self._ticked = now
        with self._lock:
            if quarters_of_day(self._now(), self._zone) != self._day:
                self._begin_again()
            tick: dict[str, Any] = {"at": format_instant(self._now())}
            if self._intake.deaf:
                tick["deaf"] = True
            for view in self._views.values():
                for seq, sockets in view.groups().items():
                    self._send("tick", tick | {"seq": seq}, sockets)

    def _begin_again(self) -> None:
        """Every board anew from the database, and to every socket its snapshot: after midnight, and after a failure."""
        with self._lock:
            for view in self._read_again():
                self._show(view, list(view.told))

    def _reload(self) -> int:
        """The chain has changed: every board anew, and to every socket that it should ask for it."""
        sends = 0
        for view in self._read_again():
            nothing = {"lines": {}, "stations": {}, "complaints": {}, "at": format_instant(self._now())}
            sends += self._tell(view, nothing | {"seq": view.reached, "kind": "chain", "reload": True})
        return sends

    def _read_again(self) -> list[View]:
        for line, view in list(self._views.items()):
            try:
                view.replace(self._snapshot(line))
            except NotFound:  # the line is no longer in the chain
                del self._views[line]
                self._drop(list(view.told))
        self._read_day()
        return list(self._views.values())

    def _snapshot(self, line: str | None) -> Board:
        with self._db.read() as session:
            return service.snapshot(session, self.site, self._now(), line)

    def _recall(self, complaint: str) -> Card | None:
        known: list[Card] = self._views[None].board["complaints"]
        found = next((card for card in known if card["id"] == complaint), None)
        if found is not None:
            return found
        with self._db.read() as session:
            return service.card(session, self.site, complaint)

    def _read_day(self) -> None:
        with self._db.read() as session:
            self._zone = current(session, self.site).tz
        self._day = quarters_of_day(self._now(), self._zone)

    def _is_today(self, at: Any) -> bool:
        return self._day[0] <= quarter(at) < self._day[1]
