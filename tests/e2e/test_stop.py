"""A stop, from the held button to the first good piece, in both languages."""

import re

import pytest
from e2e.faces import LANGUAGES, WORDS, Faces, Tablet
from e2e.floor import Floor
from playwright.sync_api import expect

#: Different lines without a grace time, so that no story sees the stop of the other.
STORY = {"en": ("wash-1", "housing", "washing"), "zh": ("wind-1", "motor", "winding")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stop_from_the_held_button_to_the_first_good_piece(language: str, floor: Floor, faces: Faces) -> None:
    """Red at the station and on the board; resumed with a badge once it is contained, and only by who may."""
    station, line, process = STORY[language]
    words = WORDS[language]
    badge = f"B-{language}"
    floor.ask("POST", f"/people/{floor.people['lin']}/badges", {"badge": badge}, "admin")
    tablet, wall = faces.tablet(station, language), faces.wall(language, line)

    tablet.hold_stop()
    cover = tablet.page.locator(".cover")
    expect(cover).to_contain_text(words.stopped)
    expect(cover.locator("time")).to_have_text(re.compile(r"0:0\d"))
    expect(cover).to_contain_text(words.recorded)
    expect(cover).to_contain_text(words.needs_contained)
    assert cover.evaluate("e => e.offsetWidth / innerWidth * e.offsetHeight / innerHeight") > 0.8
    expect(wall.locator(f"[data-tile='{line}/{process}']")).to_have_attribute("data-state", "stopped")
    expect(wall.locator(".row")).to_have_attribute("data-state", "stopped")
    expect(wall.locator(".counts .bad dd")).to_have_text("1")

    (complaint,) = floor.complaints(station, kind="stop")
    tablet.touch(tablet.button(words.arrived))
    expect(tablet.button(words.arrived)).to_have_count(0)
    floor.give(complaint["id"], "contain", what="All of the shift", where="Q-12")
    _resume(tablet, "B-nobody")
    tablet.touch(tablet.button(words.show))
    expect(tablet.page.locator("main li")).to_contain_text(words.unauthorized)
    tablet.touch(tablet.page.locator(".heading .key"))
    _resume(tablet, badge)

    band = tablet.button(words.first_good)
    expect(band).to_be_visible()
    expect(tablet.page.locator(".strip .line")).to_contain_text(words.line_runs)
    expect(wall.locator(".row")).to_have_attribute("data-state", "running")
    tablet.touch(band)
    expect(band).to_have_count(0)
    assert len(floor.journalled("first-piece", station)) == 1


def _resume(tablet: Tablet, badge: str) -> None:
    """On the red screen, by somebody who holds a badge to the scanner."""
    words = tablet.words
    tablet.touch(tablet.page.locator(".cover").get_by_role("button", name=words.resume))
    tablet.page.get_by_label(words.badge).fill(badge)
    tablet.touch(tablet.page.locator(".resume .send"))


def test_a_touch_that_is_let_go_stops_nothing(floor: Floor, faces: Faces) -> None:
    """A sleeve that brushes the button: the page says to hold on, and nothing is sent."""
    tablet = faces.tablet("stamp-1")
    stop = tablet.page.locator("button.stop")
    tablet.touch(stop)
    expect(stop).to_contain_text("Keep holding")
    expect(stop).to_contain_text("Hold to stop the line")
    assert floor.document("stamp-1")["presses"] == []


def test_the_grace_time_counts_down_in_yellow_and_can_be_overridden(floor: Floor, faces: Faces) -> None:
    """The line goes on to its fixed position; a team leader lets it run on from the desk."""
    tablet, wall = faces.tablet("run-1"), faces.wall(line="assembly")
    tablet.hold_stop()
    cover = tablet.page.locator(".cover.pending")
    expect(cover).to_contain_text("LINE WILL STOP")
    expect(cover.locator("time")).to_have_text(re.compile(r"0:[34]\d"))
    expect(wall.locator("[data-tile='assembly/run-test']")).to_have_attribute("data-state", "stop-pending")
    (complaint,) = floor.complaints("run-1")
    desk = faces.desk("lin", complaint=complaint["id"])
    desk.get_by_role("button", name="Override the stop").click()
    desk.locator("form textarea").fill("The part was changed in time")
    desk.get_by_role("button", name="Send").click()
    expect(cover).to_have_count(0)
    expect(wall.locator(".row").first).to_have_attribute("data-state", "running")
