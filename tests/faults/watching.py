"""A wall board that only notes when it would be covered: three seconds after the last tick, or when it is told."""

import json
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from urllib.parse import urlencode

import websocket

#: As web/src/live/board-socket.ts has it.
STALE_AFTER_S = 3.0
#: Between two attempts to come back.
AGAIN_S = 0.5


class Wall:
    """Watches until the block ends; comes back when it was cut off, as the page does."""

    def __init__(self, http: str, token: str) -> None:
        query = urlencode({"EIO": 4, "transport": "websocket"})
        self._address = f"{http.replace('http', 'ws', 1)}/socket.io/?{query}"
        self._http, self._token = http, token
        self._over = Event()
        self.heard_at = self.deaf_at = self._live_from = 0.0
        self.bytes = 0
        self.messages = 0
        self.snapshots = 0
        self.seq = 0
        self._thread = Thread(target=self._run, name="wall", daemon=True)

    def __enter__(self) -> "Wall":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(5)

    @property
    def stale(self) -> bool:
        return self._covered_at() <= monotonic()

    def stale_after(self, cut_at: float) -> float:
        """How long after `cut_at` the cover came, or will come."""
        return max(0.0, self._covered_at() - cut_at)

    def live_for(self) -> float:
        """For how many seconds it has not been covered; 0 while it is."""
        return 0.0 if self.stale else monotonic() - self._live_from

    def _covered_at(self) -> float:
        """Three seconds after the last tick, or at once at one that says that no intake hears the stations."""
        return min(self.heard_at + STALE_AFTER_S, self.deaf_at or self.heard_at + STALE_AFTER_S)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._look()
            except (OSError, websocket.WebSocketException):
                self._over.wait(AGAIN_S)

    def _look(self) -> None:
        socket = websocket.create_connection(self._address, 4, origin=self._http)
        try:
            socket.recv()
            socket.send("40/board," + json.dumps({"token": self._token}))
            while not self._over.is_set():
                self._hear(socket, socket.recv())
        finally:
            socket.shutdown()

    def _hear(self, socket: websocket.WebSocket, message: str) -> None:
        if message == "2":
            socket.send("3")
        elif message.startswith("42/board,"):
            event, data = json.loads(message.removeprefix("42/board,"))
            self.messages, self.bytes = self.messages + 1, self.bytes + len(message)
            self.snapshots += event == "snapshot"
            self.seq = data["seq"]
            if data.get("deaf"):
                self.deaf_at = self.deaf_at or monotonic()
            elif event in ("tick", "snapshot"):
                now = monotonic()
                self._live_from = now if self.stale else self._live_from
                self.heard_at, self.deaf_at = now, 0.0
        elif not message.startswith("40/board,"):
            raise ConnectionError("the board was let go")
