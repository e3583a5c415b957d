"""A plant whose server gets the next release while people press: what was lost, and how long the intake was away.

The next release is this one with a revision more. It is "installed" by a folder on PYTHONPATH, which is empty at first.
"""

import json
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

import releases
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from plant import RunningSystem, wait_for

from threenos_server import keys, migrations
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.clock import utc_now
from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.journal import service as journal
from threenos_server.journal.model import Head
from threenos_server.journal.rebuild import compare
from threenos_server.journal.verify import verify
from threenos_server.people import stations
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

SITE = "lakeside"
STATIONS = ("mill-1", "leak-1", "pump-1", "wind-1")
EVERY_S = 0.05
AGAIN_S = 0.25
_CUSTOM = """\
from pathlib import Path

from threenos_server import migrations

migrations.VERSIONS = Path({versions!r})
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`pause_s`: the longest time in which nothing was recorded; `ack_s`: the longest from a press to its ack."""

    pressed: int
    lost: int
    doubled: int
    pause_s: float
    ack_s: float
    version: str
    broken: list[str]


@dataclass
class Presser:
    """A station that says each press again until it is acknowledged, as the agent does."""

    client: Client
    station: str
    boot: str = field(default_factory=new_id)
    pressed: list[str] = field(default_factory=list)
    waiting: dict[str, tuple[bytes, float, float]] = field(default_factory=dict)
    longest_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def press(self) -> None:
        event = {
            "v": 1, "id": new_id(), "boot": self.boot, "seq": len(self.pressed) + 1, "at": format_instant(utc_now()),
            "age_ms": 0, "kind": "reject",
        }  # fmt: skip
        payload, now = json.dumps(event).encode(), monotonic()
        with self.lock:
            self.pressed.append(event["id"])
            self.waiting[event["id"]] = payload, now, now
        self._say(payload)

    def again(self) -> None:
        now = monotonic()
        with self.lock:
            late = [(i, p, first) for i, (p, first, last) in self.waiting.items() if now - last > AGAIN_S]
            self.waiting |= {i: (p, first, now) for i, p, first in late}
        for _, payload, _ in late:
            self._say(payload)

    def _say(self, payload: bytes) -> None:
        if self.client.is_connected():
            self.client.publish(f"threenos/v1/{SITE}/{self.station}/event", payload, qos=1)

    def heard(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        now = monotonic()
        with self.lock:
            for named in json.loads(message.payload)["accepted"]:
                if (found := self.waiting.pop(named, None)) is not None:
                    self.longest_s = max(self.longest_s, now - found[1])


def upgraded_under_load(directory: Path, url: str | None = None) -> Outcome:
    """Upgrade a running system while four stations press twenty times a second. `url` is of an empty PostgreSQL."""
    data, installed = directory / "data", directory / "installed"
    installed.mkdir(parents=True)
    url = url or sqlite_url(data)
    passwords = _prepare(data, url)
    with _path(installed):
        system = RunningSystem(data, "--database", url)
        try:
            with _pressing(system, passwords) as pressers:
                _upgrade(system, installed, url, pressers)
                wait_for("every press is acknowledged", lambda: not any(p.waiting for p in pressers), 60)
        finally:
            system.close()
    return _outcome(url, pressers)


def _upgrade(system: RunningSystem, installed: Path, url: str, pressers: list[Presser]) -> None:
    """The order of deploy/upgrade.md: the program, the tables, then one process after another."""
    _acknowledged(pressers, "before the upgrade")
    versions = releases.newer(installed / "versions", migrations.newest())
    (installed / "sitecustomize.py").write_text(_CUSTOM.format(versions=str(versions)))
    system.threenos("db", "upgrade", "--database", url)
    for name in ("intake", "web", "clock"):
        old = system.pid(name)
        os.kill(old, signal.SIGTERM)
        wait_for(f"another {name}", lambda old=old, name=name: _another(system, name, old), 30)
        wait_for("it is ready", lambda: _ready(system), 30)
        _acknowledged(pressers, f"with a new {name}")


def _another(system: RunningSystem, name: str, old: int) -> bool:
    try:
        return system.pid(name) != old
    except (OSError, ValueError):
        return False  # just being written


def _ready(system: RunningSystem) -> bool:
    try:
        with urlopen(f"{system.http}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _acknowledged(pressers: list[Presser], when: str) -> None:
    """A press of each from now on has been."""
    count = [len(p.pressed) for p in pressers]

    def done() -> bool:
        return all(len(p.pressed) > n and p.pressed[n] not in p.waiting for p, n in zip(pressers, count, strict=True))

    wait_for(f"presses are acknowledged {when}", done, 30)


@contextmanager
def _pressing(system: RunningSystem, passwords: dict[str, str]) -> Iterator[list[Presser]]:
    """Presses come all the time, until the block ends; then what waits is said on until it is acknowledged."""
    pressers = [_connect(system, station, password) for station, password in passwords.items()]
    stop, over = threading.Event(), threading.Event()
    threads = [
        threading.Thread(target=_every, args=(EVERY_S, stop, _in_turn(pressers)), daemon=True),
        threading.Thread(target=_every, args=(AGAIN_S, over, lambda: [p.again() for p in pressers]), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield pressers
    finally:
        stop.set()
        threads[0].join(30)
        over.set()
        threads[1].join(30)
        assert not any(thread.is_alive() for thread in threads), "somebody still presses"
        for presser in pressers:
            presser.client.disconnect()
            presser.client.loop_stop()


def _every(seconds: float, stop: threading.Event, do: Callable[[], object]) -> None:
    while not stop.wait(seconds):
        do()


def _in_turn(pressers: list[Presser]) -> Callable[[], None]:
    turn = iter(range(1_000_000))
    return lambda: pressers[next(turn) % len(pressers)].press()


def _connect(system: RunningSystem, station: str, password: str) -> Presser:
    client = Client(CallbackAPIVersion.VERSION2, client_id=station)
    presser = Presser(client, station)
    ready = threading.Event()
    client.username_pw_set(station, password)
    client.on_socket_open = lambda _c, _d, s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.on_connect = lambda c, *_: c.subscribe(f"threenos/v1/{SITE}/{station}/ack", 1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = presser.heard
    client.reconnect_delay_set(1, 1)
    client.connect(*system.mqtt)
    client.loop_start()
    assert ready.wait(15), f"{station} may not subscribe"
    return presser


def _prepare(data: Path, url: str) -> dict[str, str]:
    """The example factory, and the passwords of its stations."""
    data.mkdir(parents=True)
    keys.load(data)
    db = Database(url, FOLDS)
    try:
        migrations.upgrade(db)
        with db.write() as session:
            import_chain(session, example.text(), None, utc_now())
            return {s: stations.enroll(session, SITE, s, utc_now()).password for s in STATIONS}
    finally:
        db.close()


@contextmanager
def _path(folder: Path) -> Iterator[None]:
    """Children find `folder` before everything else."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *([before] if before else [])])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _outcome(url: str, pressers: list[Presser]) -> Outcome:
    """From the journal: each press is one row; the tables are what it says."""
    db = Database(url, FOLDS)
    try:
        with db.write() as session:
            rows = [row for row in journal.every(session, SITE) if row.event_id is not None]
            found = verify(session, SITE)
            broken = [] if isinstance(found, Head) else [found.detail]
            broken += [str(d) for d in compare(session, SITE, FOLDS)]
        with db.engine.connect() as connection:
            version = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
    finally:
        db.close()
    ids = Counter(row.event_id for row in rows)
    pressed = [named for p in pressers for named in p.pressed]
    return Outcome(
        pressed=len(pressed),
        lost=sum(named not in ids for named in pressed),
        doubled=sum(count > 1 for count in ids.values()),
        pause_s=max((b.at - a.at).total_seconds() for a, b in pairwise(rows)),
        ack_s=max(p.longest_s for p in pressers),
        version=version,
        broken=broken,
    )
