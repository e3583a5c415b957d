"""The lot is read by the tablet's camera; the browser sees a picture that we hold before it."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import segno
from e2e.faces import Faces, Tablet
from e2e.floor import Floor
from e2e.trust import launch
from PIL import Image
from plant import wait_for
from playwright.sync_api import Browser, FilePayload, expect

LOT = "L-0931-77"
#: How large the photos are that the tablet keeps.
SIZES = """() => new Promise((done, fail) => {
    const opening = indexedDB.open("threenos-station");
    opening.onerror = fail;
    opening.onsuccess = () => {
        const all = opening.result.transaction("photos").objectStore("photos").getAll();
        all.onsuccess = () => { opening.result.close(); done(all.result.map(kept => kept.photo.size)); };
    };
})"""
WIDTH, HEIGHT = 640, 480


def film(into: Path, text: str) -> Path:
    """A film of one picture, in the plainest format that Chromium's false camera takes."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=10, border=4)
    picture = Image.new("L", (WIDTH, HEIGHT), 200)
    picture.paste(Image.open(drawn).convert("L"), (150, 60))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    into.write_bytes(
        f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode() + picture.tobytes() + grey
    )
    return into


@pytest.fixture
def seeing(browser: Browser, tmp_path: Path) -> Iterator[Browser]:
    """A browser with a camera before which the lot's code is held."""
    see = f"--use-file-for-fake-video-capture={film(tmp_path / 'lot.y4m', LOT)}"
    allowed = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    found = launch(browser, tmp_path / "home", *allowed, see)
    yield found
    found.close()


def test_the_camera_reads_the_lot(floor: Floor, seeing: Browser) -> None:
    """By the reader that is loaded for it, and by nothing before: the first load has no byte of it."""
    floor.heard("leak-1")
    page = seeing.new_page(viewport={"width": 1280, "height": 800}, has_touch=True)
    page.set_default_timeout(15_000)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{floor.page}/station/leak-1")
    tablet = Tablet(page, "en")
    tablet.heard()
    tablet.reject("chips-left")
    tablet.touch(tablet.button("Add details"))
    assert not [url for url in loaded if "LotScanner" in url or ".wasm" in url]
    tablet.touch(tablet.button("Scan with the camera"))
    expect(page.get_by_label("Lot or serial")).to_have_value(LOT)
    expect(page.get_by_role("dialog")).to_have_count(0)
    tablet.touch(tablet.button("Send details"))
    wait_for("the lot arrives", lambda: floor.complaint(floor.complaints("leak-1")[0]["id"])["lot"] == LOT)


def test_a_browser_that_reads_codes_itself_needs_no_reader(floor: Floor, seeing: Browser) -> None:
    """As Chromium on Android does; then nothing is loaded for it."""
    floor.heard("leak-1")
    page = seeing.new_page(viewport={"width": 1280, "height": 800}, has_touch=True)
    page.set_default_timeout(15_000)
    page.add_init_script(
        """window.BarcodeDetector = class {
            static getSupportedFormats() { return Promise.resolve(["code_128", "data_matrix", "qr_code"]); }
            detect() { return Promise.resolve([{rawValue: "OWN-1"}]); }
        }"""
    )
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{floor.page}/station/leak-1")
    tablet = Tablet(page, "en")
    tablet.heard()
    tablet.reject("chips-left")
    tablet.touch(tablet.button("Add details"))
    tablet.touch(tablet.button("Scan with the camera"))
    expect(page.get_by_label("Lot or serial")).to_have_value("OWN-1")
    assert [url for url in loaded if "LotScanner" in url] and not [url for url in loaded if ".wasm" in url]


def test_a_photo_of_any_size_is_at_most_one_mebibyte(faces: Faces) -> None:
    """Twelve million points of noise, which nothing presses well: made small on the tablet itself."""
    tablet = faces.tablet("leak-1")
    tablet.heard()
    tablet.page.route("**/api/photos", lambda route: route.abort())
    tablet.reject("chips-left")
    tablet.touch(tablet.button("Add details"))
    taken = BytesIO()
    Image.effect_noise((4000, 3000), 90).save(taken, "JPEG", quality=95)
    assert len(taken.getvalue()) > 8 * 1024 * 1024
    photo: FilePayload = {"name": "part.jpg", "mimeType": "image/jpeg", "buffer": taken.getvalue()}
    tablet.page.locator("input[type=file]").set_input_files(photo)
    expect(tablet.page.get_by_role("status").filter(has_text="Photo ready")).to_be_visible(timeout=60_000)
    tablet.touch(tablet.button("Send details"))
    wait_for("it is kept", lambda: tablet.page.evaluate(SIZES))
    (size,) = tablet.page.evaluate(SIZES)
    assert 100_000 < size <= 1024 * 1024


def test_without_a_camera_the_lot_is_typed(floor: Floor, browser: Browser) -> None:
    """The page says what is the matter, in the words of the worker, and the way back is one touch."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", has_touch=True)
    page = context.new_page()
    page.goto(f"{floor.page}/station/leak-1")
    tablet = Tablet(page, "zh")
    tablet.heard()
    tablet.reject("chips-left")
    tablet.touch(tablet.button("补充信息"))
    tablet.touch(tablet.button("用摄像头扫码"))
    expect(page.get_by_role("status").filter(has_text="手动输入批号")).to_be_visible()
    tablet.touch(page.get_by_role("dialog").get_by_role("button", name="返回"))
    page.get_by_label("批号或序列号").fill("L-1")
    context.close()
    floor.settle()
