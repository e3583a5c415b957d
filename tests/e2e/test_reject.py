"""The whole life of a rejection, as the people live it, in both languages."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from e2e.faces import LANGUAGES, WORDS, Faces, Tablet, called
from e2e.floor import Floor
from playwright.sync_api import Page, expect

#: A station and a defect for each language, so that no story adds to the complaint of the other.
STORY = {"en": ("pump-1", "turned-round"), "zh": ("pump-2", "bearing-noise")}
CLOCK = re.compile(r"\d:\d\d")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rejection_from_the_press_to_the_stars(language: str, floor: Floor, faces: Faces) -> None:
    """Three touches; then everybody sees in words how far it is, until the worker is satisfied."""
    station, defect = STORY[language]
    name, words = called("defects", defect, language), WORDS[language]
    tablet, wall, phone = faces.tablet(station, language), faces.wall(language), faces.phone("lin", language)
    tablet.reject(defect, "motor-assembly")
    assert tablet.touches == 3
    undo = tablet.page.locator(".undo")
    expect(undo).to_contain_text(name)
    expect(undo).to_contain_text(words.recorded)
    assert undo.locator(".ticks path").count() == 2

    _on_the_board(wall, language, station, name)
    alarm = phone.locator(".alarm").filter(has_text=name)
    alarm.get_by_role("button", name=words.on_my_way).tap()
    expect(undo).to_contain_text(words.coming)
    expect(wall.locator(".who").filter(has_text=words.coming).first).to_be_visible()

    _comes_and_contains(tablet, phone, name)
    (complaint,) = floor.complaints(station)
    _answer(faces, language, complaint["id"], "The clamp was worn")
    _decline(tablet, name)
    expect(tablet.rows().first).to_contain_text(words.contained)
    _answer(faces, language, complaint["id"], "The locating pin was worn")
    _accept(tablet, name)
    expect(tablet.page.locator(".mine")).to_contain_text(words.nothing_open)
    closed = floor.complaint(complaint["id"])
    assert (closed["state"], closed["rating"], closed["made_at"]) == ("closed", 5, "motor-assembly")


def _on_the_board(wall: Page, language: str, station: str, name: str) -> None:
    """The finder's tile has the defect, whom it is charged to, an arrow there, and a clock that runs."""
    tile = wall.locator("[data-tile='assembly/pump-assembly']")
    expect(tile).to_have_attribute("data-state", "called")
    expect(tile).to_contain_text(name)
    expect(tile.locator("time")).to_have_text(CLOCK)
    expect(wall.locator(".hero")).to_contain_text(called("stations", station, language))
    expect(wall.locator("svg path.charge")).not_to_have_count(0)
    before = wall.locator(".hero time").inner_text()
    expect(wall.locator(".hero time")).not_to_have_text(before)


def _comes_and_contains(tablet: Tablet, phone: Page, name: str) -> None:
    """Arrived is pressed at the station, contained on the phone."""
    words = tablet.words
    tablet.open_newest()
    tablet.touch(tablet.button(words.arrived).first)
    alarm = phone.locator(".alarm").filter(has_text=name)
    alarm.get_by_role("button", name=words.contain).tap()
    alarm.get_by_label(words.what).fill("Two pallets")
    alarm.get_by_label(words.where).fill("Q-12")
    alarm.get_by_role("button", name=words.send).tap()
    expect(alarm).to_have_count(0)
    expect(phone.get_by_role("status").get_by_role("link")).to_have_attribute("href", re.compile("/tag$"))
    expect(tablet.page.locator(".steps .done")).to_have_count(5)


def _answer(faces: Faces, language: str, complaint: str, cause: str) -> None:
    """Whoever answers for the process that is charged finds it in the queue, and answers."""
    desk = faces.desk("wang", language)
    words = WORDS[language]
    desk.locator(f"tr:has-text('{called('defects', STORY[language][1], language)}') .link").first.click()
    assert complaint in desk.url
    desk.get_by_role("button", name=words.answer, exact=True).click()
    form = desk.locator("form")
    for i, text in enumerate((cause, "No check after the change of tool", "New pin, checked each shift")):
        form.locator("textarea").nth(i).fill(text)
    form.locator("input").first.fill("Ma")
    form.locator("input[type=date]").fill((datetime.now(UTC) + timedelta(days=3)).date().isoformat())
    form.get_by_role("button", name=words.send).click()
    expect(form).to_have_count(0)
    expect(desk.locator(".facts")).to_contain_text(cause)


def _decline(tablet: Tablet, name: str) -> None:
    words = tablet.words
    expect(tablet.page.locator("h1")).to_contain_text(name)
    expect(tablet.page.locator(".answer")).to_contain_text("The clamp was worn")
    tablet.touch(tablet.button(words.not_satisfied))
    tablet.touch(tablet.button(words.again))


def _accept(tablet: Tablet, name: str) -> None:
    words = tablet.words
    expect(tablet.rows().first).to_contain_text(words.verdict)
    tablet.touch(tablet.rows().first)
    expect(tablet.page.locator("h1")).to_contain_text(name)
    tablet.touch(tablet.page.locator(".answer .yes"))
    tablet.touch(tablet.button(words.five))
