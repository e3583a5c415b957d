"""The wall with 200 tiles while 20 deltas a second come: how much of one core the page takes in headless Chromium.

The server, the gateway and the page are the real ones; presses are written as the intake writes them, at their rate.
"""

import json
import os
import random
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

from figures import Figure
from playwright.sync_api import CDPSession, Page, sync_playwright
from system import PASSWORD, THREENOS, threenos, when_ready

from threenos_server.clock import utc_now
from threenos_server.complaints import service as complaints
from threenos_server.complaints.arrival import Arrival
from threenos_server.db import Database
from threenos_server.demo.asking import Asking
from threenos_server.folds import FOLDS
from threenos_server.keys import load
from threenos_wire.events import Event, Kind
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

LINES, PROCESSES = 10, 20
RATE = 20
#: Alarms on the wall at any time: beyond them each press is followed by the withdrawal of the oldest.
OPEN = 60
SETTLE_S, MEASURE_S = 5, 30
WALL = {"width": 1920, "height": 1080}


def run(directory: Path) -> list[Figure]:
    """Share of one core of the page's main thread, of its scripts alone, and of its whole process."""
    with _factory(directory) as (data, http, token):
        pressing = Pressing(data)
        try:
            with _wall(f"{http}/board?token={token}") as (page, wire):
                page.wait_for_timeout(SETTLE_S * 1000)
                before, began, pressed = _metrics(wire), monotonic(), pressing.done
                page.wait_for_timeout(MEASURE_S * 1000)
                after, seconds = _metrics(wire), monotonic() - began
                rate = (pressing.done - pressed) / seconds
                tiles = page.locator(".tile").count()
        finally:
            pressing.stop()

    def share(metric: str) -> float:
        return 100 * (after[metric] - before[metric]) / seconds

    return [
        Figure("board of 200 tiles, main thread", "ours", share("TaskDuration"), "% of core"),
        Figure("board of 200 tiles, scripts", "ours", share("ScriptDuration"), "% of core"),
        Figure("board of 200 tiles, style and layout", "ours",
               share("RecalcStyleDuration") + share("LayoutDuration"), "% of core"),
        Figure("board of 200 tiles, whole process", "ours", share("ProcessTime"), "% of core"),
        Figure("deltas while the board was measured", "ours", rate, "per s"),
        Figure("tiles that a page of the wall shows", "ours", tiles, "tiles"),
    ]  # fmt: skip


class Pressing:
    """Presses at stations of all lines, in a thread of their own. `done` counts the rows that make a delta."""

    def __init__(self, data: Path) -> None:
        self.done = 0
        self._db = Database(f"sqlite:///{data / 'threenos.db'}", FOLDS)
        self._keys = load(data)
        self._open: deque[tuple[str, str]] = deque()
        self._rng = random.Random(7)
        self._boot, self._seqs = new_id(), {station: count(1) for station in _stations()}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self._db.close()

    def _run(self) -> None:
        start = monotonic()
        while not self._over.wait(max(0.0, start + self.done / RATE - monotonic())):
            self._next()
            self.done += 1

    def _next(self) -> None:
        if len(self._open) > OPEN:
            station, complaint = self._open.popleft()
            self._take(station, kind=Kind.WITHDRAW, complaint=complaint, reason="gone")
            return
        station = self._rng.choice(_stations())
        kind = Kind.STOP if self._rng.random() < 0.1 else Kind.REJECT
        defect = None if kind is Kind.STOP else f"wrong-{self._rng.randrange(PROCESSES)}"
        self._open.append((station, self._take(station, kind=kind, defect=defect)))

    def _take(self, station: str, **said: Any) -> str:
        now = utc_now()
        event = Event(
            v=1, id=new_id(), boot=self._boot, seq=next(self._seqs[station]), at=format_instant(now), age_ms=0, **said
        )
        with self._db.write() as session:
            complaints.take(session, "big", [Arrival(event, station, now)], now, self._keys)
        return event.id


def _stations() -> list[str]:
    return [f"s-{line}-{step}" for line in range(LINES) for step in range(1, PROCESSES)]


def _document() -> str:
    """Ten lines of twenty processes, each the customer of the one before it."""
    places = [(line, step) for line in range(LINES) for step in range(PROCESSES)]
    return json.dumps({
        "site": {"id": "big", "name": "Big", "timezone": "Asia/Shanghai", "currency": "CNY"},
        "lines": [{"id": f"line-{n}", "name": f"Line {n}"} for n in range(LINES)],
        "processes": [{"id": f"p-{n}-{i}", "name": f"Process {i} of {n}", "line": f"line-{n}"} for n, i in places],
        "stations": [{"id": f"s-{n}-{i}", "name": f"Station {i} of {n}", "process": f"p-{n}-{i}"} for n, i in places],
        "links": [
            {"supplier": f"p-{n}-{i}", "customer": f"p-{n}-{i + 1}" if i + 1 < PROCESSES else "final-customer"}
            for n, i in places
        ],
        "defects": [
            {"code": f"wrong-{i}", "name": f"Wrong size {i}", "severity": "major", "origin": f"p-0-{i}"}
            for i in range(PROCESSES)
        ],
    })  # fmt: skip


@contextmanager
def _factory(directory: Path) -> Iterator[tuple[Path, str, str]]:
    """`threenos up` over the big factory: its data, its address, and a board token."""
    data, ready, document = directory / "data", directory / "ready.json", directory / "big.yaml"
    data.mkdir(parents=True)
    document.write_text(_document())
    threenos(data, "db", "upgrade")
    threenos(data, "chain", "import", str(document))
    threenos(data, "user", "add", "bench", "--role", "supervisor", "--password-stdin", text=PASSWORD + "\n")
    command = [THREENOS, "up", "--data", data, "--port", "0", "--mqtt-port", "0", "--ready-file", ready]
    with (directory / "up.log").open("w") as log:
        process = subprocess.Popen([*command, "--log-level", "warning"], stdout=log, stderr=log)
        try:
            http = when_ready(ready, process)["http"]
            yield data, http, _token(http)
        finally:
            process.terminate()
            process.wait(30)


def _token(http: str) -> str:
    asking = Asking(http)
    asking.sign_in("bench", PASSWORD)
    status, made = asking.ask("POST", "/api/v1/board-tokens", {"label": "bench"})
    if status >= 400:
        raise RuntimeError(f"no board token: {made}")
    return str(made["token"])


@contextmanager
def _wall(address: str) -> Iterator[tuple[Page, CDPSession]]:
    """The board in a Chromium of its own, with the browser's own meters on."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        raise RuntimeError("the board is measured in Chromium: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-sync"], env={**os.environ}
        )
        page = browser.new_page(viewport=WALL)
        page.goto(address)
        page.locator(".tile").first.wait_for()
        wire = page.context.new_cdp_session(page)
        wire.send("Performance.enable")
        yield page, wire
        browser.close()


def _metrics(wire: CDPSession) -> dict[str, float]:
    return {m["name"]: m["value"] for m in wire.send("Performance.getMetrics")["metrics"]}
