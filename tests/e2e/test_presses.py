"""What else a worker does at the tablet."""

import re
from collections.abc import Callable

import pytest
from e2e.faces import Faces, called
from e2e.floor import Floor
from plant import wait_for
from playwright.sync_api import FilePayload, Page, expect


def test_undo_within_ten_seconds_withdraws(floor: Floor, faces: Faces) -> None:
    """One touch takes the press back; it stays in the record as withdrawn, and leaves the board."""
    tablet, wall = faces.tablet("mill-1"), faces.wall(line="housing")
    tablet.reject("burr")
    tile = wall.locator("[data-tile='housing/machining']")
    expect(tile).to_contain_text("Burr")
    undo = tablet.page.locator(".undo .strong")
    expect(undo).to_have_text(re.compile(r"Undo \d"))
    tablet.touch(undo)
    expect(tile).to_have_attribute("data-state", "running")
    expect(tablet.page.locator(".mine")).to_contain_text("No open complaint")
    assert [c["state"] for c in floor.complaints("mill-1", kind="reject")] == ["withdrawn"]


def test_a_function_is_called_comes_and_is_thanked(floor: Floor, faces: Faces) -> None:
    """Two touches call; the phone of who serves says that he comes; the station closes it with stars."""
    tablet, phone = faces.tablet("mill-1", "zh"), faces.phone("lin", "zh")
    name = called("processes", "maintenance", "zh")
    tablet.touch(tablet.button("呼叫"))
    tablet.touch(tablet.page.locator("button.tile").filter(has_text=name))
    assert tablet.touches == 2
    alarm = phone.locator(".alarm").filter(has_text=name)
    alarm.get_by_role("button", name="我马上到").tap()
    tablet.open_newest()
    expect(tablet.page.locator(".steps .done")).to_have_count(3)
    tablet.touch(tablet.button("已到场"))
    tablet.touch(tablet.page.locator(".answer .yes"))
    tablet.touch(tablet.button("4 星，共 5 星"))
    wait_for("the call is closed", lambda: floor.complaints("mill-1", kind="call", state="closed"))
    assert floor.complaints("mill-1", kind="call")[0]["rating"] == 4


def test_i_caught_mine_counts_and_alarms_nobody(floor: Floor, faces: Faces) -> None:
    """It is praised, is no complaint, and the board counts it for today."""
    tablet, wall = faces.tablet("trim-1"), faces.wall(line="housing")
    before, complaints = int(wall.locator(".today dd").nth(1).inner_text()), floor.complaints("trim-1")
    tablet.touch(tablet.button("I caught mine"))
    tablet.touch(tablet.page.locator("button.tile").filter(has_text="Burr"))
    assert tablet.touches == 2
    expect(tablet.page.locator(".undo")).to_contain_text("Well done")
    expect(wall.locator(".today dd").nth(1)).to_have_text(str(before + 1))
    assert floor.complaints("trim-1") == complaints


def test_the_same_press_again_adds_to_the_complaint(floor: Floor, faces: Faces) -> None:
    """Never refused, never alarmed twice: the row says how often."""
    tablet = faces.tablet("leak-2")
    tablet.reject("wet-part")
    expect(tablet.page.locator(".undo")).to_contain_text("recorded")
    tablet.reject("wet-part")
    tablet.page.keyboard.press("5")
    expect(tablet.page.locator(".list .row").filter(has_text="×2")).to_contain_text("Part still wet")
    assert [c["repeats"] for c in floor.complaints("leak-2", defect="wet-part")] == [1]


def test_the_keypad_and_the_scanner_do_what_a_finger_does(floor: Floor, faces: Faces) -> None:
    """1 is REJECT, the tiles have their numbers, a code in the details fills the lot, a badge names who pressed."""
    tablet = faces.tablet("trim-1")
    tablet.scan("B-1044")
    expect(tablet.page.locator(".band")).to_contain_text("Badge B-1044")
    tablet.page.keyboard.press("1")
    expect(tablet.page.locator("button.tile").first).to_be_visible()
    tablet.page.keyboard.press("1")
    expect(tablet.page.locator(".undo")).to_contain_text("recorded")
    tablet.touch(tablet.button("Add details"))
    tablet.scan("LOT-0931")
    tablet.touch(tablet.button("One more"))
    tablet.touch(tablet.button("Send details"))
    wait_for("the details arrive", lambda: floor.complaints("trim-1", qty=2))
    assert floor.complaint(floor.complaints("trim-1")[0]["id"])["lot"] == "LOT-0931"


@pytest.mark.parametrize("face", ["tablet", "wall", "phone", "desk"])
def test_the_language_is_switched_on_every_page_and_remembered(face: str, faces: Faces) -> None:
    """The switch names the other language in that language; after a reload the page still speaks it."""
    open_face: Callable[[], Page] = {
        "tablet": lambda: faces.tablet("mill-1").page,
        "wall": lambda: faces.wall(),
        "phone": lambda: faces.phone("sun"),
        "desk": lambda: faces.desk("sun"),
    }[face]
    page = open_face()
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").first.click()
    expect(html).to_have_attribute("lang", "zh-CN")
    page.reload()
    expect(page.get_by_role("button", name="English").first).to_be_visible()
    assert html.get_attribute("lang") == "zh-CN"


def test_a_photo_taken_at_the_station_is_on_the_complaints_page(floor: Floor, faces: Faces) -> None:
    """Made small on the device, kept by the agent, brought to the server, shown to who answers."""
    tablet = faces.tablet("leak-1")
    tablet.reject("chips-left")
    tablet.touch(tablet.button("Add details"))
    taken: FilePayload = {"name": "part.png", "mimeType": "image/png", "buffer": tablet.page.screenshot()}
    tablet.page.locator("input[type=file]").set_input_files(taken)
    expect(tablet.page.get_by_role("status").filter(has_text="Photo ready")).to_be_visible()
    tablet.touch(tablet.button("Send details"))
    wait_for("the photo is named", lambda: floor.complaint(floor.complaints("leak-1")[0]["id"])["photos"])
    desk = faces.desk("sun", complaint=floor.complaints("leak-1")[0]["id"])
    shown = desk.locator(".photos img").first
    expect(shown).to_be_visible()
    wait_for("the photo is drawn", lambda: shown.evaluate("e => e.complete && e.naturalWidth"))
    assert shown.evaluate("e => e.naturalWidth") == 1280
