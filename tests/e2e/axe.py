"""What axe, the accessibility checker, finds on a page as it stands."""

from pathlib import Path

from playwright.sync_api import Page

_SOURCE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE = ("serious", "critical")


def findings(page: Page) -> list[str]:
    """The serious and critical ones, each with its rule and the first place where it is."""
    page.locator("[aria-busy=true]").wait_for(state="detached")  # what is asked again is paler until it is there
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_SOURCE.read_text())
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [f"{v['id']} ({len(v['nodes'])}×): {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in _GRAVE]
