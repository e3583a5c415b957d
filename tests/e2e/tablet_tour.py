"""Every screen of a tablet that can be reached while all is well, at the stations that `scenes` has furnished."""

from e2e.camera import TABLETS, Camera, Shoot, seen
from playwright.sync_api import Page


def press(page: Page, key: str, until: str) -> None:
    """One key of the keypad, and what it leads to: two keys at once would be a scanner."""
    page.keyboard.press(key)
    page.locator(until).first.wait_for()


def tablets(camera: Camera) -> None:
    station = camera.floor.page + "/station/"
    walks = {"trim-1": calm, "pump-1": busy, "wash-1": red, "leak-1": resuming, "wind-1": drill, "stamp-1": first_piece}
    for named, walk in walks.items():
        camera.each("tablet", TABLETS, station + named, walk)
    camera.each("tablet", TABLETS, station + "motor-1", alone)
    camera.each("agent", TABLETS, camera.floor.page + "/", stations)
    camera.each("agent", TABLETS, camera.floor.page + "/pair", seen("pair", "#form"))


def calm(page: Page, shoot: Shoot, _language: str) -> None:
    page.locator(".strip .line[data-state]").wait_for()
    shoot("calm")
    press(page, "1", ".tile")
    page.locator(".tile").first.click()
    page.locator(".undo").wait_for()
    shoot("undo")
    page.locator(".undo .strong").click()
    page.locator(".undo").wait_for(state="detached")
    press(page, "3", ".tile")
    shoot("caught")


def busy(page: Page, shoot: Shoot, _language: str) -> None:
    page.locator(".mine .row").first.wait_for()
    shoot("idle")
    press(page, "1", ".tile")
    shoot("supplier")
    press(page, "1", ".tile .pictogram")
    shoot("defect")
    press(page, "0", ".giant")
    press(page, "4", ".tile .pictogram")
    shoot("call")
    _items(page, shoot)


def _items(page: Page, shoot: Shoot) -> None:
    press(page, "0", ".giant")
    _open(page, "acknowledged", shoot)
    shoot("item")
    page.locator(".columns section:last-child > .key:not(.strong)").first.click()
    page.locator(".form").wait_for()
    shoot("details")
    page.locator(".form .field > .key").first.click()
    page.locator(".scanner p").wait_for()
    shoot("scanner")
    page.keyboard.press("Escape")
    page.locator(".scanner").wait_for(state="detached")
    press(page, "Escape", ".giant")
    _open(page, "answered")
    shoot("answered")
    page.locator(".answer .yes").click()
    shoot("stars")
    press(page, "0", ".giant")
    _open(page, "answered")
    page.locator(".answer .no").click()
    shoot("decline")


def _open(page: Page, stage: str, shoot: Shoot | None = None) -> None:
    """A complaint by the list of all."""
    press(page, "5", ".list")
    row = page.locator(f".list .row[data-stage={stage}]").first
    row.wait_for()
    if shoot:
        shoot("list")
    row.click()
    page.locator(".steps").wait_for()


def red(page: Page, shoot: Shoot, _language: str) -> None:
    page.locator(".cover").wait_for()
    shoot("red")
    press(page, "1", ".tile")
    shoot("cause")


def resuming(page: Page, shoot: Shoot, _language: str) -> None:
    page.locator(".cover").wait_for()
    shoot("red-contained")
    press(page, "3", ".resume")
    shoot("resume")


def drill(page: Page, shoot: Shoot, _language: str) -> None:
    page.locator(".band").wait_for()
    shoot("drill")


def first_piece(page: Page, shoot: Shoot, _language: str) -> None:
    page.locator(".band.refused").wait_for()
    shoot("first-piece")
    page.locator(".band.refused .key").click()
    shoot("refused")


def alone(page: Page, shoot: Shoot, _language: str) -> None:
    """An agent that does not know this tablet any more."""
    page.locator(".mine .row").first.wait_for()
    page.route("**/api/**", lambda route: route.fulfill(status=401, body="{}"))
    page.reload()
    page.locator(".band a").wait_for()
    page.locator(".not-heard").wait_for()
    shoot("unpaired")


def stations(page: Page, shoot: Shoot, _language: str) -> None:
    """The agent's own screen, with the code for a new tablet."""
    page.locator("#stations a").first.wait_for()
    page.locator("#pair").click()
    page.locator("#qr[src]").wait_for()
    shoot("pairing", full=True)
