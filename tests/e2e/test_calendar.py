"""The work calendar at the desk."""

from collections.abc import Iterator

import pytest
from e2e.faces import LANGUAGES, Faces
from e2e.floor import Floor
from playwright.sync_api import Page, expect

WORDS = {
    "en": ("Save", "Saved", "Add a break", "Add a holiday", "do not lie within", "Somebody changed the chain"),
    "zh": ("保存", "已保存", "添加休息", "添加节假日", "不在班次之内", "期间有人更改了链条"),
}


@pytest.fixture(autouse=True)
def calendar_as_it_was(floor: Floor) -> Iterator[None]:
    before = floor.ask("GET", "/calendar")["calendar"]
    yield
    floor.ask("PATCH", "/calendar", before, "chief")


def opened(faces: Faces, floor: Floor, language: str, who: str = "qian") -> Page:
    desk = faces.desk(who, language)
    desk.goto(f"{floor.http}/desk/admin/calendar")
    expect(desk.locator("fieldset")).to_have_count(3)
    return desk


@pytest.mark.parametrize("language", LANGUAGES)
def test_shifts_breaks_and_holidays_are_changed_as_one(language: str, floor: Floor, faces: Faces) -> None:
    """What would be refused is told before it is sent; saved, it is what rosters and clocks go by."""
    save, saved, add_break, add_holiday, outside, _ = WORDS[language]
    desk = opened(faces, floor, language)
    late = desk.locator("fieldset").nth(1)
    late.locator("input[type=time]").nth(1).fill("21:30")
    late.locator("input[type=checkbox]").nth(5).check()
    late.get_by_role("button", name=add_break).click()
    late.locator("input[type=time]").nth(-2).fill("22:10")
    late.locator("input[type=time]").nth(-1).fill("22:20")
    desk.get_by_role("button", name=save, exact=True).click()
    expect(desk.get_by_role("alert")).to_contain_text(outside)
    late.locator("input[type=time]").nth(-2).fill("20:30")
    late.locator("input[type=time]").nth(-1).fill("20:40")
    desk.locator("form input[type=date]").nth(0).fill("2031-02-03")
    desk.locator("form input[type=date]").nth(1).fill("2031-02-05")
    desk.get_by_role("button", name=add_holiday).click()
    desk.get_by_role("button", name=save, exact=True).click()
    expect(desk.get_by_role("status")).to_contain_text(saved)
    calendar = floor.ask("GET", "/calendar")["calendar"]
    shift = calendar["shifts"][1]
    assert (shift["until"], shift["days"][-1], shift["breaks"][-1]) == ("21:30", "sat", "20:30-20:40")
    assert calendar["holidays"][-1] == "2031-02-03..2031-02-05"


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_was_slower_is_told_and_keeps_the_draft(language: str, floor: Floor, faces: Faces) -> None:
    """Nothing is overwritten unseen; saving again is a choice."""
    save, saved, *_, faster = WORDS[language]
    desk = opened(faces, floor, language)
    holidays = floor.ask("GET", "/calendar")["calendar"]["holidays"]
    floor.ask("PATCH", "/calendar", {"holidays": [*holidays, "2032-01-01"]}, "chief")
    early = desk.locator("fieldset").first.locator("input[type=time]").first
    early.fill("05:30")
    desk.get_by_role("button", name=save, exact=True).click()
    expect(desk.get_by_role("alert")).to_contain_text(faster)
    expect(early).to_have_value("05:30")
    assert floor.ask("GET", "/calendar")["calendar"]["shifts"][0]["from"] == "06:00"
    desk.get_by_role("button", name=save, exact=True).click()
    expect(desk.get_by_role("status")).to_contain_text(saved)
    assert floor.ask("GET", "/calendar")["calendar"]["shifts"][0]["from"] == "05:30"


def test_who_may_not_change_it_reads_it(floor: Floor, faces: Faces) -> None:
    """A team leader sees the shifts and nothing to save with."""
    desk = opened(faces, floor, "en", "lin")
    expect(desk.locator("fieldset input").first).to_be_disabled()
    expect(desk.get_by_role("button", name="Save")).to_have_count(0)
