"""The setup guide, step by step, on an empty system of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from e2e.camera import DESKS, Camera, Shoot
from e2e.floor import PASSWORD
from plant import RunningSystem
from playwright.sync_api import Page

PROCESSES = {"en": ("Stamping", "Welding", "Painting"), "zh": ("冲压", "焊接", "涂装")}


def guide(camera: Camera, folder: Path) -> None:
    """All of its steps: those before there is a chain first, since making one is done once."""
    system = RunningSystem(folder / "data")
    try:
        address = system.http + "/desk"
        camera.each("guide", DESKS, address, _first)
        _become(camera, address, system.log())
        camera.each("guide", DESKS, address, _signed_in(_sketch))
        _make(camera, address)
        camera.each("guide", DESKS, address + "/start", _signed_in(_rest))
    finally:
        system.close()


def _first(page: Page, shoot: Shoot, _language: str) -> None:
    page.locator("form input").first.wait_for()
    shoot("administrator")


def _become(camera: Camera, address: str, log: str) -> None:
    code = log.split("The code for the first who does: ")[-1].split()[0]
    page = camera.open((1440, 900), address, "en")
    for i, text in enumerate((code, "Mei Lin", PASSWORD)):
        page.locator("form input:not([type=checkbox])").nth(i).fill(text)
    page.locator("form .strong").click()
    page.locator("form select").wait_for()
    page.context.close()


def _signed_in(walk: Callable[..., None]) -> Callable[..., None]:
    def after(page: Page, shoot: Shoot, language: str) -> None:
        # As somebody who chose the language here: the one of the account is that in which it was made.
        page.evaluate("language => localStorage.setItem('threenos.language', language)", language)
        page.locator(".sign-in input").nth(0).fill("Mei Lin")
        page.locator(".sign-in input").nth(1).fill(PASSWORD)
        page.locator(".sign-in button").click()
        walk(page, shoot, language)

    return after


def _sketch(page: Page, shoot: Shoot, language: str) -> None:
    page.locator("form select").wait_for()
    page.locator("form input").first.fill("Lakeside")
    shoot("site")
    page.locator("form .strong").click()
    page.locator("textarea").fill("\n".join(PROCESSES[language]))
    page.locator("form input").first.fill("Line A")
    shoot("line", full=True)


def _make(camera: Camera, address: str) -> None:
    page = camera.open((1440, 900), address, "en")

    def nothing(_name: str, **_how: Any) -> None:
        """Nobody looks."""

    _signed_in(_sketch)(page, nothing, "en")
    page.locator("form .strong").click()
    page.locator(".pick").wait_for()
    page.context.close()


def _rest(page: Page, shoot: Shoot, _language: str) -> None:
    page.locator(".pick").wait_for()
    shoot("tablet", full=True)
    page.locator(".guide .buttons button").last.click()
    page.locator(".guide h2").wait_for()
    shoot("drill", full=True)
    page.locator(".guide .buttons button").last.click()
    page.locator(".next a").first.wait_for()
    shoot("finish", full=True)
