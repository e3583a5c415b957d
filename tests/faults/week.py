"""A board left open for a week: 604,800 seconds at speed, in a real Chromium."""

import gc
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

from board_story import BEGIN, Day
from browser import KEYS, MovedClock
from faults.place import SQLITE, Place, Scenario
from faults.table import Row
from plant import wait_for
from playwright.sync_api import CDPSession, sync_playwright
from werkzeug.serving import make_server

from threenos_server.app import authenticate, create_app
from threenos_server.board import fold as board
from threenos_server.chain import example
from threenos_server.chain import fold as chain
from threenos_server.chain.service import import_chain
from threenos_server.db import Database, sqlite_url
from threenos_server.gateway.gateway import Gateway
from threenos_server.gateway.server import EXTENSION, attach
from threenos_server.journal.service import append
from threenos_server.migrations import upgrade
from threenos_server.people import tokens

MEANING = "A week of a board at speed: the tick of every second, the rows of a busy plant, seven midnights; who grows?"
SITE = "lakeside"
DAYS, SECONDS = 7, 86_400
ROWS_A_DAY = 2_000
#: So many ticks are sent before it is asked whether the page has kept up.
AT_ONCE = 120
MOST_OPEN, MOST_OVER = 60, 100
#: What may be grown from the end of the first day to the end of the last.
GROWTH = 0.05
ROUNDING_MB = 3.0


class Calm(Day):
    """A day on which as much is settled as comes: at most so many complaints are open."""

    def _what(self, now: datetime) -> tuple[str, str | None, dict[str, Any]]:
        if len(self.over) > MOST_OVER:
            self.over.clear()
        if len(self.open) <= MOST_OPEN:
            return super()._what(now)
        named = next(iter(self.open))
        card = self.open.pop(named)
        return "closed", card["line"], {"complaints": {named: {"version": card["version"] + 1, "state": "closed"}}}


def _left_open(scenario: Scenario, place: Place) -> Iterable[Row]:
    db = Database(sqlite_url(place.directory), (chain.FOLD, board.FOLD))
    upgrade(db)
    with db.write() as session:
        import_chain(session, example.text(), None, BEGIN)
    with db.write() as session:
        _, token = tokens.make(session, SITE, None, "wall", BEGIN)
    clock, began = MovedClock(BEGIN), monotonic()
    with _served(db, clock) as (url, gateway), _page(f"{url}/board?token={token}") as page:
        wait_for("the board is open", lambda: [h.sockets for h in gateway.health()] == [1], 30)
        sizes, day = [], Calm(7)
        for _ in range(DAYS):
            _one_day(db, gateway, clock, day)
            sizes.append((_own_mb(), *_page_sizes(page)))
    db.close()
    (server, heap, nodes), (server_end, heap_end, nodes_end) = sizes[0], sizes[-1]
    wrong = [
        f"{what} grew from {before:.1f} to {after:.1f}"
        for what, before, after in (
            ("the server", server, server_end),
            ("the page's heap", heap, heap_end),
            ("the page's nodes", nodes, nodes_end),
        )
        if after > before * (1 + GROWTH) + ROUNDING_MB
    ]
    seen = (
        f"{DAYS * SECONDS} ticks and {DAYS * ROWS_A_DAY} rows in {monotonic() - began:.0f} s; from the first day's end "
        f"to the last's: server {server:.1f} → {server_end:.1f} MB, page {heap:.1f} → {heap_end:.1f} MB of heap, "
        f"{nodes:.1f} → {nodes_end:.1f} thousand nodes"
    )
    yield Row(scenario.fault, scenario.where, place.database, seen, wrong=tuple(wrong))


def _one_day(db: Database, gateway: Gateway, clock: MovedClock, day: Calm) -> None:
    feed = gateway._feeds[SITE]
    steps = SECONDS // AT_ONCE
    rows = 0
    for step in range(steps):
        due = ROWS_A_DAY * (step + 1) // steps - rows
        if due:
            rows += due
            with db.write() as session:
                append(session, SITE, day.entries(due), clock())
        for _ in range(AT_ONCE):
            clock.advance(seconds=1)
            # The second is over as soon as it is said so; everything else is as it is each second.
            feed._ticked = 0.0
            feed._tick()
        wait_for("the page has kept up", lambda: not _queued(gateway), 30)


@contextmanager
def _served(db: Database, clock: MovedClock) -> Iterator[tuple[str, Gateway]]:
    """The server in this process, and its gateway."""
    app = create_app(db, KEYS, now=clock, beats=())
    attach(app, db, authenticate(db, KEYS, clock), clock)
    gateway = app.extensions[EXTENSION]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", gateway
    finally:
        gateway.close()
        server.shutdown()
        server.server_close()
        thread.join(5)


def _queued(gateway: Gateway) -> int:
    """Messages that wait for the page, in the server."""
    return sum(gateway._out._waiting(socket) for socket in list(gateway._members))  # type: ignore[attr-defined]  # the real way out


@contextmanager
def _page(url: str) -> Iterator[CDPSession]:
    """The board in a Chromium of its own."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(url)
        page.locator("[data-tile]").first.wait_for()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        yield session
        browser.close()


def _page_sizes(page: CDPSession) -> tuple[float, float]:
    """Megabytes of heap and thousands of nodes, after a collection."""
    page.send("HeapProfiler.collectGarbage")
    metrics = {m["name"]: m["value"] for m in page.send("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapUsedSize"] / 2**20, metrics["Nodes"] / 1000


def _own_mb() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


SCENARIOS = (Scenario("left-open", "a board left open for a week", "board", _left_open, (SQLITE,), ("chromium",)),)
