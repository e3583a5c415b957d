"""Every page of the desk: the queue and a complaint, administration, the chain editor."""

from collections.abc import Callable

from e2e.camera import DESKS, Camera, Shoot
from e2e.faces import sign_in
from e2e.scenes import Scene
from plant import wait_for
from playwright.sync_api import Page

#: Each page of administration, and the sign by which it has what it shows.
PAGES = {
    "people": "tbody tr",
    "rosters": "tbody tr",
    "calendar": "fieldset",
    "rates": "ul li",
    "stations": "tbody tr",
    "drills": "tbody tr",
    "screens": "tbody tr",
    "notices": "tbody tr",
    "quarantine": "article",
    "mine": "tbody tr",
}
#: One that no agent speaks for, so that its credentials may change.
ENROLLED = "rotor-1"


def desks(camera: Camera, scene: Scene) -> None:
    """The queue, a complaint with what may be done for it, its hold tag."""
    at = f"{camera.floor.http}/desk/complaints/{scene.complaint}"

    def walk(page: Page, shoot: Shoot, language: str) -> None:
        page.locator(".sign-in").wait_for()
        shoot("door")
        sign_in(page, "wang", language)
        page.locator("table .link").first.wait_for()
        shoot("queue")
        _menu(page, shoot)
        page.goto(at)
        photo = page.locator(".facts img").first
        wait_for("the photo is drawn", lambda: photo.evaluate("e => e.naturalWidth"))
        shoot("complaint", full=True)
        page.locator(".actions .strong").click()
        page.locator("form").wait_for()
        shoot("answer", full=True)
        page.locator(".actions > .buttons button").last.click()
        page.locator("form input[type=file]").wait_for()
        shoot("comment", full=True)
        page.goto(at + "/tag")
        page.locator(".face").wait_for()
        shoot("tag", full=True)

    camera.each("desk", DESKS, camera.floor.http + "/desk", walk)


def _menu(page: Page, shoot: Shoot) -> None:
    """On a phone the way to the other pages is behind a button."""
    menu = page.locator("header .menu")
    if menu.count():
        menu.click()
        shoot("menu")
        menu.click()


def administration(camera: Camera, scene: Scene) -> None:
    """Each page as somebody sees it who may do everything there."""

    def walk(page: Page, shoot: Shoot, language: str) -> None:
        sign_in(page, "chief", language)
        for name, sign in PAGES.items():
            page.goto(f"{camera.floor.http}/desk/admin/{name}")
            page.locator(f"main {sign}").first.wait_for()
            shoot(name, full=True)
        page.goto(f"{camera.floor.http}/desk/admin/people/{scene.person}")
        page.locator("main form").first.wait_for()
        shoot("person", full=True)
        page.goto(f"{camera.floor.http}/desk/admin/rosters")
        page.locator("main .head .strong").click()
        page.locator("form.panel").wait_for()
        shoot("duty", full=True)
        page.goto(f"{camera.floor.http}/desk/admin/rates")
        page.locator("main li .link").first.click()
        page.locator("form fieldset").wait_for()
        shoot("rate", full=True)
        _enrol(page, camera, shoot)

    camera.each("admin", DESKS, camera.floor.http + "/desk", walk)


def _enrol(page: Page, camera: Camera, shoot: Shoot) -> None:
    page.goto(f"{camera.floor.http}/desk/admin/stations")
    row = page.locator("tr").filter(has=page.get_by_text(ENROLLED, exact=True))
    row.locator("button").first.click()
    sure = row.locator(".danger")
    panel = page.locator(".enrol")
    wait_for("it is enrolled, or asks whether it shall be again", lambda: sure.count() or panel.count())
    if sure.count():
        shoot("sure")
        sure.click()
    panel.wait_for()
    shoot("enrolled", full=True)
    page.goto(f"{camera.floor.http}/desk/admin/screens")
    page.locator("form input").first.fill("Hall 3, north wall")
    page.locator("form .strong").click()
    page.locator("svg.qr").wait_for()
    shoot("screen", full=True)


def chain_editor(camera: Camera, _scene: Scene) -> None:
    """The drawing, each list beside it, the sheets, and a draft with a problem."""

    def walk(page: Page, shoot: Shoot, language: str) -> None:
        sign_in(page, "chief", language)
        page.locator(".node").first.wait_for()
        shoot("drawing")
        page.locator("[data-process='motor-assembly']").click()
        page.locator(".side .part").first.wait_for()
        shoot("process")
        tabs = page.locator(".side nav button")
        for i, name in enumerate(("lines", "defects", "standards", "calendar"), 1):
            tabs.nth(i).click()
            shoot(name)
        _sheets(page, shoot)
        page.locator(".tools button").nth(2).click()
        page.locator(".problems li").first.wait_for()
        shoot("draft")
        page.locator(".tools .strong").click()
        page.get_by_role("dialog").wait_for()
        shoot("publish")

    camera.each("chain", DESKS, camera.floor.http + "/desk/chain", walk)


def _sheets(page: Page, shoot: Shoot) -> None:
    tools = page.locator(".tools > button")
    for name, nth in (("import", -4), ("export", -3), ("versions", -2)):
        tools.nth(nth).click()
        page.get_by_role("dialog").wait_for()
        shoot(name)
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")


#: Every tour of the desk, by its name.
TOURS: dict[str, Callable[[Camera, Scene], None]] = {
    "desks": desks,
    "administration": administration,
    "chain": chain_editor,
}
