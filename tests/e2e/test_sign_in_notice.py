"""What the plant tells everybody before they sign in, on a screen, on a phone, and on a small one."""

from collections.abc import Iterator

import pytest
from e2e import axe
from e2e.faces import LANGUAGES, LOCALES, WORDS
from e2e.floor import PASSWORD
from plant import RunningSystem
from playwright.sync_api import Browser, Locator, Page, Route, expect

from threenos_server.chain import example

#: As long as it may be, with a word that fits on no phone and what would be a picture if it were HTML.
LONGEST = (
    "本系统仅限授权人员使用。\nOnly people of this plant may sign in.\n\n<img src=x> " + "recorded" * 9 + "\n"
).ljust(990, "记") + "\nthe end."
SIZES = {"screen": (1440, 900), "phone": (390, 844), "small phone": (320, 568)}
#: What is wider than its page, or wider than the screen.
TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    folder = tmp_path_factory.mktemp("plant")
    running = RunningSystem(folder / "data", "--sign-in-notice", LONGEST)
    (folder / "factory.yaml").write_text(example.text())
    running.threenos("chain", "import", str(folder / "factory.yaml"))
    running.threenos("user", "add", "chief", "--role", "admin", "--password-stdin", typed=PASSWORD + "\n")
    yield running
    running.close()


def within(page: Page, what: Locator) -> bool:
    """Whether all of its width is on the screen, once it was scrolled to."""
    what.scroll_into_view_if_needed()
    box, size = what.bounding_box(), page.viewport_size
    return box is not None and size is not None and box["x"] >= 0 and box["x"] + box["width"] <= size["width"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/desk", "/board"])
def test_the_notice_is_read_before_signing_in(plant: RunningSystem, browser: Browser, path: str, size: str) -> None:
    """All of it, line by line, as text and nothing else, above the fields, on pages for screens and for phones."""
    assert len(LONGEST) <= 1_000
    width, height = SIZES[size]
    with browser.new_context(viewport={"width": width, "height": height}, has_touch=size != "screen") as context:
        page = context.new_page()
        page.goto(plant.http + path)
        notice = page.locator("form.sign-in .notice")
        expect(notice).to_be_visible()
        assert notice.inner_text() == LONGEST
        assert notice.locator("*").count() == 0
        assert page.evaluate(TOO_WIDE) <= 0
        field = page.locator("form.sign-in input").first
        notice_box, field_box = notice.bounding_box(), field.bounding_box()
        assert notice_box and field_box and notice_box["y"] + notice_box["height"] <= field_box["y"]
        assert within(page, notice) and within(page, page.locator("form.sign-in button[type=submit]"))
        assert notice.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 16
        assert axe.findings(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_signs_in_before_the_notice_stands_there(plant: RunningSystem, browser: Browser, language: str) -> None:
    """The button waits for the answer that brings it, be it slow; after that one signs in as ever."""
    words = WORDS[language]
    with browser.new_context(viewport={"width": 390, "height": 844}, locale=LOCALES[language]) as context:
        page = context.new_page()
        asked: list[Route] = []
        page.route("**/session/ways", lambda route: asked.append(route))
        page.goto(f"{plant.http}/desk")
        page.get_by_label(words.name).fill("chief")
        page.get_by_label(words.password).fill(PASSWORD)
        button = page.get_by_role("button", name=words.sign_in)
        expect(button).to_be_disabled()
        asked[0].continue_()
        expect(page.locator(".notice")).to_be_visible()
        button.click()
        expect(page.get_by_label(words.password)).to_have_count(0)
