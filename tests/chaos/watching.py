"""A board on the wall: it follows the socket, comes back whenever it is cut off, and remembers what it has shown."""

import threading
from contextlib import suppress
from typing import Any

import socketio  # type: ignore[import-untyped]  # the library has no types

from threenos_server.board.model import Board, Delta, fold
from threenos_wire.live import NAMESPACE

#: How long it waits before it comes back, and for an answer.
AGAIN_S, ANSWER_S = 0.2, 5.0


class Watcher(threading.Thread):
    """`shown` has (seq, complaint, version) of every card that it ever drew."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__(name="board on the wall", daemon=True)
        self.stopping = threading.Event()
        self.shown: set[tuple[int, str, int]] = set()
        self.connects = self.deltas = 0
        self._url, self._token = f"http://127.0.0.1:{port}", token
        self._board: Board | None = None
        self._lock = threading.Lock()
        self._client: Any = None

    def run(self) -> None:
        while not self.stopping.wait(AGAIN_S):
            self._client = self._connectable()
            with suppress(socketio.exceptions.ConnectionError, OSError):
                self._client.connect(
                    self._url, auth={"token": self._token}, namespaces=[NAMESPACE], transports=["websocket"],
                    wait_timeout=ANSWER_S,
                )  # fmt: skip
                self.connects += 1
                self._client.wait()
            self._client.disconnect()

    def close(self) -> None:
        self.stopping.set()
        if self._client is not None:
            self._client.disconnect()

    def cards(self) -> dict[str, int]:
        """The version of each complaint that is on the wall now."""
        with self._lock:
            return {card["id"]: card["version"] for card in self._board["complaints"]} if self._board else {}

    def lines(self) -> dict[str, str]:
        """The state of each line, as it is drawn now."""
        with self._lock:
            return {line["id"]: line["state"] for line in self._board["lines"]} if self._board else {}

    def _connectable(self) -> Any:
        client = socketio.Client(reconnection=False)
        client.on("snapshot", self._on_snapshot, namespace=NAMESPACE)
        client.on("delta", self._on_delta, namespace=NAMESPACE)
        return client

    def _on_snapshot(self, board: Board) -> None:
        with self._lock:
            self._board = board
            self._draw(board["seq"], board["complaints"])

    def _on_delta(self, delta: Delta) -> None:
        """The library may hand two over in the wrong order: then the earlier one is asked for again."""
        with self._lock:
            if self._board is None or delta["seq"] <= self._board["seq"]:
                return
            if delta["prev"] <= self._board["seq"]:
                self._board = fold(self._board, delta)
                self.deltas += 1
                self._draw(delta["seq"], [card for card in delta["complaints"].values() if card])
                return
            after = self._board["seq"]
        with suppress(socketio.exceptions.SocketIOError):
            self._client.emit("resume", {"after": after}, namespace=NAMESPACE)

    def _draw(self, seq: int, cards: list[dict[str, Any]]) -> None:
        self.shown |= {(seq, card["id"], card["version"]) for card in cards}
