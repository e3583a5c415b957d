"""The pages by which a plant is looked after: stations, quarantine, rosters, drills."""

import re
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from e2e.faces import LANGUAGES, Faces, called
from e2e.floor import Floor
from e2e.raw_station import RawStation
from plant import wait_for
from playwright.sync_api import Locator, Page, expect

from threenos_server.clock import utc_now
from threenos_wire.instants import format_instant

WORDS: Mapping[str, Any] = {
    "en": SimpleNamespace(
        heard="Heard", online="online", last="Last heard", outbox="Waiting there", clock="Its clock", ahead="ahead",
        holes="Never came", enrol="Enrol", credentials="Credentials", enrolled="enrolled",
        look="Look", retry="Try again", discard="Discard", reason="Reason", discarded="given up", settled="Settled",
        still="still", add="Put somebody on the roster", save="Save", written="The roster is written",
        stands="stands in for", arm="Arm a drill", end="End the drill", armed="drill armed",
    ),
    "zh": SimpleNamespace(
        heard="收听", online="在线", last="最近收到", outbox="积压", clock="时钟", ahead="快",
        holes="未收到", enrol="登记", credentials="凭据", enrolled="已登记", look="查看", retry="重试",
        discard="放弃", reason="理由", discarded="已放弃", settled="已处理", still="仍然",
        add="安排值班", save="保存", written="排班已", stands="替代",
        arm="开启演练", end="结束演练", armed="演练已开启",
    ),
}  # fmt: skip


def opened(faces: Faces, floor: Floor, page: str, language: str, who: str = "chief") -> Page:
    desk = faces.desk(who, language)
    desk.goto(f"{floor.http}/desk/admin/{page}")
    expect(desk.locator("main h1")).to_be_visible()
    return desk


def cell(row: Locator, label: str) -> Locator:
    return row.locator(f"td[data-label='{label}']")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_station_is_enrolled_and_its_health_is_seen(language: str, floor: Floor, faces: Faces) -> None:
    """The QR code at enrolment; then presence, outbox, last heard, a wrong clock and a hole in its count."""
    station, words = {"en": "pack-1", "zh": "balance-1"}[language], WORDS[language]
    desk = opened(faces, floor, "stations", language)
    row = desk.locator("tr").filter(has=desk.get_by_text(station, exact=True))
    row.get_by_role("button", name=words.enrol, exact=True).click()
    named = re.compile(called("stations", station, language))
    expect(desk.locator(".enrol svg[role=img]")).to_have_accessible_name(named)
    expect(cell(row, words.credentials)).to_have_text(words.enrolled)
    raw = RawStation(floor, station)
    try:
        raw.present(outbox=4)
        expect(cell(row, words.heard)).to_have_text(words.online)
        expect(cell(row, words.outbox)).to_have_text("4")
        expect(cell(row, words.last)).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
        wrong = format_instant(utc_now() + timedelta(hours=1))
        raw.event(1, kind="count", qty=5, at=wrong)
        expect(cell(row, words.clock)).to_contain_text(words.ahead)
        raw.event(4, kind="count", qty=5)
        expect(cell(row, words.holes)).to_have_text("2", timeout=30_000)
    finally:
        raw.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_could_not_be_taken_is_looked_at_retried_and_discarded(language: str, floor: Floor, faces: Faces) -> None:
    """It is shown as it came; trying again says that it still cannot be; discarding wants a reason, which is kept."""
    words, garbage = WORDS[language], f'{{"broken {language}"'
    raw = RawStation(floor, "rotor-1")
    raw.send("event", garbage.encode())
    raw.close()
    wait_for("it is put aside", lambda: garbage in str(floor.ask("GET", "/quarantine")))
    desk = opened(faces, floor, "quarantine", language)
    piece = desk.locator("article").filter(has_text=garbage)
    piece.locator("summary").click()
    expect(piece.locator("pre")).to_have_text(garbage)
    piece.get_by_role("button", name=words.retry).click()
    expect(piece.get_by_role("alert")).to_contain_text(re.compile(words.still, re.IGNORECASE))
    piece.get_by_role("button", name=words.discard).click()
    piece.get_by_label(words.reason).fill("a test of the cable")
    piece.get_by_role("button", name=words.discard).click()
    expect(desk.get_by_role("status")).to_contain_text(words.discarded)
    expect(piece).to_have_count(0)
    desk.get_by_role("button", name=words.settled, exact=True).click()
    expect(piece).to_contain_text("a test of the cable")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_substitute_is_put_on_the_roster_of_a_shift(language: str, floor: Floor, faces: Faces) -> None:
    """The duty stands under its shift, next to whom the person stands in for; and it counts."""
    words, shift = WORDS[language], {"en": "late", "zh": "night"}[language]
    desk = opened(faces, floor, "rosters", language)
    desk.get_by_role("button", name=words.add).click()
    form = desk.locator("form.panel")
    selects = form.locator("select")
    selects.nth(0).select_option(label="sun")
    selects.nth(1).select_option("team-leader")
    selects.nth(2).select_option("motor")
    selects.nth(4).select_option(shift)
    selects.nth(5).select_option(label="lin")
    form.get_by_role("button", name=words.save).click()
    expect(desk.get_by_role("status")).to_contain_text(words.written)
    section = desk.locator("section").filter(has=desk.locator("h2", has_text=re.compile(r"\d\d:\d\d")))
    expect(section.filter(has_text=words.stands).first).to_contain_text("sun")
    duties = [d for d in floor.ask("GET", "/rosters", who="chief") if d["shift"] == shift]
    assert [(d["name"], d["stands_in_for_name"], d["line"]) for d in duties] == [("sun", "lin", "motor")]
    floor.ask("DELETE", f"/rosters/{duties[0]['id']}", who="chief")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drill_is_armed_and_ended_at_the_desk(language: str, floor: Floor, faces: Faces) -> None:
    """The board says so at once."""
    words = WORDS[language]
    desk, wall = opened(faces, floor, "drills", language, "sun"), faces.wall(language, "housing")
    row = desk.locator("tr").filter(has_text=called("lines", "housing", language))
    row.get_by_role("button", name=words.arm).click()
    expect(row).to_contain_text(words.armed)
    expect(wall.locator(".row .drill")).to_be_visible()
    row.get_by_role("button", name=words.end).click()
    expect(wall.locator(".row .drill")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_cost_rates_count_from_a_day_on(language: str, floor: Floor, faces: Faces) -> None:
    """A new set begins with the newest; it is saved under its day, and removed again."""
    save = WORDS[language].save
    first = {"en": "2031-01-01", "zh": "2032-01-01"}[language]
    desk = opened(faces, floor, "rates", language)
    expect(desk.locator("main li")).to_have_count(2)
    desk.locator("main > .buttons button").click()
    form = desk.locator("form.panel")
    form.locator("input[type=date]").fill(first)
    expect(form.locator("input[type=number]").nth(0)).to_have_value("72")
    form.locator("input[type=number]").nth(0).fill("75.5")
    form.get_by_role("button", name=save, exact=True).click()
    expect(desk.get_by_role("status")).to_be_visible()
    expect(desk.locator("main li")).to_have_count(3)
    kept = {r["from"]: r for r in floor.ask("GET", "/rates")["rates"]}
    assert (kept[first]["rework_hour"], kept[first]["sort_hour"]) == (75.5, 55)
    assert kept[first]["unit"] == kept["2026-07-01"]["unit"]
    desk.locator("main li").first.locator("button").last.click()
    desk.locator("main li").first.locator(".danger").click()
    expect(desk.locator("main li")).to_have_count(2)
