"""Every page of every face, in both languages: nothing serious that keeps somebody with another body from using it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e import axe, desk_tour, scenes
from e2e.camera import TABLETS, TV, Camera, Shoot, Sizes, Walk, seen
from e2e.floor import Floor
from e2e.guide_tour import guide
from e2e.screenshots import phones, walls
from e2e.tablet_tour import tablets
from playwright.sync_api import Browser, Page


class Inspector(Camera):
    """Goes where the camera goes, at the first size of each tour, and looks with axe instead of taking pictures."""

    def __init__(self, browser: Browser, floor: Floor | None) -> None:
        super().__init__(browser, floor, Path())
        self.seen: list[str] = []
        self.found: list[str] = []

    def each(self, face: str, sizes: Sizes, address: str, walk: Walk) -> None:
        first = next(iter(sizes))
        super().each(face, {first: sizes[first]}, address, walk)

    def shooter(self, page: Page, face: str, size: str, language: str) -> Shoot:  # noqa: ARG002 - one size is enough
        def inspect(name: str, full: bool = False) -> None:  # noqa: ARG001 - as a camera is asked
            self.seen.append(f"{face} {name} {language}")
            self.found += [f"{self.seen[-1]}: {finding}" for finding in axe.findings(page)]

        return inspect


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Floor, scenes.Scene]]:
    """A factory with something of everything."""
    floor = Floor(tmp_path_factory.mktemp("furnished"), scenes.STATIONS)
    try:
        yield floor, scenes.furnish(floor)
    finally:
        floor.close()


@pytest.fixture
def inspector(browser: Browser, furnished: tuple[Floor, scenes.Scene]) -> Inspector:
    return Inspector(browser, furnished[0])


@pytest.mark.parametrize("tour", desk_tour.TOURS)
def test_the_desk(tour: str, inspector: Inspector, furnished: tuple[Floor, scenes.Scene]) -> None:
    """The queue, a complaint, its tag, administration and the chain editor."""
    desk_tour.TOURS[tour](inspector, furnished[1])
    assert len(inspector.seen) > 10
    assert inspector.found == []


def test_the_wall_and_the_phone(inspector: Inspector) -> None:
    """Both themes, one line, the doors, and the phone with its forms."""
    walls(inspector)
    phones(inspector)
    assert {"wall live en", "wall bright zh", "phone contain zh"} <= set(inspector.seen)
    assert inspector.found == []


def test_the_station(inspector: Inspector) -> None:
    """All that a worker can come to while all is well, and the agent's own pages."""
    tablets(inspector)
    for path, sign in (("", "#pair"), ("pair", "form")):
        address = f"{inspector.floor.page}/{path}"
        inspector.each("agent", TABLETS, address, seen(path or "home", sign))
    assert {"tablet red en", "tablet details zh", "tablet stars en"} <= set(inspector.seen)
    assert inspector.found == []


def test_the_guide(browser: Browser, tmp_path: Path) -> None:
    """From the one-time code to the last step."""
    inspector = Inspector(browser, None)
    guide(inspector, tmp_path)
    assert {"guide administrator en", "guide finish zh"} <= set(inspector.seen)
    assert inspector.found == []


def test_a_stale_wall(inspector: Inspector) -> None:
    """The cover that hides what is old."""
    floor = inspector.floor
    page = inspector.open(TV["1920x1080"], f"{floor.http}/board?token={floor.board_token}", "en")
    page.locator(".tile").first.wait_for()
    floor.kill_server()
    try:
        seen("stale", ".cover")(page, inspector.shooter(page, "wall", "tv", "en"), "en")
    finally:
        page.context.close()
        floor.system.start()
    assert inspector.seen == ["wall stale en"]
    assert inspector.found == []
