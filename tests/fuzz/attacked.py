"""A whole system under attack: `threenos up` for real, a station and a board that go on as if nothing were."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.request import Request, urlopen

import websocket
from browser import PASSWORD, hire, with_example
from hostile.corpus import messages
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from plant import RunningSystem, wait_for

from threenos_server.access import Grant, Role
from threenos_server.clock import utc_now
from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.migrations import upgrade
from threenos_server.people import stations

SITE, GOOD, BAD = "lakeside", "mill-1", "leak-1"
#: The name of somebody who has every role.
EVERYTHING = "everything"
CHILDREN = ("broker", "web", "intake", "clock")
#: How often the good station presses.
EVERY_S = 0.2


class Good:
    """Presses again and again, and sees each press acknowledged and on a board; `longest` is what that took."""

    def __init__(self, system: RunningSystem, enrolled: dict[str, Any], cookie: str) -> None:
        self.longest = self.longest_on_board = 0.0
        self.presses = 0
        self.failed: list[str] = []
        self._heard: dict[str, threading.Event] = {}
        self._shown = threading.Event()
        self._stop = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, enrolled["username"])
        self._client.username_pw_set(enrolled["username"], enrolled["password"])
        self._client.on_connect = lambda c, *_: c.subscribe(f"threenos/v1/{SITE}/{GOOD}/ack", 1)
        self._client.on_message = lambda _c, _d, m: [self._heard[i].set() for i in json.loads(m.payload)["accepted"]]
        self._client.connect(*system.mqtt)
        self._client.loop_start()
        self._board = join(system.http, cookie)
        self._threads = [threading.Thread(target=body, daemon=True) for body in (self._look, self._press)]
        for thread in self._threads:
            thread.start()

    def _look(self) -> None:
        while not self._stop.is_set():
            try:
                said = self._board.recv()
            except (OSError, websocket.WebSocketException) as e:
                if not self._stop.is_set():
                    self.failed.append(f"the board was cut off: {e}")
                return
            if said == "2":
                self._board.send("3")
            elif said.startswith("42/board,"):
                event, data = json.loads(said.removeprefix("42/board,"))
                # Only this one presses here, and waits for one press after the other.
                cards = data["complaints"].values() if event == "delta" else ()
                if any(card and card.get("station") == GOOD for card in cards):
                    self._shown.set()

    def _press(self) -> None:
        while not self._stop.wait(EVERY_S):
            event = messages.event()
            heard = self._heard[event["id"]] = threading.Event()
            self._shown.clear()
            began = monotonic()
            self._client.publish(f"threenos/v1/{SITE}/{GOOD}/event", json.dumps(event), qos=1)
            if not heard.wait(20):
                self.failed.append(f"press {self.presses} was not acknowledged in 20 s")
                continue
            self.longest = max(self.longest, monotonic() - began)
            if not self._shown.wait(20):
                self.failed.append(f"press {self.presses} was not on the board in 20 s")
            self.longest_on_board = max(self.longest_on_board, monotonic() - began)
            self.presses += 1

    def close(self) -> None:
        self._stop.set()
        self._threads[1].join(45)
        self._client.disconnect()
        self._client.loop_stop()
        self._board.shutdown()


def join(http: str, cookie: str) -> Any:
    """A board's socket that has been let in."""
    address = http.replace("http", "ws", 1) + f"/socket.io/?EIO=4&transport=websocket&site={SITE}"
    board = websocket.create_connection(address, 20, origin=http, cookie=cookie)
    assert board.recv()[0] == "0"
    board.send("40/board,{}")
    assert board.recv().startswith("40/board")
    return board


class Plant:
    """The running system, its two stations, and a person's cookie."""

    def __init__(self, system: RunningSystem, good: Good, bad: dict[str, Any], cookie: str) -> None:
        self.system, self.good, self.bad, self.cookie = system, good, bad, cookie
        self.pids = {name: system.pid(name) for name in CHILDREN}

    def memory(self) -> dict[str, int]:
        """Resident memory of each process in KiB, with what it has forked."""
        return {name: sum(status_of(p, "VmRSS") for p in _family(pid)) for name, pid in self.pids.items()}

    def threads(self) -> dict[str, int]:
        return {name: sum(status_of(p, "Threads") for p in _family(pid)) for name, pid in self.pids.items()}

    def lives(self) -> bool:
        """Whether every process is still the one that it was."""
        return {name: self.system.pid(name) for name in CHILDREN} == self.pids

    def faults(self) -> int:
        """How often any process has said that it gave something up."""
        return self.system.log().count("Traceback (most recent call last)")


@contextmanager
def running(directory: Path) -> Iterator[Plant]:
    """It comes up with the example factory; stopped when the block ends."""
    data = directory / "data"
    enrolled = _prepared(data)
    system = RunningSystem(data, "--log-level", "warning")
    good = None
    try:
        said = json.dumps({"name": "wang", "password": PASSWORD}).encode()
        asked = Request(system.http + "/api/v1/session", said, {"Content-Type": "application/json"})
        answer = urlopen(asked, timeout=10)
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        good = Good(system, enrolled[GOOD], cookie)
        wait_for("a press was shown", lambda: good.presses, 30)
        good.longest = good.longest_on_board = 0.0
        yield Plant(system, good, enrolled[BAD], cookie)
    finally:
        if good is not None:
            good.close()
        system.close()


def _prepared(data: Path) -> dict[str, dict[str, Any]]:
    """The example factory with its people, and the credentials of both stations."""
    data.mkdir(parents=True)
    db, now = Database(sqlite_url(data), FOLDS), utc_now()
    upgrade(db)
    with_example(db, now)
    hire(db, "wang", Grant(Role.SUPERVISOR), now=now)
    hire(db, EVERYTHING, *(Grant(role) for role in Role), now=now)
    with db.write() as session:
        made = [stations.enroll(session, SITE, station, now) for station in (GOOD, BAD)]
    db.close()
    return {m.station: {"username": m.station, "password": m.password} for m in made}


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(p for child in children for p in _family(int(child)))]


def status_of(pid: int, field: str) -> int:
    """What the kernel says of a process: `VmRSS` in KiB, `Threads`."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0
