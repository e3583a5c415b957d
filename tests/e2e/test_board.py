"""The wall that nobody signs in to: its token, its lines, its pages, its sounds and its themes."""

import re

import pytest
from e2e.faces import LANGUAGES, LOCALES, SIZES, Faces, called
from e2e.floor import Floor
from plant import wait_for
from playwright.sync_api import Browser, Page, expect

#: Counts the tones that a page plays, and lets it play without a touch.
LISTEN = """(() => {
    window.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) { window.tones += 1; return start.apply(this, at); };
})()"""


def test_a_revoked_token_ends_a_kiosk(floor: Floor, faces: Faces) -> None:
    """The screen shows its line by the token in its address, and asks for a sign-in once the token is revoked."""
    made = floor.ask("POST", "/board-tokens", {"label": "hall", "line": "housing"}, "admin")
    wall = faces.open("wall", f"{floor.http}/board/housing?token={made['token']}", "en")
    expect(wall.locator("[data-tile^='housing/']")).to_have_count(5)
    floor.ask("DELETE", f"/board-tokens/{made['id']}", None, "admin")
    expect(wall.locator(".sign-in")).to_be_visible(timeout=60_000)
    expect(wall.locator(".tile")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_address_says_which_line_is_shown(language: str, floor: Floor, faces: Faces) -> None:
    """Only its tiles, only its alarms; and an address without a line shows all of them."""
    floor.press("leak-1", "reject", defect="scratch")
    floor.press("wind-1", "reject", defect="stack-height")
    wall = faces.wall(language, "motor")
    expect(wall.locator(".row h2 .name")).to_have_text(called("lines", "motor", language))
    expect(wall.locator(".hero")).to_contain_text(called("defects", "stack-height", language))
    expect(wall.locator("[data-tile^='housing/']")).to_have_count(0)
    everything = faces.wall(language)
    expect(everything.locator(".row")).to_have_count(3)
    expect(everything.locator(".hero")).to_contain_text(called("defects", "scratch", language))


def test_the_oldest_alarm_is_the_biggest_thing_and_nothing_scrolls(floor: Floor, faces: Faces) -> None:
    """On 1080p and 4K alike, with an alarm on each line."""
    for station, defect in (("leak-1", "scratch"), ("motor-1", "turned-round"), ("pump-1", "seal-missing")):
        floor.press(station, "reject", defect=defect)
    wall = faces.wall()
    for width, height in (SIZES["wall"], (3840, 2160)):
        wall.set_viewport_size({"width": width, "height": height})
        expect(wall.locator(".tile[data-state=called]")).to_have_count(3)
        assert wall.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert wall.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sizes = wall.evaluate(
            "[...document.querySelectorAll('main *, .wall *')].filter(e => e.childElementCount === 0 && e.innerText)"
            ".map(e => [parseFloat(getComputedStyle(e).fontSize), e.closest('.hero') !== null])"
        )
        assert max(sizes)[1], "something is written larger than the oldest alarm"


def test_a_new_red_and_an_escalation_sound_and_a_mute_ends_by_itself(floor: Floor, browser: Browser) -> None:
    """Four tones for each new red; none while it is muted; the button counts down and the sound comes back."""
    page = _listening(browser, floor)
    try:
        page.get_by_role("button", name="Mute 5 min").wait_for()
        floor.press("leak-1", "stop")
        wait_for("it sounds", lambda: page.evaluate("window.tones") == 4)
        page.get_by_role("button", name="Mute 5 min").click()
        muted = page.get_by_role("button", name=re.compile(r"Muted, 4:\d\d left"))
        expect(muted).to_have_attribute("aria-pressed", "true")
        floor.press("wash-1", "stop")
        expect(page.locator(".counts .bad dd")).to_have_text("1")
        expect(page.locator("[data-tile='housing/washing']")).to_have_attribute("data-state", "stopped")
        assert page.evaluate("window.tones") == 4
        page.clock.fast_forward("05:01")
        expect(page.get_by_role("button", name="Mute 5 min")).to_have_attribute("aria-pressed", "false")
        floor.press("trim-1", "stop")
        wait_for("it sounds again", lambda: page.evaluate("window.tones") == 8)
    finally:
        page.context.close()
        floor.settle()


def _listening(browser: Browser, floor: Floor) -> Page:
    """A wall whose clock a test can move, and whose tones are counted."""
    width, height = SIZES["wall"]
    context = browser.new_context(viewport={"width": width, "height": height}, locale=LOCALES["en"])
    page = context.new_page()
    page.clock.install()
    page.add_init_script(LISTEN)
    page.goto(f"{floor.http}/board/housing?token={floor.board_token}")
    page.locator(".tile").first.wait_for()
    page.locator(".wall").click(position={"x": 5, "y": 5})
    return page


def test_a_theme_is_chosen_remembered_and_given_in_the_address(floor: Floor, faces: Faces) -> None:
    """Night for dim halls at first; bright by a touch, also after a reload, or for a kiosk by its address."""
    wall = faces.wall()
    root = wall.locator("html")
    expect(root).to_have_attribute("data-theme", "night")
    wall.get_by_role("button", name="Bright").click()
    expect(root).to_have_attribute("data-theme", "bright")
    wall.reload()
    expect(root).to_have_attribute("data-theme", "bright")
    wall.goto(f"{floor.http}/board?token={floor.board_token}&theme=night")
    expect(root).to_have_attribute("data-theme", "night")


def test_a_long_line_goes_on_in_further_rows_and_the_wall_turns_its_pages(floor: Floor, faces: Faces) -> None:
    """Nothing is left out: what does not fit on one page of the wall stands on the next, which comes by itself."""
    wall = faces.wall()
    expect(wall.locator(".row")).to_have_count(3)
    shown = set(wall.locator("[data-tile]").evaluate_all("all => all.map(e => e.dataset.tile)"))
    expected = {f"{line['id']}/{p}" for line in floor.ask("GET", "/board")["lines"] for p in line["processes"]}
    assert shown == expected
