"""The tag on goods that are held."""

import re

import pytest
from e2e.faces import LANGUAGES, WORDS, Faces, called
from e2e.floor import Floor
from playwright.sync_api import Page, expect

TAG = {"en": "Hold tag", "zh": "隔离标签"}
#: Points, as a printer counts: 105 × 148 and 210 × 297 mm.
PAPER = {"a6": (297.6, 419.5), "a4": (595.3, 841.9)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tag_is_offered_when_the_goods_are_contained_and_prints_on_one_label(
    language: str, floor: Floor, faces: Faces
) -> None:
    """It says in both languages what is held, where, how many and why, and its code opens the complaint."""
    words = WORDS[language]
    complaint = floor.press("motor-1", "reject", defect="turned-round", supplier="winding", qty=12)
    floor.press("motor-1", "arrive", complaint=complaint)
    desk = faces.desk("sun", language, complaint)
    desk.get_by_role("button", name=words.contain, exact=True).click()
    desk.locator("form textarea").fill("Two pallets")
    desk.locator("form input").nth(0).fill("Q-12")
    desk.locator("form input").nth(1).fill("48")
    desk.get_by_role("button", name=words.send).click()
    desk.get_by_role("status").get_by_role("link", name=TAG[language]).click()
    face = desk.locator(".face")
    for text in ("HOLD", "隔离", "Two pallets", "Q-12", "12 · ", "48", complaint.replace("-", "")[-4:].upper()):
        expect(face).to_contain_text(text)
    for either in LANGUAGES:
        expect(face).to_contain_text(called("defects", "turned-round", either))
        expect(face).to_contain_text(called("processes", "winding", either))
    code = face.locator("svg[role=img]")
    expect(code).to_have_accessible_name(re.compile(re.escape(f"{floor.http}/desk/complaints/{complaint}") + "$"))
    _is_printed_on(PAPER["a6"], desk)
    desk.get_by_role("button", name="A4").click()
    _is_printed_on(PAPER["a4"], desk)


def test_nothing_is_held_before_it_is_contained(floor: Floor, faces: Faces) -> None:
    """The address of a tag says what is missing instead of printing an empty one."""
    complaint = floor.press("motor-1", "reject", defect="varnish-drops")
    desk = faces.desk("sun", complaint=complaint)
    expect(desk.get_by_role("link", name="Hold tag")).to_have_count(0)
    desk.goto(f"{floor.http}/desk/complaints/{complaint}/tag")
    expect(desk.locator(".note")).to_contain_text("There is nothing to hold yet")
    expect(desk.locator(".face")).to_have_count(0)


def _is_printed_on(paper: tuple[float, float], page: Page) -> None:
    """One page of that size; a browser rounds it to whole pixels."""
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    ((width, height),) = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert abs(float(width) - paper[0]) < 1
    assert abs(float(height) - paper[1]) < 1
