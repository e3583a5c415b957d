"""The example factory behind a real web server with real sockets."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
import socketio
import websocket
from board_story import BEGIN, Day
from flask import Flask
from plant import wait_for
from werkzeug.serving import make_server

from threenos_server.access import Actor, Grant, Role
from threenos_server.board import fold as board_fold
from threenos_server.board.model import fold
from threenos_server.chain import example
from threenos_server.chain import fold as chain_fold
from threenos_server.chain.service import import_chain
from threenos_server.db import Database
from threenos_server.gateway.gateway import Gateway
from threenos_server.gateway.server import EXTENSION, attach
from threenos_server.journal.service import append

SITE = "lakeside"
FOLDS = (chain_fold.FOLD, board_fold.FOLD)


class Credentials:
    """Who may look: a session `li`, a token for the site, and one for a line; each until it is revoked."""

    def __init__(self) -> None:
        self.revoked: set[str] = set()
        self.asked = 0

    def __call__(self, site: str, cookies: Mapping[str, str], token: str | None) -> Actor | None:
        self.asked += 1
        name = token or cookies.get("threenos_session", "")
        if name in self.revoked or site != SITE:
            return None
        return {
            "li": Actor("Li", "p-1", (Grant(Role.SUPERVISOR, site=SITE),)),
            "elsewhere": Actor("Wu", "p-2", (Grant(Role.SUPERVISOR, site="other"),)),
            "wall": Actor("Wall", "board-1", board_token=True),
            "motor-wall": Actor("Motor wall", "board-2", board_token=True, board_line="motor"),
        }.get(name)


class Board:
    """A client written from the interfaces page: keeps the board, and asks for what it missed."""

    def __init__(self, url: str, *, token: str | None = "wall", origin: str | None = None, **query: str) -> None:
        self.told: list[tuple[str, Any]] = []
        self.board: dict[str, Any] = {}
        self.holes = 0
        self.tick: dict[str, Any] = {}
        self.deaf = False
        page = {"origin": origin} if origin else {}
        self.client = socketio.Client(reconnection=False, websocket_extra_options=page)
        self.client.on("*", self._hear, namespace="/board")
        self.client.connect(
            f"{url}/?{urlencode(query)}",
            headers={"Cookie": "threenos_session=li"} if token is None else {},
            auth={"token": token} if token else None,
            transports=["websocket"],
            namespaces=["/board"],
        )

    def _hear(self, event: str, data: dict[str, Any]) -> None:
        if self.deaf:
            return
        self.told.append((event, data))
        if event == "snapshot":
            self.board = data
        elif event == "delta" and data.get("reload"):
            self.resume(0)
        elif event == "delta" and data["prev"] != self.board["seq"]:
            self.holes += 1
            self.resume(self.board["seq"])
        elif event == "delta":
            self.board = fold(self.board, data)
        else:
            self.tick = data
            if data["seq"] != self.board["seq"]:
                self.resume(self.board["seq"])

    def resume(self, after: int) -> None:
        self.client.emit("resume", {"after": after}, namespace="/board")

    def events(self, event: str) -> list[dict[str, Any]]:
        return [data for name, data in self.told if name == event]

    @property
    def connected(self) -> bool:
        return "/board" in self.client.namespaces

    def close(self) -> None:
        self.client.disconnect()
        self.client.eio.wait()


class Served:
    """A web worker: its address, its gateway, and who may look."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.credentials = Credentials()
        self.now = lambda: BEGIN
        app = Flask("board")
        attach(app, db, self.credentials, lambda: self.now())
        self.gateway: Gateway = app.extensions[EXTENSION]
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.gateway.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture(autouse=True)
def hang_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a screen does that is switched off: the library waits three seconds for a farewell."""

    def hang_up(self: websocket.WebSocket, **_: Any) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(SHUT_RDWR)
        self.shutdown()

    monkeypatch.setattr(websocket.WebSocket, "close", hang_up)


@pytest.fixture
def factory_db(db: Database) -> Iterator[Database]:
    """The example factory, of which nothing is said yet. How the journal is followed on both is tested there."""
    database = Database(db.url, FOLDS)
    with database.write() as session:
        import_chain(session, example.text(), None, BEGIN)
    yield database
    database.close()


@pytest.fixture
def day(factory_db: Database) -> Day:
    begun = Day(11)
    say(factory_db, begun, 50)
    return begun


@pytest.fixture
def served(factory_db: Database, day: Day) -> Iterator[Served]:
    """A web worker, when the day has begun."""
    assert day.said == 50
    running = Served(factory_db)
    yield running
    running.close()


@pytest.fixture
def look(served: Served) -> Iterator[Callable[..., Board]]:
    """Opens boards that are closed at the end."""
    with boards(served.url) as opened:
        yield opened


@contextmanager
def boards(url: str) -> Iterator[Callable[..., Board]]:
    opened: list[Board] = []

    def look(**how: Any) -> Board:
        opened.append(Board(url, **how))
        wait_for("the snapshot came", lambda: opened[-1].board, 5)
        return opened[-1]

    yield look
    for board in opened:
        board.close()


def say(db: Database, day: Day, *sizes: int) -> None:
    """The next rows of the day, in transactions of these sizes."""
    for size in sizes:
        with db.write() as session:
            append(session, SITE, day.entries(size), BEGIN)
