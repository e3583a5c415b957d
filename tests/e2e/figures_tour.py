"""Every report of a plant with weeks behind it, as the quality engineer sees them."""

from e2e.camera import DESKS, Camera, Shoot
from e2e.faces import sign_in
from playwright.sync_api import Page

#: A bar of the first series; lines have no height, so that Chromium calls them hidden.
BAR = ".chart svg path[fill='#1f5fae']"
#: Each report as it is asked, and the sign by which it has been drawn.
REPORTS = {
    "matrix": ".matrix td a",
    "pareto": BAR,
    "three-nos": BAR,
    "trend?defect=scratch": ".signals li",
    "clocks": BAR,
    "stops": BAR,
    "recurrence": BAR,
    "satisfaction": BAR,
    "cost": BAR,
    "alarm-load": BAR,
}


def figures(camera: Camera) -> None:
    """The matrix and what follows from it, each report, two periods compared, what is folded away, and what fails."""
    at = f"{camera.floor.http}/desk/reports"

    def walk(page: Page, shoot: Shoot, language: str) -> None:
        sign_in(page, "qian", language)
        for name, sign in REPORTS.items():
            page.goto(f"{at}/{name}")
            page.locator(sign).first.wait_for()
            shoot(name.partition("?")[0], full=True)
        page.goto(f"{at}/complaints?made_at=machining")
        page.locator(".cards tbody tr").first.wait_for()
        shoot("complaints", full=True)
        _folded(page, shoot, at)
        _compared(page, shoot, at)
        page.goto(f"{at}/pareto?line=nowhere")
        page.locator(".empty .strong").wait_for()
        shoot("empty")
        page.goto(f"{at}/alarm-load?defect=burr")
        page.locator(".trouble button").first.wait_for()
        shoot("trouble")

        _worked(page, shoot, at)

    camera.each("figures", DESKS, at, walk)


def _folded(page: Page, shoot: Shoot, at: str) -> None:
    """The table and the definition behind a chart, and a filter with its choices."""
    page.goto(f"{at}/pareto?made_at=machining")
    page.locator(BAR).first.wait_for()
    for fold in page.locator(".unfold").all():
        fold.click()
    shoot("table", full=True)
    narrow = page.locator(".filter .fold")
    if narrow.count():
        narrow.click()
    page.locator(".filter .menu > button").nth(4).click()
    page.locator(".choices label").first.wait_for()
    shoot("filter")


def _worked(page: Page, shoot: Shoot, at: str) -> None:
    """What is done about it: an 8D with an action, the list of actions, and the packs."""
    page.goto(f"{at}/complaints?made_at=stamping")
    page.locator(".cards tbody input").first.check()
    page.locator("form input").last.fill("Stack height")
    shoot("choose")
    page.locator("form .strong").click()
    page.locator(".missing li").first.wait_for()
    page.locator(".panel .buttons > .strong").last.click()
    page.locator("form textarea").last.wait_for()
    shoot("8d", full=True)
    for name in ("eight-d", "actions", "packs"):
        page.goto(f"{at}/{name}")
        page.locator("main .panel").first.wait_for()
        shoot(name, full=True)


def _compared(page: Page, shoot: Shoot, at: str) -> None:
    page.goto(f"{at}/pareto")
    page.locator(BAR).first.wait_for()
    narrow = page.locator(".filter .fold")
    if narrow.count():
        narrow.click()
    page.locator(".filter .row").first.locator("select").nth(1).select_option("before")
    page.locator(".period > h3").nth(1).wait_for()
    shoot("compared", full=True)
