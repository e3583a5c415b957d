"""One real system, agent and Chromium for all stories; the faces of a story are closed after it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.faces import Faces
from e2e.floor import Floor
from playwright.sync_api import Browser, expect, sync_playwright

#: A machine that is busy with other tests answers late; who waits for a condition loses nothing by waiting long.
PATIENCE_MS = 30_000


def chromium() -> str:
    """The browser of the system; nothing is downloaded."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "the pages are tested in Chromium: install the package chromium"
    return found


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Of each file its own: what one leaves behind does not show in another."""
    made = Floor(tmp_path_factory.mktemp("floor"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    home: Path = tmp_path_factory.mktemp("home")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            env={**os.environ, "HOME": str(home)},
        )
        yield launched
        launched.close()


@pytest.fixture
def faces(browser: Browser, floor: Floor) -> Iterator[Faces]:
    opened = Faces(browser, floor)
    yield opened
    opened.close()
    floor.settle()
