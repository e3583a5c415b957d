"""Opens the pages of one floor in every size and language, and takes their pictures."""

from collections.abc import Callable, Mapping
from pathlib import Path

from e2e.faces import LANGUAGES, LOCALES
from e2e.floor import Floor
from playwright.sync_api import Browser, Page

Sizes = Mapping[str, tuple[int, int]]
TABLETS: Sizes = {"1280x800": (1280, 800), "800x1280": (800, 1280)}
TV: Sizes = {"1920x1080": (1920, 1080)}
WALLS: Sizes = {**TV, "3840x2160": (3840, 2160)}
PHONES: Sizes = {"390x844": (390, 844)}
DESKS: Sizes = {"1440x900": (1440, 900), **PHONES}

#: Takes a picture of that name; `full=True` also of what must be scrolled to.
Shoot = Callable[..., None]
#: Goes over the screens of a page: the page, the camera's trigger, the language.
Walk = Callable[[Page, Shoot, str], None]


class Camera:
    """Opens pages of one floor in every size and language."""

    def __init__(self, browser: Browser, floor: Floor | None, folder: Path) -> None:
        self.browser, self._floor, self._folder = browser, floor, folder

    @property
    def floor(self) -> Floor:
        """The floor, for tours of one that has stations and people."""
        assert self._floor is not None
        return self._floor

    def each(self, face: str, sizes: Sizes, address: str, walk: Walk) -> None:
        """Walk over the screens of an address, in each size and language."""
        for size in sizes:
            for language in LANGUAGES:
                page = self.open(sizes[size], address, language)
                walk(page, self.shooter(page, face, size, language), language)
                page.context.close()

    def open(self, size: tuple[int, int], address: str, language: str) -> Page:
        width, height = size
        context = self.browser.new_context(viewport={"width": width, "height": height}, locale=LOCALES[language])
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(address)
        return page

    def shooter(self, page: Page, face: str, size: str, language: str) -> Shoot:
        def shoot(name: str, full: bool = False) -> None:
            page.screenshot(path=self._folder / f"{face}-{name}-{size}-{language}.png", full_page=full)

        return shoot


def seen(name: str, sign: str) -> Walk:
    """One picture, once `sign` is there."""

    def walk(page: Page, shoot: Shoot, _language: str) -> None:
        page.locator(sign).first.wait_for()
        shoot(name)

    return walk
