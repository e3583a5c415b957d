"""A new user, an empty system, and the code that its console printed: a drill press arrives in under five minutes."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from e2e.faces import LANGUAGES, LOCALES
from plant import THREENOS, RunningSystem, answers, end, free_port, wait_for
from playwright.sync_api import Browser, Page, expect

PROCESSES = {"en": ("Stamping", "Welding", "Painting"), "zh": ("冲压", "焊接", "涂装")}
WORDS: Mapping[str, Any] = {
    "en": SimpleNamespace(
        code="One-time code", name="Your name", password="Password, at least", become="Become the administrator",
        wrong="The code is not right", site="Name of the site", go_on="Go on", line="Name of the line",
        processes="Processes, in order", make="Make this line", customer="Final customer", twice="stands there twice",
        enrol="Enrol this station", station="Welding 1", download="Download station.toml", heard="Welding 1 is heard",
        arm="Arm the drill", practise="Practise the next press", arrived="It arrived.", end="End the drill and finish",
        listening="This plant is listening", scratched="Stamping: scratched",
    ),
    "zh": SimpleNamespace(
        code="一次性代码", name="您的姓名", password="密码，至少", become="成为管理员",
        wrong="代码不正确", site="工厂名称", go_on="继续", line="产线名称",
        processes="工序（按顺序）", make="建立这条产线", customer="最终客户", twice="出现了两次",
        enrol="登记此工位", station="焊接 1", download="下载 station.toml", heard="已收到 焊接 1 的消息",
        arm="开启演练", practise="下一次按压作为演练", arrived="已送达。", end="结束演练并完成",
        listening="这个工厂已在倾听", scratched="冲压：划伤磕碰",
    ),
}  # fmt: skip


class Beginner:
    """A person at an empty system: a browser at its desk, and the agent that the guide asks for."""

    def __init__(self, folder: Path, browser: Browser, language: str) -> None:
        self.folder, self.language, self.words = folder, language, WORDS[language]
        self.system = RunningSystem(folder / "data")
        self._agent: subprocess.Popen[bytes] | None = None
        self._context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale=LOCALES[language], timezone_id="Asia/Shanghai"
        )
        self.errors: list[str] = []

    def open(self, address: str) -> Page:
        page = self._context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{address}: {error}"))
        page.goto(address)
        return page

    def printed_code(self) -> str:
        found = re.findall(r"The code for the first who does: (\S+)", self.system.log())
        return str(found[-1])

    def run_agent(self, file: Path) -> str:
        """Start the agent with the downloaded file; where it serves its tablets."""
        port = free_port()
        file.write_text(file.read_text() + f"\n[page]\nport = {port}\n")
        command = [str(Path(THREENOS).with_name("threenos-station")), "run", "--config", str(file)]
        with (self.folder / "agent.log").open("ab") as log:
            self._agent = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for("the agent serves", lambda: answers("127.0.0.1", port))
        return f"http://127.0.0.1:{port}"

    def close(self) -> None:
        try:
            self._context.close()
            if self._agent is not None:
                end(self._agent)
        finally:
            self.system.close()


@pytest.fixture(params=LANGUAGES)
def beginner(request: pytest.FixtureRequest, tmp_path: Path, browser: Browser) -> Iterator[Beginner]:
    made = Beginner(tmp_path, browser, request.param)
    yield made
    made.close()


def test_from_an_empty_system_to_a_drill_that_arrives(beginner: Beginner) -> None:
    """The address of the server is enough to begin with; nothing but the guide's own buttons and one file is needed."""
    begun, words = monotonic(), beginner.words
    page = beginner.open(beginner.system.http)
    _become_administrator(page, words, beginner.printed_code())
    _sketch_a_line(page, words, PROCESSES[beginner.language])
    tablets = _enrol(page, words, beginner)
    page.get_by_role("button", name=words.arm).click()
    _press_a_drill(beginner.open(f"{tablets}/station/{_station(page)}"), words)
    expect(page.get_by_text(words.arrived)).to_be_visible()
    expect(page.locator(".note.good")).to_contain_text(words.scratched)
    page.get_by_role("button", name=words.end).click()
    expect(page.get_by_text(words.listening)).to_be_visible()
    assert monotonic() - begun < 300
    assert beginner.errors == []


def test_whoever_reloads_goes_on_where_they_stopped(beginner: Beginner) -> None:
    """A guide that is closed in the middle asks for nothing twice."""
    words = beginner.words
    page = beginner.open(f"{beginner.system.http}/desk")
    _become_administrator(page, words, beginner.printed_code())
    page.reload()
    _sketch_a_line(page, words, PROCESSES[beginner.language])
    expect(page.get_by_role("button", name=words.enrol)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name=words.enrol)).to_be_visible()
    assert beginner.errors == []


def _become_administrator(page: Page, words: Any, code: str) -> None:
    page.get_by_label(words.code).fill("2222-2222-2222")
    page.get_by_label(words.name).fill("Mei Lin")
    page.get_by_label(words.password).fill("a long enough password")
    page.get_by_role("button", name=words.become).click()
    expect(page.get_by_role("alert")).to_contain_text(words.wrong)
    page.get_by_label(words.code).fill(code.lower())
    page.get_by_role("button", name=words.become).click()
    expect(page.get_by_label(words.site)).to_be_visible()


def _sketch_a_line(page: Page, words: Any, processes: tuple[str, ...]) -> None:
    page.get_by_label(words.site).fill("Lakeside")
    page.get_by_role("button", name=words.go_on).click()
    page.get_by_label(words.line).fill("Line A")
    page.get_by_label(words.processes).fill("\n".join((*processes, processes[0])))
    expect(page.get_by_role("alert")).to_contain_text(words.twice)
    page.get_by_label(words.processes).fill("\n".join(processes))
    expect(page.locator(".sketch li")).to_have_text([*processes, words.customer])
    page.get_by_role("button", name=words.make).click()


def _enrol(page: Page, words: Any, beginner: Beginner) -> str:
    """Enrol the station that the guide proposes; where the agent serves its tablet."""
    page.get_by_role("button", name=words.enrol).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=words.download).click()
    file = beginner.folder / "station.toml"
    download.value.save_as(file)
    tablets = beginner.run_agent(file)
    expect(page.get_by_text(words.heard)).to_be_visible(timeout=30_000)
    page.get_by_role("button", name=words.go_on).click()
    return tablets


def _station(page: Page) -> str:
    """The station that was enrolled, as the server lists it."""
    listed = page.evaluate("async () => (await fetch('/api/v1/stations')).json()")
    return str(next(s["id"] for s in listed if s["enrolled_at"]))


def _press_a_drill(tablet: Page, words: Any) -> None:
    tablet.get_by_role("button", name=words.practise).click()
    tablet.locator("button.refuse").click()
    tablet.locator("button.tile").filter(has_text=words.scratched).first.click()
