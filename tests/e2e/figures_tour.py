"""Every report of a plant with weeks behind it, as the quality engineer sees them."""

from e2e.camera import DESKS, Camera, Shoot
from e2e.faces import sign_in
from playwright.sync_api import Page

#: Each report, and the sign by which it has been drawn.
REPORTS = {
    "matrix": ".matrix td a",
    "pareto": ".chart svg path",
    "three-nos": ".chart svg path",
    "trend": ".signals li",
    "clocks": ".chart svg path",
    "stops": ".chart svg path",
    "recurrence": ".chart svg path",
    "satisfaction": ".chart svg path",
    "cost": ".chart svg path",
    "alarm-load": ".chart svg path",
}


def figures(camera: Camera) -> None:
    """The matrix and what follows from it, each report, two periods compared, what is folded away, and what fails."""
    at = f"{camera.floor.http}/desk/reports"

    def walk(page: Page, shoot: Shoot, language: str) -> None:
        sign_in(page, "qian", language)
        for name, sign in REPORTS.items():
            page.goto(f"{at}/{name}")
            page.locator(sign).first.wait_for()
            shoot(name, full=True)
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

    camera.each("figures", DESKS, at, walk)


def _folded(page: Page, shoot: Shoot, at: str) -> None:
    """The table and the definition behind a chart, and a filter with its choices."""
    page.goto(f"{at}/pareto?made_at=machining")
    page.locator(".chart svg path").first.wait_for()
    for fold in page.locator(".unfold").all():
        fold.click()
    shoot("table", full=True)
    narrow = page.locator(".filter .fold")
    if narrow.count():
        narrow.click()
    page.locator(".filter .menu > button").nth(4).click()
    page.locator(".choices label").first.wait_for()
    shoot("filter")


def _compared(page: Page, shoot: Shoot, at: str) -> None:
    page.goto(f"{at}/pareto")
    page.locator(".chart svg path").first.wait_for()
    narrow = page.locator(".filter .fold")
    if narrow.count():
        narrow.click()
    page.locator(".filter .row").first.locator("select").nth(1).select_option("before")
    page.locator(".period h3").nth(1).wait_for()
    shoot("compared", full=True)
