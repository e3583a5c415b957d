"""What is said and kept when the server, the agent or the tablet's page goes away; `make faults` times it."""

from e2e.faces import Faces, Tablet, called
from e2e.floor import Floor
from plant import wait_for
from playwright.sync_api import Page, expect


def test_the_server_is_killed_and_comes_back(floor: Floor, faces: Faces) -> None:
    """The board covers itself, the tablet calls for a voice; presses are kept, and are on the board once afterwards."""
    tablet, wall = faces.tablet("leak-1"), faces.wall(line="housing")
    tablet.reject("scratch")
    tile = wall.locator("[data-tile='housing/leak-test']")
    expect(tile).to_contain_text("Scratched sealing face")
    floor.kill_server()
    try:
        expect(wall.locator(".cover")).to_contain_text("STALE SINCE")
        _is_not_heard(tablet)
        for defect in ("bore-size", "cold-shut"):
            tablet.reject(defect)
            expect(tablet.page.locator(".undo .ticks")).to_have_text("saved")
            assert tablet.page.locator(".undo .ticks path").count() == 1
        expect(tablet.page.locator(".strip .waiting")).to_have_text("2 waiting")
        expect(tablet.page.locator(".not-heard")).to_contain_text("2 presses are saved and wait")
    finally:
        floor.system.start()
    expect(wall.locator(".cover")).to_have_count(0)
    expect(tablet.page.locator(".not-heard")).to_have_count(0, timeout=20_000)
    expect(tablet.page.locator(".strip .waiting")).to_have_count(0)
    expect(tile).to_contain_text("+2 more")
    defects = [c["defect"] for c in floor.complaints("leak-1", state="open")]
    assert sorted(defects) == ["bore-size", "cold-shut", "scratch"]


def _is_not_heard(tablet: Tablet) -> None:
    """In both languages at once, over the whole width."""
    band = tablet.page.locator(".not-heard")
    expect(band).to_contain_text("NOT HEARD – call out, stop by hand")
    expect(band).to_contain_text("未送达，请口头呼叫、手动停线")
    assert band.evaluate("e => e.offsetWidth === innerWidth")
    expect(tablet.page.locator(".strip .line")).to_contain_text("Line unknown")


def test_presses_without_an_agent_wait_in_the_tablet_and_arrive_once(floor: Floor, faces: Faces) -> None:
    """Also when the page was closed meanwhile: another one in the same browser sends them, with the same id."""
    tablet = faces.tablet("leak-2", "zh")
    tablet.heard()
    floor.kill_agent()
    try:
        expect(tablet.page.locator(".not-heard")).to_contain_text("工位代理没有应答")
        for defect in ("dent", "short-fill"):
            tablet.reject(defect)
            expect(tablet.page.locator(".undo .ticks")).to_have_text("已存于本平板")
        kept = _kept(tablet.page)
        tablet.page.close()
    finally:
        floor.start_agent()
    floor.heard("leak-2")
    assert not {p["id"] for p in floor.document("leak-2")["presses"]} & set(kept)
    again = tablet.page.context.new_page()
    again.goto(f"{floor.page}/station/leak-2")
    wait_for("both are complaints", lambda: len(floor.complaints("leak-2", state="open")) == 2)
    assert sorted(c["id"] for c in floor.complaints("leak-2", state="open")) == sorted(kept)
    expect(again.locator(".mine")).to_contain_text(called("defects", "dent", "zh"))
    expect(again.locator(".strip .waiting")).to_have_count(0)
    assert _kept(again) == []


def _kept(page: Page) -> list[str]:
    """The ids of the presses that the tablet itself keeps."""
    found: list[str] = page.evaluate(
        """() => new Promise((done, fail) => {
            const opening = indexedDB.open("threenos-station");
            opening.onerror = fail;
            opening.onsuccess = () => {
                const keys = opening.result.transaction("presses").objectStore("presses").getAllKeys();
                keys.onsuccess = () => { opening.result.close(); done(keys.result); };
            };
        })"""
    )
    return found
