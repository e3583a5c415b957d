"""The example factory behind a real web server with real sockets."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from socket import SHUT_RDWR
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

import pytest
import websocket
from board_story import BEGIN, Day
from flask import Flask
from homes import Template
from listening import serving_app
from plant import wait_for

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
    """A client written from the interfaces page: keeps the board, and asks once for what it missed.

    It speaks the protocol by itself, one message after the other; the library's client has a thread for each message,
    so that they overtake each other.
    """

    def __init__(self, url: str, *, token: str | None = "wall", origin: str | None = None, **query: str) -> None:
        self.told: list[tuple[str, Any]] = []
        self.board: dict[str, Any] = {}
        self.holes = 0
        self.asked: int | None = None
        self.tick: dict[str, Any] = {}
        self.deaf = False
        self.connected = True
        self.reads = Event()
        self.reads.set()
        address = f"{url.replace('http', 'ws', 1)}/socket.io/?{urlencode({'EIO': 4, 'transport': 'websocket'} | query)}"
        session = "threenos_session=li" if token is None else None
        try:
            self.socket = websocket.create_connection(address, 10, origin=origin or url, cookie=session)
        except websocket.WebSocketBadStatusException as e:
            raise ConnectionRefusedError(str(e)) from e
        assert self.socket.recv()[0] == "0"
        self._emit("0", {"token": token} if token else {})
        answer = self.socket.recv()
        if not answer.startswith("40/board,"):
            self.socket.shutdown()
            raise ConnectionRefusedError(answer)
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while self.connected:
            self.reads.wait()
            try:
                message = self.socket.recv()
            except (OSError, websocket.WebSocketException):
                message = ""
            if message == "2":
                self.socket.send("3")
            elif message.startswith("42/board,"):
                event, data = json.loads(message.removeprefix("42/board,"))
                if not self.deaf:
                    self._hear(event, data)
            else:  # the connection is closed, or this namespace of it
                self.connected = False

    def _hear(self, event: str, data: dict[str, Any]) -> None:
        self.told.append((event, data))
        if event == "snapshot":
            self.board, self.asked = data, None
        elif event == "tick":
            self.tick = data
            if data["seq"] != self.board["seq"]:
                self.resume(self.board["seq"])
        elif data.get("reload"):
            self.resume(0)
        elif data["prev"] == self.board["seq"]:
            self.board, self.asked = fold(self.board, data), None
        elif data["seq"] > self.board["seq"]:
            self.holes += self.asked is None
            self.resume(self.board["seq"])

    def resume(self, after: int) -> None:
        """Ask for what follows, unless that was asked for already."""
        if self.asked != after:
            self.asked = after
            self.say("resume", {"after": after})

    def say(self, event: str, data: Any) -> None:
        self._emit("2", [event, data])

    def _emit(self, kind: str, data: Any) -> None:
        self.socket.send(f"4{kind}/board,{json.dumps(data)}")

    def events(self, event: str) -> list[dict[str, Any]]:
        return [data for name, data in self.told if name == event]

    def close(self) -> None:
        """Hang up, as a screen does that is switched off."""
        self.reads.set()
        if self.socket.sock is not None:
            with suppress(OSError):
                self.socket.sock.shutdown(SHUT_RDWR)
        self._thread.join(5)
        self.socket.shutdown()


class Served:
    """A web worker: its address, its gateway, and who may look."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.credentials = Credentials()
        self.now = lambda: BEGIN
        app = Flask("board")
        attach(app, db, self.credentials, lambda: self.now())
        self.gateway: Gateway = app.extensions[EXTENSION]
        self._served = ExitStack()
        self.url = self._served.enter_context(serving_app(app))

    def close(self) -> None:
        self.gateway.close()
        self._served.close()


@pytest.fixture(scope="session")
def factory_made(prepared: Callable[..., Template]) -> Template:
    """The example factory with fifty rows of the day 11, written by the folds that a board needs."""

    def begin(empty: Database) -> None:
        database = Database(empty.url, FOLDS)
        with database.write() as session:
            import_chain(session, example.text(), None, BEGIN)
        say(database, Day(11), 50)
        database.close()

    return prepared(begin)


@pytest.fixture
def factory_db(factory_made: Template) -> Iterator[Database]:
    """A copy of it."""
    with factory_made.copied() as copy:
        database = Database(copy.url, FOLDS)
        yield database
        database.close()


@pytest.fixture
def day() -> Day:
    """The day 11, as far as it is told."""
    begun = Day(11)
    begun.entries(50)
    return begun


@pytest.fixture
def served(factory_db: Database) -> Iterator[Served]:
    """A web worker."""
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
        wait_for("the snapshot came", lambda: opened[-1].board)
        return opened[-1]

    yield look
    for board in opened:
        board.close()


def say(db: Database, day: Day, *sizes: int) -> None:
    """The next rows of the day, in transactions of these sizes."""
    for size in sizes:
        with db.write() as session:
            append(session, SITE, day.entries(size), BEGIN)


@pytest.fixture
def open_boards() -> Callable[[str], Any]:
    """Boards at another address, closed when the block ends."""
    return boards
