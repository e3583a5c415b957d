"""Somebody whose password is right and who still lacks something: led there by desk and board, and in after it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from browser import Telephone
from e2e import axe
from e2e.faces import LANGUAGES, LOCALES, SIZES, WORDS, Faces
from e2e.floor import PASSWORD, Floor
from plant import RunningSystem
from playwright.sync_api import Browser, Page, expect

from threenos_server.chain import example
from threenos_server.clock import utc_now

GIVEN, OWN = "given by somebody", "what nobody else knows"
FINISH: Mapping[str, Any] = {
    "en": SimpleNamespace(
        own="Choose your own password", next="New password", show="Show what I type",
        go_on="Choose it and go on", refused="cannot be taken",
        back="Back to the sign-in", first="First password", set_first="Set the first password", is_set="is set",
        code="Code from your telephone", digits="Six digits", send="Go on", wrong="are not right", lost="is not here",
        recovery="Recovery code", again="Your present password, to change this", set_up="Set it up",
        shown="The six digits that it shows then", turn_on="Turn it on", keep="Keep these codes",
        save="Save as a file",
        kept="I have kept them", on="It is on since", wanted="Set up a second factor", take="Take the second factor",
    ),
    "zh": SimpleNamespace(
        own="设置您自己的密码", next="新密码", show="显示输入内容", go_on="设置并继续", refused="不能使用这个新密码",
        back="返回登录", first="初始密码", set_first="设置初始密码", is_set="初始密码已设置", code="手机验证码",
        digits="六位数字",
        send="继续", wrong="不正确", lost="手机不在身边", recovery="恢复码",
        again="当前密码（更改此项时需要）", set_up="设置",
        shown="应用随后显示的六位数字", turn_on="启用", keep="请保存这些恢复码", save="保存为文件",
        kept="我已保存", on="已于", wanted="设置两步验证", take="取消其两步验证",
    ),
}  # fmt: skip
SPEAKS = {"en": "en", "zh": "zh-CN"}


def hired(floor: Floor, name: str, language: str) -> str:
    """Somebody whom an administrator added and gave a password; the id."""
    roles = [{"role": "team-leader"}]
    new = {"name": name, "password": GIVEN, "roles": roles, "language": SPEAKS[language]}
    return str(floor.ask("POST", "/people", new, "admin")["id"])


def set_up(page: Page, language: str) -> Telephone:
    """Take the key that the page shows into a telephone, prove it by a first code, and keep the recovery codes."""
    words = FINISH[language]
    expect(page.locator("svg.qr")).to_be_visible()
    telephone = Telephone(page.locator(".set-up code").inner_text().replace(" ", ""))
    assert axe.findings(page) == []
    page.get_by_label(words.shown).fill("000000")
    page.get_by_role("button", name=words.turn_on).click()
    expect(page.get_by_role("alert")).to_contain_text(words.wrong)
    page.get_by_label(words.shown).fill(telephone.code(utc_now()))
    page.get_by_role("button", name=words.turn_on).click()
    expect(page.get_by_role("heading", name=words.keep)).to_be_visible()
    expect(page.locator(".recovery li")).to_have_count(10)
    telephone.recovery = page.locator(".recovery li").all_inner_texts()
    assert axe.findings(page) == []
    taken_along(page, telephone.recovery, words.save)
    page.get_by_role("button", name=words.kept).click()
    return telephone


def taken_along(page: Page, codes: list[str], save: str) -> None:
    """They are in the file that is saved; and on paper, without anything else of the page."""
    with page.expect_download() as saved:
        page.get_by_role("button", name=save).click()
    assert set(codes) < set(saved.value.path().read_text().split())
    page.emulate_media(media="print")
    expect(page.locator(".recovery li").last).to_be_visible()
    expect(page.locator("button:visible, input:visible, nav:visible")).to_have_count(0)
    page.emulate_media(media="screen")


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
    expect(page.get_by_label(words.next)).to_be_focused()
    assert axe.findings(page) == []
    page.reload()
    page.get_by_label(words.next).fill(GIVEN)
    page.get_by_role("button", name=words.go_on).click()
    expect(page.get_by_role("alert")).to_contain_text(words.refused)
    page.get_by_label(words.next).fill(OWN)
    expect(page.get_by_label(words.next)).to_have_attribute("type", "password")
    page.get_by_label(words.show).check()
    expect(page.get_by_label(words.next)).to_have_attribute("type", "text")
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_factor_is_set_up_and_asked_for(faces: Faces, floor: Floor, language: str) -> None:
    """At one's own account, by its picture or its key; then after the password, or one of the codes that were kept."""
    words, name = FINISH[language], f"factor.{language}"
    floor.hire(name, [{"role": "team-leader"}], SPEAKS[language])
    page = faces.open("desk", f"{floor.http}/desk/admin/mine", language)
    type_in(page, name, PASSWORD, language)
    page.get_by_label(words.again).fill(PASSWORD)
    page.get_by_role("button", name=words.set_up, exact=True).click()
    telephone = set_up(page, language)
    expect(page.get_by_role("status").filter(has_text=words.on)).to_be_visible()
    phone = faces.open("phone", f"{floor.http}/board", language)
    type_in(phone, name, PASSWORD, language)
    expect(phone.get_by_role("heading", name=words.code)).to_be_visible()
    assert axe.findings(phone) == []
    phone.get_by_label(words.digits).fill("000000")
    phone.get_by_role("button", name=words.send, exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text(words.wrong)
    expect(phone.get_by_label(words.digits)).to_be_focused()
    phone.get_by_label(words.digits).fill(telephone.code(utc_now() + timedelta(seconds=30)))
    phone.get_by_role("button", name=words.send, exact=True).click()
    expect(phone.locator(".sign-in")).to_have_count(0)
    other = faces.open("desk", f"{floor.http}/desk", language)
    type_in(other, name, PASSWORD, language)
    other.get_by_role("button", name=words.lost).click()
    other.get_by_label(words.recovery).fill(telephone.recovery[0])
    other.get_by_role("button", name=words.send, exact=True).click()
    expect(other.locator("header .me")).to_have_text(name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_administrator_takes_it_from_whoever_lost_the_telephone(faces: Faces, floor: Floor, language: str) -> None:
    """At the desk, after being asked once more; then the password alone lets in."""
    words, name = FINISH[language], f"lost.{language}"
    person = floor.hire(name, [{"role": "team-leader"}], SPEAKS[language])
    theirs = faces.open("desk", f"{floor.http}/desk/admin/mine", language)
    type_in(theirs, name, PASSWORD, language)
    theirs.get_by_label(words.again).fill(PASSWORD)
    theirs.get_by_role("button", name=words.set_up, exact=True).click()
    set_up(theirs, language)
    page = faces.desk("chief", language)
    expect(page.locator("header .me")).to_be_visible()
    page.goto(f"{floor.http}/desk/admin/people/{person}")
    page.get_by_role("button", name=words.take).click()
    page.locator(".note.warning .danger").click()
    expect(page.get_by_role("button", name=words.take)).to_have_count(0)
    again = faces.open("desk", f"{floor.http}/desk", language)
    type_in(again, name, PASSWORD, language)
    expect(again.locator("header .me")).to_have_text(name)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A system that asks everyone for a second factor."""
    folder: Path = tmp_path_factory.mktemp("strict")
    system = RunningSystem(folder / "data", "--second-factor", "everyone")
    try:
        (folder / "factory.yaml").write_text(example.text())
        system.threenos("chain", "import", str(folder / "factory.yaml"))
        for language in LANGUAGES:
            add = ("user", "add", f"chief.{language}", "--role", "admin", "--role", "supervisor", "--password-stdin")
            system.threenos(*add, "--language", SPEAKS[language], typed=PASSWORD + "\n")
        yield system
    finally:
        system.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_everyone_needs_one_it_is_set_up_before_anything_else(
    browser: Browser, strict: RunningSystem, language: str
) -> None:
    """The desk leads there after the password, shows the recovery codes, and opens."""
    width, height = SIZES["desk"]
    context = browser.new_context(viewport={"width": width, "height": height}, locale=LOCALES[language])
    try:
        page = context.new_page()
        page.goto(f"{strict.http}/desk")
        type_in(page, f"chief.{language}", PASSWORD, language)
        expect(page.get_by_role("heading", name=FINISH[language].wanted)).to_be_visible()
        set_up(page, language)
        expect(page.locator("header .me")).to_have_text(f"chief.{language}")
        expect(page.locator("main")).to_be_visible()
    finally:
        context.close()
