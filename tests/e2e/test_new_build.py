"""A tablet that stays open for weeks takes the page of a newer agent by itself, when nobody is at it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from plant import free_port
from playwright.sync_api import Browser, expect

from threenos_station.agent import Agent
from threenos_station.page import files
from threenos_station.settings import Page, Server, Settings, StationEntry


@contextmanager
def agent(port: int, data: Path) -> Iterator[Agent]:
    """In this process, with no broker to hear, serving the page that `files` finds."""
    entry = StationEntry(id="w2", site="plant", username="w2", password="none")
    server = Server(host="127.0.0.1", port=free_port())
    running = Agent(Settings(server=server, station=[entry], page=Page(port=port), data=str(data)))
    running.start()
    yield running
    running.stop()


def build(into: Path, number: int) -> Path:
    """The built page as a release of that number would have it."""
    folder = into / str(number)
    shutil.copytree(Path(files.__file__).parents[1] / "static", folder)
    index, worker = folder / "index.html", folder / "worker.js"
    index.write_text(index.read_text().replace("<head>", f'<head><meta name="release" content="{number}">'))
    worker.write_text(f"/* {number} */" + worker.read_text().replace("threenos-", f"threenos-{number}-"))
    return folder


def test_the_page_renews_itself_after_its_agent_was_replaced(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not while somebody chooses a tile, and a press made meanwhile is kept."""
    port = free_port()
    monkeypatch.setattr(files, "_BUILT", build(tmp_path, 1))
    page = browser.new_page(locale="en-GB")
    release = page.locator('meta[name="release"]')
    with agent(port, tmp_path / "data"):
        page.goto(f"http://127.0.0.1:{port}/station/w2")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("() => navigator.serviceWorker.controller")
        page.get_by_role("button", name="Call").click()
    monkeypatch.setattr(files, "_BUILT", build(tmp_path, 2))
    with agent(port, tmp_path / "data") as second:
        page.wait_for_function("async () => (await caches.keys()).join().startsWith('threenos-2-')", timeout=30_000)
        expect(release).to_have_attribute("content", "1")
        page.get_by_role("button", name="Back").click()
        expect(release).to_have_attribute("content", "2")
        expect(page.locator("button.refuse")).to_be_visible()
        assert second.outbox.depth("w2").waiting == 0
    page.close()
