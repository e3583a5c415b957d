"""The pages on a weak device: how much code they load, and how soon they are drawn and can be used.

The CPU is slowed four times by the browser itself, nothing is in any cache, and the system behind is a real one.
"""

import gzip
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import smooth
from figures import Figure
from playwright.sync_api import Browser, sync_playwright
from system import PASSWORD, System, running

from threenos_server.demo.asking import Asking

AGENT = Path(sys.executable).with_name("threenos-station")
SLOWED, ROUNDS, GIVE_UP_MS = 4, 5, 60_000

#: Presses REJECT as soon as it is there, and notes when the page has answered.
PRESS = """
const pressing = setInterval(() => {
    if (document.querySelector(".tile, .undo")) {
        window.usable ??= performance.now();
        clearInterval(pressing);
    } else document.querySelector("button.refuse")?.click();
}, 5);
"""
#: Notes when the first process of the line is on the wall.
LOOK = """
const looking = setInterval(() => {
    if (!document.querySelector("[data-tile]")) return;
    window.usable = performance.now();
    clearInterval(looking);
}, 5);
"""


def run(directory: Path) -> Iterator[Figure]:
    """Sizes, then the station's page and the board, then the board in a storm."""
    for name, page in (("station", ("threenos_station", "index.html")), ("board", ("threenos_server", "board.html"))):
        yield Figure(f"{name} code, gzip", "ours", _first_load(*page) / 1024, "KB")
    with running(directory, 1) as system, _agent(directory, system) as station, _chromium() as browser:
        yield from _times(browser, "station", station, PRESS, "press possible")
        yield from _times(browser, "board", _wall(system), LOOK, "tiles drawn")
    yield from smooth.run(directory / "smooth")


def _times(browser: Browser, name: str, address: str, script: str, what: str) -> Iterator[Figure]:
    """The medians of some openings, in milliseconds from the beginning of the navigation."""
    opened = [_open(browser, address, script) for _ in range(ROUNDS)]
    yield Figure(f"{name} first paint, CPU slowed {SLOWED}×", "ours", median(paint for paint, _ in opened), "ms")
    yield Figure(f"{name} {what}, CPU slowed {SLOWED}×", "ours", median(usable for _, usable in opened), "ms")


def _open(browser: Browser, address: str, script: str) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    page.add_init_script(script)
    page.goto(address)
    page.wait_for_function("() => window.usable", timeout=GIVE_UP_MS)
    paint = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
    usable = page.evaluate("() => window.usable")
    context.close()
    return paint, usable


def _first_load(package: str, page: str) -> int:
    """Bytes of the script and style that a page names, each pressed by itself as it travels."""
    found = importlib.util.find_spec(package)
    assert found is not None and found.origin is not None
    static = Path(found.origin).with_name("static")
    named = re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', (static / page).read_text())
    return sum(len(gzip.compress((static / name).read_bytes(), 9)) for name in named)


@contextmanager
def _agent(directory: Path, system: System) -> Iterator[str]:
    """The address of a station's page, once its agent knows what to show there."""
    given = system.stations[0]
    entry = "".join(f"{key} = {json.dumps(given[name])}\n" for key, name in KEYS.items())
    broker = f'host = "{system.host}"\nport = {system.port}\n'
    config = directory / "station.toml"
    config.write_text(f'data = "agent"\n[server]\n{broker}[[station]]\n{entry}[page]\nport = 0\n')
    command = [AGENT, "run", "--config", config, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        page = json.loads(process.stdout.readline())["url"]
        asking = Asking(page)
        while not asking.ask("GET", f"/api/stations/{given['station']}")[1]["setup"]:
            pass
        yield f"{page}/station/{given['station']}"
    finally:
        process.terminate()
        process.wait(10)


KEYS = {"id": "station", "site": "site", "username": "username", "password": "password"}


def _wall(system: System) -> str:
    """The board's address with a token, as a television opens it."""
    asking = Asking(system.http)
    asking.sign_in("bench", PASSWORD)
    token: Any = asking.ask("POST", "/api/v1/board-tokens", {"label": "bench"})[1]["token"]
    return f"{system.http}/board?token={token}"


@contextmanager
def _chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "install the package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-sync"])
        yield browser
        browser.close()
