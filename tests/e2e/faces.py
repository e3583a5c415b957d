"""The faces as people use them: a worker's tablet, a wall, a phone, a desk. Each is a page in a browser of its own."""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from e2e.floor import PASSWORD, Floor
from playwright.sync_api import Browser, Locator, Page, expect

from threenos_server.chain import example

LANGUAGES = ("en", "zh")
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
SIZES = {"tablet": (1280, 800), "wall": (1920, 1080), "phone": (390, 844), "desk": (1440, 900)}

#: The words that the stories look for, as the worker reads them.
WORDS: Mapping[str, Any] = {
    "en": SimpleNamespace(
        recorded="recorded", coming="Team leader is on the way", arrived="Arrived", contained="contained",
        on_my_way="On my way", verdict="answered – your verdict?",
        not_satisfied="Not satisfied", again="It came again", five="5 of 5 stars",
        nothing_open="No open complaint", sign_in="Sign in", name="Name", password="Password", answer="Answer",
        send="Send", stopped="LINE STOPPED", resume="Resume the line",
        needs_contained="can resume once the complaint is contained", first_good="First piece good",
        contain="Contained", badge="Badge (scan or type)", line_runs="Line runs",
        unauthorized="The badge or PIN may not do this.",
        what="What was segregated?", where="Where is it now?", show="Show",
    ),
    "zh": SimpleNamespace(
        recorded="已记录", coming="班组长正在赶来", arrived="已到场", contained="已围堵",
        on_my_way="我马上到", verdict="已答复，请评价",
        not_satisfied="不满意", again="问题又出现了", five="5 星，共 5 星",
        nothing_open="没有未关闭的投诉", sign_in="登录", name="姓名", password="密码", answer="答复",
        send="发送", stopped="产线已停", resume="恢复产线",
        needs_contained="围堵完成后才能恢复产线", first_good="首件合格", contain="已围堵",
        badge="工牌（扫码或输入）", line_runs="产线运行", unauthorized="该工牌或 PIN 无此权限。",
        what="隔离了什么？", where="现在放在哪里？", show="查看",
    ),
}  # fmt: skip

_chain = example.chain()


def called(kind: str, named: str, language: str) -> str:
    """What the chain calls a defect, process, station or line in a language."""
    return str(getattr(getattr(_chain, kind)[named].name, language))


def exactly(text: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(text)}$")


class Faces:
    """Opens faces of a floor; `close` closes them all, and says what a page complained of meanwhile."""

    def __init__(self, browser: Browser, floor: Floor) -> None:
        self._browser, self._floor = browser, floor
        self._contexts: list[Any] = []
        self.errors: list[str] = []

    def open(self, face: str, address: str, language: str) -> Page:
        width, height = SIZES[face]
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, locale=LOCALES[language], has_touch=face in ("tablet", "phone")
        )
        self._contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{address}: {error}"))
        page.goto(address)
        return page

    def tablet(self, station: str, language: str = "en") -> "Tablet":
        self._floor.heard(station)
        page = self.open("tablet", f"{self._floor.page}/station/{station}", language)
        # Before it knows its place a press is taken as well, but there is nothing to choose from.
        expect(page.locator(".chain .me dd")).not_to_have_text(station)
        return Tablet(page, language)

    def wall(self, language: str = "en", line: str = "") -> Page:
        path = f"/board/{line}" if line else "/board"
        return self.open("wall", f"{self._floor.http}{path}?token={self._floor.board_token}", language)

    def phone(self, who: str, language: str = "en") -> Page:
        page = self.open("phone", f"{self._floor.http}/board", language)
        return sign_in(page, who, language)

    def desk(self, who: str, language: str = "en", complaint: str = "") -> Page:
        path = f"/desk/complaints/{complaint}" if complaint else "/desk"
        return sign_in(self.open("desk", self._floor.http + path, language), who, language)

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        assert self.errors == []


def sign_in(page: Page, who: str, language: str) -> Page:
    words = WORDS[language]
    page.get_by_label(words.name).fill(who if language == "en" else f"{who}.{language}")
    page.get_by_label(words.password).fill(PASSWORD)
    page.get_by_role("button", name=words.sign_in).click()
    expect(page.get_by_label(words.password)).to_have_count(0)
    return page


class Tablet:
    """A worker's tablet. `touches` counts what a glove had to do."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.words, self.language = page, WORDS[language], language
        self.touches = 0

    def touch(self, what: Locator) -> None:
        what.tap()
        self.touches += 1

    def button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=text)

    def reject(self, defect: str, supplier: str | None = None) -> None:
        """From idle to sent. A supplier of None is the tile *don't know*, or no choice at all."""
        self.touches = 0
        self.touch(self.page.locator("button.refuse"))
        tiles = self.page.locator("button.tile")
        expect(tiles.first).to_be_visible()
        if self.page.locator("button.tile .pictogram").count() == 0:
            named = called("processes", supplier, self.language) if supplier else "?"
            self.touch(tiles.filter(has_text=named).first)
        self.touch(tiles.filter(has_text=called("defects", defect, self.language)).first)

    def hold_stop(self) -> None:
        """A finger on STOP until the screen turns red."""
        stop = self.page.locator("button.stop")
        stop.dispatch_event("pointerdown", {"pointerId": 1, "isPrimary": True})

    def scan(self, code: str) -> None:
        """A scanner types all of it at once; through the test's own wire each key would take as long as a thumb."""
        self.page.evaluate(
            """code => [...code, "Enter"].forEach(key =>
                document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))""",
            code,
        )

    def rows(self) -> Locator:
        """My complaints."""
        return self.page.locator(".mine .row")

    def open_newest(self) -> None:
        """The list by the key 5 of the keypad, which works while Undo covers it, and its first complaint."""
        self.page.keyboard.press("5")
        self.touch(self.page.locator(".list .row").first)

    def heard(self) -> None:
        """Wait until the page shows no band NOT HEARD and knows its station."""
        expect(self.page.locator(".not-heard")).to_have_count(0, timeout=20_000)
        # Until then the id stands in the place of the name, and REJECT sends at once: there is nothing to choose from.
        named = self.page.locator(".strip .me dd")
        expect(named).to_be_visible()
        expect(named).not_to_have_text(urlsplit(self.page.url).path.rsplit("/", 1)[-1])
