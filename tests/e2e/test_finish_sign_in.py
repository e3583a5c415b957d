"""Somebody whose password is right and who still lacks something: led there by desk and board, and in after it."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from e2e import axe
from e2e.faces import LANGUAGES, WORDS, Faces
from e2e.floor import Floor
from playwright.sync_api import Page, expect

GIVEN, OWN = "given by somebody", "what nobody else knows"
FINISH: Mapping[str, Any] = {
    "en": SimpleNamespace(
        own="Choose your own password", next="New password", go_on="Choose it and go on", refused="cannot be taken",
        back="Back to the sign-in", first="First password", set_first="Set the first password", is_set="is set",
    ),
    "zh": SimpleNamespace(
        own="设置您自己的密码", next="新密码", go_on="设置并继续", refused="不能使用这个新密码", back="返回登录",
        first="初始密码", set_first="设置初始密码", is_set="初始密码已设置",
    ),
}  # fmt: skip
SPEAKS = {"en": "en", "zh": "zh-CN"}


def hired(floor: Floor, name: str, language: str) -> str:
    """Somebody whom an administrator added and gave a password; the id."""
    roles = [{"role": "team-leader"}]
    new = {"name": name, "password": GIVEN, "roles": roles, "language": SPEAKS[language]}
    return str(floor.ask("POST", "/people", new, "admin")["id"])


def type_in(page: Page, name: str, password: str, language: str) -> None:
    """Name and password, and send them."""
    page.get_by_label(WORDS[language].name).fill(name)
    page.get_by_label(WORDS[language].password).fill(password)
    page.get_by_role("button", name=WORDS[language].sign_in).click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_given_password_leads_to_choosing_an_own_one(faces: Faces, floor: Floor, language: str) -> None:
    """Before anything else, after a reload too; the given one is refused, the own one opens the desk at once."""
    words = FINISH[language]
    hired(floor, f"new.{language}", language)
    page = faces.open("desk", f"{floor.http}/desk", language)
    type_in(page, f"new.{language}", GIVEN, language)
    expect(page.get_by_role("heading", name=words.own)).to_be_visible()
    assert axe.findings(page) == []
    page.reload()
    page.get_by_label(words.next).fill(GIVEN)
    page.get_by_role("button", name=words.go_on).click()
    expect(page.get_by_role("alert")).to_contain_text(words.refused)
    page.get_by_label(words.next).fill(OWN)
    page.get_by_role("button", name=words.go_on).click()
    expect(page.locator("header .me")).to_have_text(f"new.{language}")
    expect(page.locator("main")).to_be_visible()
    expect(page.locator(".sign-in")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_at_the_board_leads_there_too(faces: Faces, floor: Floor, language: str) -> None:
    """And back to the sign-in, for whoever wants to be somebody else."""
    words = FINISH[language]
    hired(floor, f"phone.{language}", language)
    page = faces.open("phone", f"{floor.http}/board", language)
    type_in(page, f"phone.{language}", GIVEN, language)
    expect(page.get_by_role("heading", name=words.own)).to_be_visible()
    page.get_by_role("button", name=words.back).click()
    type_in(page, f"phone.{language}", GIVEN, language)
    page.get_by_label(words.next).fill(OWN)
    page.get_by_role("button", name=words.go_on).click()
    expect(page.locator(".sign-in")).to_have_count(0)
    expect(page.locator("main")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_administrator_gives_a_first_password_at_the_desk(faces: Faces, floor: Floor, language: str) -> None:
    """To somebody who forgot the own one; whoever looks at the own page is led to the own account instead."""
    words = FINISH[language]
    person = hired(floor, f"forgot.{language}", language)
    page = faces.desk("chief", language)
    expect(page.locator("header .me")).to_be_visible()
    page.goto(f"{floor.http}/desk/admin/people/{person}")
    page.get_by_label(words.first).fill("given once more")
    page.get_by_role("button", name=words.set_first).click()
    expect(page.get_by_role("status").filter(has_text=words.is_set)).to_be_visible()
    theirs = faces.open("desk", f"{floor.http}/desk", language)
    type_in(theirs, f"forgot.{language}", "given once more", language)
    expect(theirs.get_by_role("heading", name=words.own)).to_be_visible()
    chiefs = {p["name"]: p["id"] for p in floor.ask("GET", "/people?q=chief", who="sun")["people"]}
    page.goto(f"{floor.http}/desk/admin/people/{chiefs['chief' if language == 'en' else 'chief.zh']}")
    page.locator("main .note a").click()
    expect(page).to_have_url(f"{floor.http}/desk/admin/mine")
