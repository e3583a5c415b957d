"""Words, photos and documents that are added to a complaint."""

from io import BytesIO

import pytest
from e2e.faces import LANGUAGES, Faces
from e2e.floor import Floor
from PIL import Image
from playwright.sync_api import FilePayload, expect

WORDS = {"en": ("Comment", "Send", "neither a photo"), "zh": ("评论", "发送", "既不是照片")}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), "#c4161c").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comment_with_a_photo_and_a_document_stands_in_the_history(language: str, floor: Floor, faces: Faces) -> None:
    """The photo is shown, the document is saved byte for byte under its name, and another kind of file is left out."""
    comment, send, neither = WORDS[language]
    complaint = floor.press("motor-1", "reject", defect="turned-round")
    desk = faces.desk("sun", language, complaint)
    desk.get_by_role("button", name=comment, exact=True).click()
    form = desk.locator("form")
    form.locator("textarea").fill("Measured again: 0.2 mm")
    files: list[FilePayload] = [
        {"name": "pin.jpg", "mimeType": "image/jpeg", "buffer": photo()},
        {"name": "8D 报告.pdf", "mimeType": "application/pdf", "buffer": PDF},
        {"name": "run.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
    ]
    form.locator("input[type=file]").set_input_files(files)
    expect(form.locator("li")).to_have_count(2)
    expect(form.get_by_role("alert")).to_contain_text(neither)
    form.get_by_role("button", name=send).click()
    row = desk.locator(".history li").last
    expect(row).to_contain_text("Measured again: 0.2 mm")
    expect(row.locator("img")).to_have_js_property("naturalWidth", 64)
    with desk.expect_download(timeout=60_000) as download:
        row.get_by_role("link", name="8D 报告.pdf").click()
    assert download.value.suggested_filename == "8D 报告.pdf"
    assert download.value.path().read_bytes() == PDF


def test_a_photo_of_the_station_is_shown_on_the_complaint(floor: Floor, faces: Faces) -> None:
    """As soon as the agent brought it; until then the page says that it is still there."""
    complaint = floor.press("motor-1", "reject", defect="unbalance")
    floor.press("motor-1", "detail", complaint=complaint, photos=["sha256:" + "0" * 64])
    desk = faces.desk("sun", complaint=complaint)
    expect(desk.locator(".facts .photos")).to_contain_text("still at the station")


def test_what_looks_like_a_script_is_text_at_the_desk_and_on_the_wall(floor: Floor, faces: Faces) -> None:
    """Said at the station, commented at the desk, in the name of a document: all of it is read and none of it runs."""
    script = '<img src=x onerror="window.broken=1">'
    complaint = floor.press("motor-1", "reject", defect=script, part=script, lot=script, note=f"<script>{script}")
    document = {"sha256": "sha256:" + "0" * 64, "name": script}
    said = {"text": f"</textarea>{script}", "documents": [document]}
    floor.ask("POST", f"/complaints/{complaint}/comment", said)
    desk, wall = faces.desk("sun", "en", complaint), faces.wall()
    row = desk.locator(".history li").last
    expect(row).to_contain_text(said["text"])
    expect(row.get_by_role("link", name=script)).to_be_visible()
    expect(desk.get_by_text(script).first).to_be_visible()
    expect(wall.get_by_text("Not yet classified").first).to_be_visible()
    for page in (desk, wall):
        assert page.evaluate("window.broken") is None
        assert page.locator("img[src=x]").count() == 0
