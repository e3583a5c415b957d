"""The chain editor as a quality engineer uses it, against a real server, in both languages."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from e2e import axe
from e2e.faces import LANGUAGES, LOCALES, SIZES, called
from e2e.floor import PASSWORD
from plant import RunningSystem, wait_for
from playwright.sync_api import Browser, Locator, Page, expect

from threenos_server.chain import document, example, xlsx
from threenos_server.demo.asking import Asking

WORDS: Mapping[str, Any] = {
    "en": SimpleNamespace(
        name="Name", password="Password", sign_in="Sign in", none="No problem found", circle="go round in a circle",
        undo="Undo", redo="Redo", publish="Publish", go="Publish version", done="is published", owner="Owner",
        own_name="Name in English", kept="Draft kept on this device", add="Add process", faster="Somebody was faster",
        on_top="Put my changes on top", both="Both of you changed this", versions="Versions", differs="What differs",
        take="Take as draft", import_="Import", choose="Choose a file", wrong="has errors", line="line 3",
        export="Export", draft="is your draft now", begin="Begin", empty="No process yet",
        look="You can look at everything",
        other_name="Name in Chinese", add_customer="Add customer…", discard="Discard draft",
    ),
    "zh": SimpleNamespace(
        name="姓名", password="密码", sign_in="登录", none="未发现问题", circle="形成了循环",
        undo="撤销", redo="重做", publish="发布", go="发布版本", done="已发布", owner="负责角色",
        own_name="中文名称", kept="草稿已保存在本设备", add="添加工序", faster="有人先一步发布了",
        on_top="把我的更改放在版本", both="双方都改了", versions="版本", differs="与现在的差别",
        take="取为草稿", import_="导入", choose="选择文件", wrong="有错误", line="第 3 行", export="导出",
        draft="现在是您的草稿", begin="开始", empty="还没有工序", look="您可以查看全部内容",
        other_name="英文名称", add_customer="添加客户方…", discard="放弃草稿",
    ),
}  # fmt: skip
ROLES = {"qian": "quality-engineer", "sun": "supervisor"}


class Works:
    """A system with people and perhaps the example chain, and the pages that were opened on it."""

    def __init__(self, folder: Path, browser: Browser, *, chain: bool) -> None:
        self.system = RunningSystem(folder / "data")
        self._browser, self._contexts = browser, list[Any]()
        self.errors: list[str] = []
        try:
            if chain:
                (folder / "factory.yaml").write_text(example.text())
                self.system.threenos("chain", "import", str(folder / "factory.yaml"))
            self._hire()
        except BaseException:
            self.system.close()
            raise

    def _hire(self) -> None:
        self.system.threenos("user", "add", "admin", "--role", "admin", "--password-stdin", typed=PASSWORD + "\n")
        self.admin = Asking(self.system.http)
        self.admin.sign_in("admin", PASSWORD)
        for name, role in ROLES.items():
            for language in LANGUAGES:
                speaks = {"en": "en", "zh": "zh-CN"}[language]
                add = ("user", "add", f"{name}.{language}", "--role", role, "--language", speaks, "--password-stdin")
                self.system.threenos(*add, typed=PASSWORD + "\n")

    def open(self, language: str, who: str = "qian") -> Page:
        """The page of somebody who has just signed in."""
        width, height = SIZES["desk"]
        context = self._browser.new_context(viewport={"width": width, "height": height}, locale=LOCALES[language])
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.extend(x for x in [said.text] if "Content Security" in x))
        page.goto(f"{self.system.http}/desk/chain")
        words = WORDS[language]
        page.get_by_label(words.name).fill(f"{who}.{language}")
        page.get_by_label(words.password).fill(PASSWORD)
        page.get_by_role("button", name=words.sign_in).click()
        expect(page.locator(".chain")).to_be_visible()
        return page

    def published(self) -> Any:
        """The document that counts."""
        return self.admin.ask("GET", "/api/v1/chain")[1]

    def republish(self, **fields: str) -> None:
        """Somebody else changes the owners of processes; `leak_test` is leak-test."""
        document = self.published()
        for process in document["processes"]:
            process["owner"] = fields.get(process["id"].replace("-", "_"), process["owner"])
        assert self.admin.ask("PUT", "/api/v1/chain", document)[0] == 200

    def close_pages(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()
        assert self.errors == []


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Works]:
    made = Works(tmp_path_factory.mktemp("works"), browser, chain=True)
    yield made
    made.system.close()


@pytest.fixture
def works(running: Works) -> Iterator[Works]:
    yield running
    running.close_pages()


def node(page: Page, process: str) -> Locator:
    return page.locator(f"[data-process='{process}']")


def tool(page: Page, name: str) -> Locator:
    return page.locator(".tools").get_by_role("button", name=name)


def drag(page: Page, start: str, end: str) -> None:
    """With a hand that moves."""
    boxes = [node(page, process).bounding_box() for process in (start, end)]
    (x, y), (to_x, to_y) = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
    page.mouse.move(to_x, to_y)
    page.mouse.up()


def publish(page: Page, language: str) -> None:
    words = WORDS[language]
    tool(page, words.publish).click()
    page.get_by_role("dialog").get_by_role("button", name=words.go).click()
    expect(page.get_by_text(re.compile(words.done))).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_that_closes_a_circle_is_lit_and_undone(language: str, works: Works) -> None:
    """Drag from the last step to the first: the problem is told in words, leads to its place, and Undo mends it."""
    words, page = WORDS[language], works.open(language)
    expect(page.locator(".problems")).to_contain_text(words.none)
    drag(page, "packing", "die-casting")
    problem = page.locator(".problems li button")
    expect(problem).to_contain_text(words.circle)
    expect(problem).to_contain_text(called("processes", "die-casting", language))
    problem.click()
    expect(page.locator(".node[data-lit='error']")).to_have_count(8)
    expect(page.locator("svg g.error")).to_have_count(8)
    tool(page, words.publish).click()
    expect(page.get_by_role("dialog").get_by_role("button", name=words.go)).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator(".problems")).to_contain_text(words.none)
    tool(page, words.redo).click()
    expect(problem).to_contain_text(words.circle)
    tool(page, words.undo).click()
    expect(tool(page, words.publish)).to_be_disabled()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_outlives_a_reload_and_is_published_with_its_difference(language: str, works: Works) -> None:
    """A new process with names, a customer and a station; kept on the device; the difference; then everybody has it."""
    words, page = WORDS[language], works.open(language)
    name = {"en": "Painting", "zh": "Coating"}[language]
    tool(page, words.add).click()
    english = page.get_by_label({"en": words.own_name, "zh": words.other_name}[language])
    english.fill(name)
    english.press("Tab")
    painting = node(page, name.lower())
    expect(painting).to_be_visible()
    page.get_by_role("combobox", name=words.add_customer).select_option("packing")
    # Without a pause: what is typed last is kept when the page goes.
    page.reload()
    expect(painting).to_be_visible()
    expect(page.locator(".bar")).to_contain_text(words.kept)
    tool(page, words.publish).click()
    difference = page.get_by_role("dialog").locator(".difference > li")
    expect(difference).to_have_count(2)
    expect(difference.last).to_contain_text(called("processes", "packing", language))
    page.keyboard.press("Escape")
    publish(page, language)
    expect(tool(page, words.publish)).to_be_disabled()
    found = works.published()
    assert name.lower() in [process["id"] for process in found["processes"]]
    assert [(x["customer"], x["relation"]) for x in found["links"] if x["supplier"] == name.lower()] == [
        ("packing", "process")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_who_change_the_chain_at_once_lose_nothing(language: str, works: Works) -> None:
    """Somebody publishes first: their change is shown, mine is kept, both are in what I publish on top."""
    words, page = WORDS[language], works.open(language)
    owners = {"en": ("director", "supervisor"), "zh": ("team-leader", "supervisor")}[language]
    node(page, "washing").click()
    page.get_by_label(words.owner).select_option("quality-engineer" if language == "en" else "team-leader")
    node(page, "trimming").click()
    page.get_by_label(words.owner).select_option(owners[0])
    works.republish(leak_test=owners[0], trimming=owners[1])
    dialog = page.get_by_role("dialog", name=words.faster)
    expect(dialog).to_contain_text(called("processes", "leak-test", language))
    expect(dialog).to_contain_text(words.both)
    dialog.get_by_role("button", name=words.on_top).click()
    publish(page, language)
    now = {process["id"]: process["owner"] for process in works.published()["processes"]}
    mine = "quality-engineer" if language == "en" else "team-leader"
    assert (now["washing"], now["leak-test"], now["trimming"]) == (mine, owners[0], owners[0])


def test_who_did_not_change_anything_follows_what_is_published(works: Works) -> None:
    """A page that only looks shows the new version by itself, without a question."""
    page = works.open("en", "sun")
    node(page, "machining").click()
    works.republish(machining="team-leader")
    expect(page.get_by_label("Owner")).to_have_value("team-leader")
    expect(page.get_by_label("Owner")).to_be_disabled()
    expect(page.locator(".bar")).to_contain_text(WORDS["en"].look)
    expect(tool(page, "Publish")).to_have_count(0)
    drawn = page.locator("svg g.process").count()
    drag(page, "packing", "die-casting")
    expect(page.locator("svg g.process")).to_have_count(drawn)


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_of_the_command_line_come_in_and_go_out(language: str, works: Works, tmp_path: Path) -> None:
    """A YAML with errors is told line by line and changes nothing; a workbook becomes the draft; both are exported."""
    words, page = WORDS[language], works.open(language)
    tool(page, words.import_).click()
    bad = b"site: {id: lakeside, timezone: UTC}\nprocesses:\n- {id: Not An Id}\n"
    chosen = page.get_by_label(words.choose)
    chosen.set_input_files({"name": "bad.yaml", "mimeType": "application/yaml", "buffer": bad})
    expect(page.get_by_role("dialog")).to_contain_text(words.wrong)
    expect(page.get_by_role("dialog")).to_contain_text(words.line)
    text = example.text().replace("Run test", "Endurance run")
    workbook = xlsx.to_xlsx(document.check(document.from_yaml(text)).sound())
    chosen.set_input_files({"name": "factory.xlsx", "mimeType": "application/x", "buffer": workbook})
    expect(page.locator(".said")).to_contain_text(words.draft)
    tool(page, words.export).click()
    rows = page.get_by_role("dialog").locator(".row-head")
    for form in ("yaml", "xlsx"):
        with page.expect_download() as draft:
            rows.first.get_by_role("button", name=form.upper()).click()
        draft.value.save_as(tmp_path / f"draft.{form}")
        with page.expect_download() as published:
            rows.last.get_by_role("link", name=form.upper()).click()
        published.value.save_as(tmp_path / f"published.{form}")
    draft_text = (tmp_path / "draft.yaml").read_text()
    assert "Endurance run" in draft_text and "Endurance run" not in (tmp_path / "published.yaml").read_text()
    wanted = document.check(document.from_yaml(text)).sound()
    assert document.check(document.from_yaml(draft_text)).sound() == wanted
    assert document.check(xlsx.from_xlsx((tmp_path / "draft.xlsx").read_bytes())).sound() == wanted
    page.keyboard.press("Escape")
    tool(page, words.discard).click()
    page.get_by_role("dialog").get_by_role("button", name=words.discard).click()
    expect(tool(page, words.publish)).to_be_disabled()


def test_an_older_version_is_shown_and_taken_as_draft(works: Works) -> None:
    """Every version stays: what differs from now is shown, and one click makes it the draft."""
    works.republish(stamping="director")
    page, words = works.open("en"), WORDS["en"]
    tool(page, words.versions).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=words.differs).first.click()
    expect(dialog.locator(".difference")).to_contain_text("Workshop director")
    dialog.get_by_role("button", name=words.take).first.click()
    node(page, "stamping").click()
    expect(page.get_by_label(words.owner)).to_have_value("process-owner")
    expect(tool(page, words.publish)).to_be_enabled()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_use_it(language: str, works: Works) -> None:
    """Nothing serious for a screen reader on any part of it; and keys alone choose a process and link it."""
    words, page = WORDS[language], works.open(language)
    node(page, "stamping").focus()
    page.keyboard.press("Enter")
    assert axe.findings(page) == []
    page.get_by_role("combobox", name=words.add_customer).select_option("washing")
    expect(page.locator(".difference")).to_have_count(0)
    for tab in page.locator(".side nav button").all()[1:]:
        tab.click()
        assert axe.findings(page) == [], tab.inner_text()
    page.locator(".side nav button").nth(2).click()
    page.locator(".side li .head").first.click()
    assert axe.findings(page) == []
    tool(page, words.publish).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe.findings(page) == []


def test_an_empty_system_says_what_to_do_next(tmp_path: Path, browser: Browser) -> None:
    """Without a chain the page asks for the plant's name, then for the first process, and publishes version 1."""
    empty = Works(tmp_path, browser, chain=False)
    try:
        page, words = empty.open("en"), WORDS["en"]
        page.get_by_label("Name in English").fill("Small Plant")
        page.get_by_label("Id").fill("small")
        assert axe.findings(page) == []
        page.get_by_role("button", name=words.begin).click()
        expect(page.locator(".room")).to_contain_text(words.empty)
        page.get_by_role("button", name="Lines", exact=True).click()
        page.get_by_role("button", name="Add line").click()
        tool(page, words.add).click()
        expect(page.locator(".problems")).to_contain_text("has no customer")
        drag(page, "process-1", "final-customer")
        expect(page.locator(".problems")).to_contain_text("No link reaches")
        publish(page, "en")
        wait_for("the chain is there", lambda: empty.published().get("site", {}).get("id") == "small")
        assert json.dumps(empty.published()["links"]).count("final-customer") == 1
        empty.close_pages()
    finally:
        empty.system.close()
