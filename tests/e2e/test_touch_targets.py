"""Gloves, at arm's length: on each screen of a tablet what is touched is large and apart, and what is read large."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e import scenes
from e2e.camera import TABLETS, Camera, Shoot, Sizes, Walk
from e2e.faces import LANGUAGES
from e2e.floor import Floor
from e2e.tablet_tour import tablets
from playwright.sync_api import Browser, Page

#: In CSS pixels, less half a pixel for rounding: 64 for a target, 16 between two, 20 for text.
MEASURE = """([target, apart, type]) => {
    const root = document.querySelector("[role=dialog]") ?? document.body;
    const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.closest(".unseen");
    const called = e => (e.getAttribute("aria-label") ?? e.innerText ?? "").trim().slice(0, 30) || e.tagName;
    const touched = "button, a[href], input, textarea, select, summary, label.key";
    const targets = [...root.querySelectorAll(touched)].filter(shown);
    const boxes = targets.map(e => [e, e.getBoundingClientRect()]);
    const faults = boxes.filter(([, b]) => b.width < target || b.height < target)
        .map(([e, b]) => `${called(e)} is ${b.width.toFixed()}×${b.height.toFixed()}`);
    boxes.forEach(([e, a], i) => boxes.slice(i + 1).forEach(([f, b]) => {
        if (e.contains(f) || f.contains(e)) return;
        const gap = Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
        if (gap < apart) faults.push(`${called(e)} and ${called(f)} are ${gap.toFixed(1)} apart`);
    }));
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const e = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || e.closest("script, style") || !shown(e)) continue;
        const size = parseFloat(getComputedStyle(e).fontSize);
        if (size < type) faults.push(`"${texts.currentNode.data.trim().slice(0, 30)}" is ${size} high`);
    }
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over > 0) faults.push(`the page is ${over} too wide`);
    return [targets.length, faults];
}"""
LIMITS = (63.5, 15.5, 19.9)


class Ruler(Camera):
    """Walks as the camera does, once for each address, and measures each screen in both sizes and languages."""

    def __init__(self, browser: Browser, floor: Floor) -> None:
        super().__init__(browser, floor, Path())
        self.measured = 0
        self.faults: list[str] = []

    def each(self, face: str, sizes: Sizes, address: str, walk: Walk) -> None:
        page = self.open(next(iter(sizes.values())), address, LANGUAGES[0])
        walk(page, self.shooter(page, face, "", ""), LANGUAGES[0])
        page.context.close()

    def shooter(self, page: Page, face: str, size: str, language: str) -> Shoot:  # noqa: ARG002 - the camera's own
        def measure(name: str, full: bool = False) -> None:  # noqa: ARG001 - nothing is cut off for a ruler
            before = page.viewport_size
            for named, (width, height) in TABLETS.items():
                page.set_viewport_size({"width": width, "height": height})
                for _ in LANGUAGES:
                    # Under a cover it cannot be touched, but the page still knows it; some pages speak both at once.
                    page.locator(".switch").evaluate_all("switches => switches[0]?.click()")
                    self.look(page, f"{face} {name} {named} {page.locator('html').get_attribute('lang')}")
            if before:
                page.set_viewport_size(before)

        return measure

    def look(self, page: Page, where: str) -> None:
        """Measure what is on the screen now."""
        targets, faults = page.evaluate(MEASURE, LIMITS)
        assert targets, f"nothing to touch: {where}"
        self.measured += 1
        self.faults += [f"{where}: {fault}" for fault in faults]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Something of everything, each at its own station."""
    made = Floor(tmp_path_factory.mktemp("furnished"), scenes.STATIONS)
    scenes.furnish(made)
    yield made
    made.close()


def test_every_screen_of_the_station_page_is_for_gloves(furnished: Floor, browser: Browser) -> None:
    """Over all of the tour, in both languages, lying and standing."""
    ruler = Ruler(browser, furnished)
    tablets(ruler)
    assert ruler.measured >= 90
    assert sorted(set(ruler.faults)) == []
