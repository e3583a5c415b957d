"""The page as an app: opened once, it opens again with no network and no agent, and what it keeps arrives once."""

from typing import Any

import pytest
from e2e.faces import LANGUAGES, Faces, Tablet, called
from e2e.floor import Floor
from plant import wait_for
from playwright.sync_api import FilePayload, Page, Route, expect

STATIONS = {"en": "leak-1", "zh": "leak-2"}
SAID: dict[str, Any] = {
    "en": {
        "not heard": "NOT HEARD – call out, stop by hand", "no agent": "The station agent does not answer",
        "waiting": "3 waiting", "kept": "kept in this tablet", "details": "Add details", "ready": "Photo ready",
        "send": "Send details", "unknown": "Line unknown",
    },
    "zh": {
        "not heard": "未送达，请口头呼叫、手动停线", "no agent": "工位代理没有应答",
        "waiting": "3 条待发送", "kept": "已存于本平板", "details": "补充信息", "ready": "照片已就绪",
        "send": "发送", "unknown": "产线状态未知",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_presses_and_a_photo_of_an_offline_tablet_survive_a_reload_and_are_there_once(
    floor: Floor, faces: Faces, language: str
) -> None:
    """Two presses and a photo without a network, the page opened anew, two languages; then the network returns."""
    station, said = STATIONS[language], SAID[language]
    tablet = installed(faces.tablet(station, language))
    since = floor.ask("GET", "/board")["seq"]
    tablet.page.context.set_offline(True)
    tablet.page.reload()
    _is_on_its_own(tablet, station, said)
    for defect in ("bore-size", "cold-shut"):
        tablet.reject(defect)
        expect(tablet.page.locator(".undo .ticks")).to_have_text(said["kept"])
    tablet.touch(tablet.button(said["details"]))
    _photograph(tablet, said)
    tablet.page.reload()
    expect(tablet.page.locator(".strip .waiting")).to_have_text(said["waiting"])
    expect(tablet.page.locator(".mine")).to_contain_text(called("defects", "cold-shut", language))
    kept = _kept(tablet.page)
    tablet.page.context.set_offline(False)
    expect(tablet.page.locator(".not-heard")).to_have_count(0, timeout=20_000)
    expect(tablet.page.locator(".strip .waiting")).to_have_count(0)
    named = _each_is_there_once(floor, station, since, kept)
    shown = faces.desk("sun", language, complaint=named).locator(".photos img")
    wait_for("the photo is drawn", lambda: shown.first.evaluate("e => e.complete && e.naturalWidth"))
    assert len(set(shown.evaluate_all("images => images.map(image => image.src)"))) == 1


def _is_on_its_own(tablet: Tablet, station: str, said: Any) -> None:
    """It knows its station and its neighbours from before, and says that nothing it shows of the line is so now."""
    page = tablet.page
    expect(page.locator(".not-heard")).to_contain_text(said["not heard"])
    expect(page.locator(".not-heard")).to_contain_text(said["no agent"])
    expect(page.locator(".strip .me dd")).to_have_text(called("stations", station, tablet.language))
    expect(page.locator(".strip .line")).to_contain_text(said["unknown"])


def _photograph(tablet: Tablet, said: Any) -> None:
    taken: FilePayload = {"name": "part.png", "mimeType": "image/png", "buffer": tablet.page.screenshot()}
    tablet.page.locator("input[type=file]").set_input_files(taken)
    expect(tablet.page.get_by_role("status").filter(has_text=said["ready"])).to_be_visible()
    tablet.touch(tablet.page.locator(".send"))
    expect(tablet.page.locator("button.refuse")).to_be_visible()


def _each_is_there_once(floor: Floor, station: str, since: int, kept: dict[str, list[str]]) -> str:
    """Two rejections and the detail in the journal, under the tablet's ids; gives the complaint with the photo."""
    rows = floor.ask("GET", f"/journal?after={since}&limit=1000", who="qian")["rows"]
    mine = [r for r in rows if r["station"] == station and r["kind"] in ("reject", "detail")]
    assert sorted(r["event_id"] for r in mine) == sorted(kept["presses"])
    assert [r["kind"] for r in mine] == ["reject", "reject", "detail"]
    named = str(mine[1]["event_id"])
    assert floor.complaint(named)["photos"] == kept["photos"] and len(kept["photos"]) == 1
    return named


def test_an_agent_that_is_killed_and_a_page_that_is_opened_anew(floor: Floor, faces: Faces) -> None:
    """A press before, one while nobody is there, and the agent comes back: the journal has each of them once."""
    tablet = installed(faces.tablet("mill-3", "zh"))
    since = floor.ask("GET", "/board")["seq"]
    floor.kill_agent()
    try:
        tablet.page.reload()
        _is_on_its_own(tablet, "mill-3", SAID["zh"])
        tablet.touch(tablet.button("拒收"))
        expect(tablet.page.locator("button.tile").first).to_be_visible()
        tablet.touch(tablet.page.locator("button.tile").filter(has_text=called("defects", "burr", "zh")))
        expect(tablet.page.locator(".undo .ticks")).to_have_text(SAID["zh"]["kept"])
        tablet.page.reload()
        expect(tablet.page.locator(".not-heard")).to_contain_text("已保存 1 次按压")
        kept = _kept(tablet.page)
    finally:
        floor.start_agent()
    tablet.heard()
    wait_for("it is a complaint", lambda: floor.complaints("mill-3", state="open"))
    rows = floor.ask("GET", f"/journal?after={since}&limit=1000", who="qian")["rows"]
    assert [r["event_id"] for r in rows if r["station"] == "mill-3" and r["kind"] == "reject"] == kept["presses"]
    assert _kept(tablet.page) == {"presses": [], "photos": []}


def test_a_press_whose_answer_is_lost_is_sent_again_and_is_there_once(floor: Floor, faces: Faces) -> None:
    """The agent had saved it each time; the tablet could not know."""
    tablet = faces.tablet("mill-2")
    tablet.heard()
    since = floor.ask("GET", "/board")["seq"]
    lost: list[str] = []

    def swallow(route: Route) -> None:
        assert route.fetch().status == 201
        lost.append(route.request.post_data_json["id"])
        route.abort()

    tablet.page.route("**/presses", swallow, times=2)
    tablet.reject("burr")
    expect(tablet.page.locator(".undo .ticks")).to_have_text("recorded")
    expect(tablet.page.locator(".strip .waiting")).to_have_count(0)
    assert len(lost) == 2
    wait_for("it is recorded", lambda: floor.complaints("mill-2", kind="reject", state="open"))
    rows = floor.ask("GET", f"/journal?after={since}&limit=1000", who="qian")["rows"]
    assert [r["event_id"] for r in rows if r["kind"] == "reject"] == [lost[0]] == [lost[1]]


def test_a_tablet_that_lost_its_pairing_says_so_and_keeps_what_is_pressed(floor: Floor, faces: Faces) -> None:
    """The way to pair it anew stands on the page, and leads back to its own station."""
    tablet = installed(faces.tablet("mill-2"))
    lost = {"status": 401, "content_type": "application/problem+json", "body": "{}"}
    tablet.page.route("**/api/**", lambda route: route.fulfill(**lost))
    tablet.page.reload()
    band = tablet.page.locator(".band").filter(has_text="This tablet is not paired")
    expect(band.get_by_role("link", name="Pair it")).to_have_attribute("href", "/pair#station=mill-2")
    tablet.touch(tablet.button("Call"))
    tablet.touch(tablet.page.locator("button.tile").first)
    expect(tablet.page.locator(".strip .waiting")).to_have_text("1 waiting")
    tablet.page.unroute("**/api/**")
    expect(band).to_have_count(0)
    wait_for("the call arrives", lambda: len(floor.complaints("mill-2", kind="call", state="open")) == 1)


def installed(tablet: Tablet) -> Tablet:
    """Once its service worker has everything, and the page has written down what it heard."""
    tablet.heard()
    tablet.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    wait_for("it is remembered", lambda: _stored(tablet.page, "documents"))
    return tablet


def _kept(page: Page) -> dict[str, list[str]]:
    """The ids of the presses and the hashes of the photos that the tablet itself keeps."""
    return {store: _stored(page, store) for store in ("presses", "photos")}


def _stored(page: Page, store: str) -> list[str]:
    found: list[str] = page.evaluate(
        """store => new Promise((done, fail) => {
            const opening = indexedDB.open("threenos-station");
            opening.onerror = fail;
            opening.onsuccess = () => {
                const keys = opening.result.transaction(store).objectStore(store).getAllKeys();
                keys.onsuccess = () => { opening.result.close(); done(keys.result); };
            };
        })""",
        store,
    )
    return found
