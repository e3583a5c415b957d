"""The quality engineer's desk: from the matrix to the complaint, and an address that shows the same to the next one."""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from e2e import history
from e2e.faces import LANGUAGES, Faces, called, exactly
from e2e.figures_tour import BAR, REPORTS, figures
from e2e.floor import Floor
from e2e.test_axe import Inspector
from playwright.sync_api import Browser, Locator, Page, expect

WORDS: Mapping[str, Any] = {
    "en": SimpleNamespace(
        figures="Figures", table="Table", definition="Definition and population", clear="Remove all filters",
        compare="Compare with", change="Against the compared period", beyond="beyond a limit", marked="Marked points",
        without="Ask without “Defect”", empty="Nothing was complained about", countermeasure="Countermeasure",
        juran="Juran", severity="Severity", critical="Critical", title="Title",
        begin="Begin an 8D for 2 complaints", save="Save", saved="Saved.",
        add="New action", what="What is done", owner="Owner", done="It is done", verify="Verify",
        evidence="What shows it", worked="It worked", is_verified="Verified", make="Make the pack",
    ),
    "zh": SimpleNamespace(
        figures="质量数据", table="表格", definition="定义与统计范围", clear="移除全部筛选",
        compare="对比", change="与对比期相比", beyond="超出控制限", marked="标记的点",
        without="去掉“缺陷”再查询", empty="本期没有任何投诉", countermeasure="对策生效",
        juran="朱兰", severity="严重度", critical="致命", title="标题", begin="为 2 件投诉开始 8D", save="保存",
        saved="已保存。", add="新措施", what="措施内容", owner="负责人", done="已完成", verify="验证",
        evidence="证据", worked="有效", is_verified="已验证", make="制作",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """A system that finds thirteen weeks in its database when it starts."""
    folder = tmp_path_factory.mktemp("weeks")
    history.write(folder / "data")
    floor = Floor(folder, ("leak-1",))
    yield floor
    floor.close()


@pytest.fixture
def people(browser: Browser, plant: Floor) -> Iterator[Faces]:
    opened = Faces(browser, plant)
    yield opened
    opened.close()


def opened(people: Faces, plant: Floor, page: str, language: str) -> Page:
    """A report before the quality engineer, once it has answered."""
    desk = people.desk("qian", language)
    desk.goto(f"{plant.http}/desk/reports/{page}")
    expect(desk.locator("main h1")).to_be_visible()
    return desk


def asked(page: Page) -> dict[str, list[str]]:
    """The question as it stands in the address."""
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def population(page: Page) -> Locator:
    return page.locator("main .head [role=status]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_a_cell_to_the_complaint(language: str, people: Faces) -> None:
    """The matrix comes first; a cell opens the Pareto of its defects, a bar the complaints, a complaint its page."""
    desk = people.desk("qian", language)
    desk.get_by_role("link", name=exactly(WORDS[language].figures)).click()
    row = desk.locator(".matrix tbody tr").filter(has_text=called("processes", "stamping", language))
    cell = row.locator("td a").first
    expect(cell).to_be_visible()
    count = int(cell.inner_text())
    cell.click()
    expect(desk).to_have_url(re.compile("/desk/reports/pareto"))
    assert (asked(desk)["made_at"], asked(desk)["found_at"]) == (["stamping"], ["winding"])
    expect(population(desk)).to_contain_text(f"{count}")
    desk.locator(BAR).first.click()
    expect(desk).to_have_url(re.compile("/desk/reports/complaints"))
    assert asked(desk)["defect"] == ["stack-height"]
    expect(desk.locator(".cards tbody tr")).to_have_count(min(count, 50))
    expect(desk.locator(".cards tbody")).to_contain_text(called("defects", "stack-height", language))
    desk.locator(".cards tbody a").first.click()
    expect(desk).to_have_url(re.compile(r"/desk/complaints/[0-9a-f-]{36}$"))
    expect(desk.locator("h1")).to_contain_text(called("defects", "stack-height", language))
    desk.go_back()
    expect(desk.locator(".cards tbody tr")).to_have_count(min(count, 50))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_address_holds_the_question(language: str, plant: Floor, people: Faces) -> None:
    """A filter that was chosen by the keyboard stands in the address with its days; opened anew it shows the same."""
    words = WORDS[language]
    desk = opened(people, plant, "pareto", language)
    expect(population(desk)).to_be_visible()
    expect(desk).to_have_url(re.compile(r"from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d"))
    everything = population(desk).inner_text()
    menu = desk.get_by_role("button", name=re.compile(f"^{words.severity}"))
    menu.focus()
    desk.keyboard.press("Enter")
    choice = desk.get_by_role("checkbox", name=words.critical)
    expect(choice).to_be_focused()
    desk.keyboard.press("Space")
    desk.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(population(desk)).not_to_have_text(everything)
    assert asked(desk)["severity"] == ["critical"]
    shown = re.sub(r"\d\d:\d\d", "", population(desk).inner_text())
    bars = desk.locator(".chart").get_attribute("aria-label")
    desk.reload()
    expect(population(desk)).to_be_visible()
    assert re.sub(r"\d\d:\d\d", "", population(desk).inner_text()) == shown
    expect(desk.locator(".chart")).to_have_attribute("aria-label", str(bars))
    desk.get_by_role("button", name=words.clear).click()
    expect(population(desk)).to_contain_text(re.sub(r" ·[^·]*$", "", everything))
    assert "severity" not in asked(desk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_periods_are_compared(language: str, plant: Floor, people: Faces) -> None:
    """Both are drawn to one scale, and what chance allows is said; the days of the second stand in the address."""
    words = WORDS[language]
    desk = opened(people, plant, f"pareto?{weeks_of_scratches()}", language)
    desk.get_by_label(words.compare).select_option("before")
    expect(desk.get_by_role("heading", name=words.change)).to_be_visible()
    expect(desk.locator(".period .chart")).to_have_count(2)
    assert asked(desk)["compare_to"] == asked(desk)["from"]
    desk.get_by_label(words.compare).select_option("none")
    expect(desk.locator(".period .chart")).to_have_count(1)
    assert "compare_from" not in asked(desk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_trend_names_the_rules_that_are_broken(language: str, plant: Floor, people: Faces) -> None:
    """The weeks in which machining scratched more are marked, in words; a countermeasure cuts the chart in two."""
    words = WORDS[language]
    desk = opened(people, plant, "trend?defect=scratch&step=week", language)
    expect(desk.get_by_role("heading", name=words.marked)).to_be_visible()
    expect(desk.locator(".signals")).to_contain_text(words.beyond)
    desk.locator(".own input[type=date]").fill(day(14))
    expect(desk.locator(".chart svg")).to_contain_text(words.countermeasure)
    assert asked(desk)["phase_at"] == [day(14)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_the_definition_and_the_files(language: str, plant: Floor, people: Faces, tmp_path: Path) -> None:
    """All one click away; the files are of the same question and hold the same numbers."""
    words = WORDS[language]
    desk = opened(people, plant, "pareto?made_at=stamping", language)
    desk.get_by_role("button", name=re.compile(words.table)).click()
    total = desk.locator("tfoot td").first.inner_text()
    desk.get_by_role("button", name=words.definition).click()
    expect(desk.locator("dl")).to_contain_text(words.juran)
    begins = {"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "pdf": b"%PDF"}
    for kind, first in begins.items():
        with desk.expect_download(timeout=60_000) as waiting:
            desk.locator(f"a[download][href*='format={kind}']").click()
        kept = tmp_path / f"{language}.{kind}"
        waiting.value.save_as(kept)
        assert kept.read_bytes().startswith(first), kind
    text = (tmp_path / f"{language}.csv").read_text("utf-8-sig")
    assert called("defects", "stack-height", language) in text
    assert total in text
    rows = list(csv.reader(text.splitlines()))
    for shown in desk.locator("tbody tr").all():
        name, *cells = shown.locator("th, td").all_inner_texts()
        (row,) = [r for r in rows if name in r]
        counts = {float(plain) for cell in cells if (plain := cell.replace(",", "")).isdigit()}
        assert counts
        assert counts <= {float(cell) for cell in row if re.fullmatch(r"[\d.]+", cell)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_empty_or_cannot_be_asked_says_what_to_do(language: str, plant: Floor, people: Faces) -> None:
    """An empty figure offers to take the filter away; a report that does not take a filter offers to ask without it."""
    words = WORDS[language]
    desk = opened(people, plant, "pareto?line=nowhere", language)
    expect(desk.get_by_role("heading", name=re.compile(words.empty))).to_be_visible()
    desk.locator("main .empty").get_by_role("button", name=words.clear).click()
    expect(desk.locator(".chart svg")).to_be_visible()
    desk.goto(f"{plant.http}/desk/reports/alarm-load?defect=burr")
    desk.get_by_role("alert").get_by_role("button", name=words.without).click()
    expect(desk.locator(".chart svg")).to_be_visible()
    assert "defect" not in asked(desk)


def test_every_report_fits_on_paper(plant: Floor, people: Faces) -> None:
    """On A4 nothing is cut off at the side, and what is folded away on the screen is there."""
    desk = opened(people, plant, "matrix", "en")
    desk.emulate_media(media="print")
    for name, sign in REPORTS.items():
        desk.set_viewport_size({"width": 1440, "height": 900})
        desk.goto(f"{plant.http}/desk/reports/{name}")
        desk.locator(sign).first.wait_for(state="attached")
        desk.set_viewport_size({"width": 720, "height": 1020})
        expect(desk.locator("main dl").first).to_be_visible()
        assert desk.evaluate("document.documentElement.scrollWidth") <= 720, name


def test_nothing_keeps_somebody_with_another_body_out(browser: Browser, plant: Floor) -> None:
    """Every report, the list, the filter, the comparison, what is empty, what fails: nothing serious."""
    inspector = Inspector(browser, plant)
    figures(inspector)
    assert {"figures matrix en", "figures filter zh", "figures trouble zh"} <= set(inspector.seen)
    assert inspector.found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_8d_is_begun_from_the_complaints_of_a_cluster(language: str, plant: Floor, people: Faces) -> None:
    """Two complaints are chosen; the 8D says what keeps it from closing, and is kept with its action and as a file."""
    words = WORDS[language]
    desk = opened(people, plant, "complaints?made_at=stamping", language)
    for n in (0, 1):
        desk.locator(".cards tbody input").nth(n).check()
    desk.get_by_label(words.title).fill("Stack height")
    desk.get_by_role("button", name=words.begin).click()
    expect(desk.get_by_role("heading", name="Stack height")).to_be_visible()
    missing = desk.locator(".missing li")
    expect(missing).to_have_count(8)
    desk.get_by_label("D3").fill("All stacks of lot 7 are held")
    desk.get_by_role("button", name=words.save, exact=True).click()
    expect(desk.get_by_role("status")).to_have_text(words.saved)
    expect(missing).to_have_count(7)
    begin_action(desk, words, "Measure the die")
    expect(desk.locator(".action")).to_contain_text("Measure the die")
    desk.reload()
    expect(desk.get_by_label("D3")).to_have_value("All stacks of lot 7 are held")
    with desk.expect_download(timeout=60_000) as waiting:
        desk.get_by_role("link", name="PDF").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_action_is_done_and_verified(language: str, plant: Floor, people: Faces) -> None:
    """Who did it cannot verify it, and is told so; somebody else says what shows that it worked."""
    words, what = WORDS[language], f"Sharpen the tool {language}"
    desk = opened(people, plant, "actions", language)
    begin_action(desk, words, what)
    row = desk.locator(".action").filter(has_text=what)
    row.get_by_role("button", name=words.done).click()
    for page, who in ((desk, "qian"), (people.desk("sun", language), "sun")):
        if who == "sun":
            page.goto(f"{plant.http}/desk/reports/actions")
        row = page.locator(".action").filter(has_text=what)
        row.get_by_role("button", name=words.verify).click()
        row.get_by_label(words.evidence).fill("Four weeks without a scratch")
        row.get_by_role("button", name=words.worked).click()
        if who == "qian":
            expect(row.get_by_role("alert")).to_be_visible()
    expect(row).to_contain_text(words.is_verified)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_review_pack_is_made_and_fetched(language: str, plant: Floor, people: Faces) -> None:
    """One line and week; its files are there as soon as it is made."""
    words, line = WORDS[language], {"en": "housing", "zh": "motor"}[language]
    desk = opened(people, plant, "packs", language)
    desk.locator("form select").first.select_option(line)
    desk.get_by_role("button", name=words.make).click()
    pack = desk.locator(".rows li").filter(has_text=called("lines", line, language))
    expect(pack).to_be_visible(timeout=60_000)
    with desk.expect_download(timeout=60_000) as waiting:
        pack.get_by_role("link", name=re.compile("PDF")).first.click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF")


def begin_action(desk: Page, words: Any, what: str) -> None:
    desk.get_by_role("button", name=words.add).click()
    desk.get_by_label(words.what, exact=True).last.fill(what)
    desk.get_by_label(words.owner, exact=True).fill("Wang")
    desk.locator("input[type=date][min]").fill(day(-7))
    desk.get_by_role("button", name=words.save, exact=True).last.click()


def weeks_of_scratches() -> str:
    """The weeks in which machining was worse."""
    return f"from={day(35)}&to={day(14)}&defect=scratch"


def day(before: int) -> str:
    """A day of the plant, so many before today."""
    return (datetime.now(UTC).astimezone(history.TZ).date() - timedelta(days=before)).isoformat()
