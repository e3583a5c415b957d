"""`make screenshots`: every page, in both languages and every size, into the folder `screenshots/`, to be looked at.

Once with the example factory, once with the longest names that a plant would give. Nothing is compared: eyes are.
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script: the folder of the tests, as pytest has it

from e2e import desk_tour, history, longest, scenes
from e2e.camera import PHONES, TABLETS, TV, WALLS, Camera, Shoot, seen
from e2e.conftest import chromium
from e2e.faces import LANGUAGES, sign_in
from e2e.figures_tour import figures
from e2e.floor import Floor
from e2e.guide_tour import guide
from e2e.sign_in_tour import signing_in
from e2e.tablet_tour import tablets
from playwright.sync_api import Browser, Page, sync_playwright

INTO = Path(__file__).parents[2] / "screenshots"


def pending(camera: Camera) -> None:
    """A stop in its grace time lasts for seconds: it is raised once all pages are open, and overridden after."""
    floor = camera.floor
    address = floor.page + "/station/run-1"
    pages = [(s, la, camera.open(TABLETS[s], address, la)) for s in TABLETS for la in LANGUAGES]
    for _size, _language, page in pages:
        page.locator(".chain .me dd").wait_for()
    stop = floor.press("run-1", "stop")
    for size, language, page in pages:
        seen("pending", ".cover.pending")(page, camera.shooter(page, "tablet", size, language), language)
        page.context.close()
    version = floor.complaint(stop)["version"]
    floor.ask("POST", "/lines/assembly/override", {"complaint": stop, "reason": "mended in time"}, "lin", version)


def walls(camera: Camera) -> None:
    board, token = camera.floor.http + "/board", f"?token={camera.floor.board_token}"
    camera.each("wall", WALLS, board + token, seen("live", ".tile"))
    camera.each("wall", TV, f"{board}{token}&theme=bright", seen("bright", ".tile"))
    camera.each("wall", TV, f"{board}/assembly{token}", seen("one-line", ".tile"))
    camera.each("wall", TV, board, seen("door", ".sign-in"))
    camera.each("wall", TV, f"{board}/nowhere{token}", seen("nowhere", ".empty"))


def phones(camera: Camera) -> None:
    def walk(page: Page, shoot: Shoot, language: str) -> None:
        page.locator(".looking").wait_for()
        shoot("looking")
        page.locator(".looking button").click()
        shoot("door")
        sign_in(page, "sun", language)
        page.locator(".alarm .buttons").first.wait_for()
        shoot("alarms")
        page.locator(".alarm .buttons button:last-child").first.click()
        page.locator(".alarm form").wait_for()
        shoot("code")
        page.locator(".alarm .buttons button:only-child").last.click()
        page.locator(".alarm form .wide").first.scroll_into_view_if_needed()
        shoot("contain")

    camera.each("phone", PHONES, f"{camera.floor.http}/board?token={camera.floor.board_token}", walk)


def outage(camera: Camera) -> None:
    """The last pictures: the server is gone."""
    address = f"{camera.floor.http}/board?token={camera.floor.board_token}"
    pages = {language: camera.open(TV["1920x1080"], address, language) for language in LANGUAGES}
    for page in pages.values():
        page.locator(".tile").first.wait_for()
    camera.floor.kill_server()
    for language, page in pages.items():
        seen("stale", ".cover")(page, camera.shooter(page, "wall", "1920x1080", language), language)
        page.context.close()
    camera.each("tablet", TABLETS, camera.floor.page + "/station/pump-1", seen("not-heard", ".not-heard"))


def shoot_all(browser: Browser, into: Path, chain: str | None) -> None:
    """All pictures of one factory."""
    with tempfile.TemporaryDirectory(prefix="threenos-screenshots-") as folder:
        floor = Floor(Path(folder), scenes.STATIONS, chain)
        try:
            scene = scenes.furnish(floor)
            camera = Camera(browser, floor, into)
            pending(camera)
            tablets(camera)
            walls(camera)
            phones(camera)
            for tour in desk_tour.TOURS.values():
                tour(camera, scene)
            outage(camera)
        finally:
            floor.close()


def shoot_figures(browser: Browser, into: Path, chain: str | None) -> None:
    """The reports of a factory that has weeks behind it."""
    with tempfile.TemporaryDirectory(prefix="threenos-figures-") as folder:
        history.write(Path(folder) / "data", chain)
        floor = Floor(Path(folder), ("leak-1",), chain)
        try:
            figures(Camera(browser, floor, into))
        finally:
            floor.close()


def main() -> None:
    shutil.rmtree(INTO, ignore_errors=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-sync"])
        for name, chain in (("example", None), ("longest", longest.factory())):
            (INTO / name).mkdir(parents=True)
            shoot_all(browser, INTO / name, chain)
            shoot_figures(browser, INTO / name, chain)
        for tour in (guide, signing_in):
            with tempfile.TemporaryDirectory(prefix=f"threenos-{tour.__name__}-") as folder:
                tour(Camera(browser, None, INTO / "example"), Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
