"""Photos that are none, carry passengers, or unpack to more than they say."""

import hashlib
import io
import re
from time import thread_time

import pytest
from browser import problem, signed_in
from flask import Flask
from hostile.corpus import pictures, texts
from PIL import Image

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.errors import Invalid
from threenos_server.http.photo_image import MAX_SCANS, clean

#: Of the processor, which does not depend on who else is on the machine.
AT_ONCE_S = 1.5
REFUSED, CARRIERS = pictures.refused(), pictures.carriers()
PDF = b"%PDF-1.7\n1 0 obj\n<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_is_no_picture_is_refused_at_once(raw: bytes) -> None:
    """By its content, its size, its pixels, its scans, or what is packed into it; each file is small."""
    assert len(raw) < 200_000
    began = thread_time()
    with pytest.raises(Invalid):
        clean(raw)
    assert thread_time() - began < AT_ONCE_S


@pytest.mark.parametrize("raw", CARRIERS.values(), ids=CARRIERS)
def test_only_the_picture_is_kept(raw: bytes) -> None:
    """A page, an archive, a comment, EXIF and profiles stay behind; what is kept can be looked at."""
    kept = clean(raw)
    assert pictures.SECRET not in kept.data and b"PK\x03\x04" not in kept.data and b"script" not in kept.data
    with Image.open(io.BytesIO(kept.data)) as image:
        assert sorted(image.size) == [6, 8] and not image.getexif()


def test_as_many_scans_as_cameras_make_are_taken() -> None:
    """Progressive pictures are usual; only a hundred times the same scan is not."""
    assert clean(pictures.made("JPEG", progressive=True)).media_type == "image/jpeg"
    assert clean(pictures.scans(MAX_SCANS - 20)).media_type == "image/jpeg"


def test_a_name_is_a_hash_and_no_path(app: Flask, db: Database) -> None:
    """Whatever a photo is asked for or uploaded by: nothing outside is read or written, and nothing breaks."""
    browser = signed_in(app, db, "Worker", Grant(Role.SUPERVISOR))
    photo = pictures.made("PNG")
    named = hashlib.sha256(photo).hexdigest()
    for name in (*texts.PATHS.values(), f"{named}/..", f"{named}%0a", named.upper(), f"../photos/{named}"):
        path = "/photos/" + re.sub(r"[\\ ~$:?#]", "_", name)
        assert problem(browser.get(path))["status"] in (404, 405), path
        assert problem(browser.ask("PUT", path, photo))["status"] in (403, 404, 405, 415, 422), path
    assert browser.ask("PUT", f"/photos/{named}", photo).status_code == 201


def test_the_name_of_a_document_is_a_text(app: Flask, db: Database) -> None:
    """A PDF with a script of its own is only ever a download, without a name from outside in any header."""
    browser = signed_in(app, db, "Worker", Grant(Role.SUPERVISOR))
    named = browser.post("/attachments", PDF).get_json()["sha256"]
    got = browser.get(f"/attachments/{named}")
    assert got.headers["Content-Disposition"] == "attachment" and got.data == PDF
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    for raw in (PDF[:-8], b"x" + PDF, pictures.SECRET, b"GIF89a" + PDF):
        assert problem(browser.post("/attachments", raw))["status"] == 422
