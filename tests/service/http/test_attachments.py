"""What a person adds to a comment."""

import hashlib
import io
from datetime import datetime

from browser import KEYS, Browser, MovedClock, problem, signed_in
from flask import Flask
from PIL import Image

from threenos_server.access import Grant, Role
from threenos_server.complaints import service as complaints
from threenos_server.complaints.arrival import Arrival
from threenos_server.db import Database
from threenos_wire.events import Event, Kind
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(out, "PNG")
    return out.getvalue()


def test_a_document_comes_back_as_it_was_and_is_never_shown_in_the_page(app: Flask, db: Database) -> None:
    """A PDF is named by the hash that the server took of it, kept byte for byte, and offered as a download only."""
    browser = signed_in(app, db, "Sun", Grant(Role.SUPERVISOR))
    given = browser.post("/attachments", PDF)
    assert given.status_code == 201
    named = hashlib.sha256(PDF).hexdigest()
    assert given.get_json() == {"sha256": named, "media_type": "application/pdf", "size": len(PDF)}
    assert browser.post("/attachments", PDF).get_json() == given.get_json()
    got = browser.get(f"/attachments/{named}")
    assert (got.data, got.mimetype) == (PDF, "application/pdf")
    assert got.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert browser.get(f"/photos/{named}").status_code == 404


def test_a_photo_is_kept_as_any_other(app: Flask, db: Database) -> None:
    """It is found where photos are, and not among the documents."""
    browser = signed_in(app, db, "Sun", Grant(Role.SUPERVISOR))
    given = browser.post("/attachments", photo()).get_json()
    assert given["media_type"] == "image/png"
    assert browser.get(f"/photos/{given['sha256']}").mimetype == "image/png"
    assert browser.get(f"/attachments/{given['sha256']}").status_code == 404


def test_what_is_neither_is_refused(app: Flask, db: Database) -> None:
    """Other files, cut-off documents, nothing at all and more than 8 MiB; a station's way in takes no document."""
    browser = signed_in(app, db, "Sun", Grant(Role.SUPERVISOR))
    refused = (b"<html></html>", b"MZ program", PDF[:-8], b"", b"PK\x03\x04")
    assert {browser.post("/attachments", raw).status_code for raw in refused} == {422}
    assert problem(browser.post("/attachments", PDF + b" " * (8 * 1024 * 1024)))["status"] == 413
    assert browser.ask("PUT", f"/photos/{hashlib.sha256(PDF).hexdigest()}", PDF).status_code == 422


def test_a_comment_shows_what_was_added(app: Flask, db: Database, site: str, clock: MovedClock) -> None:
    """The history has its photos and documents with their names, for whoever may read the complaint."""
    browser = signed_in(app, db, "Sun", Grant(Role.SUPERVISOR))
    complaint = rejected(db, site, clock())
    photos = [f"sha256:{browser.post('/attachments', photo()).get_json()['sha256']}"]
    documents = [{"sha256": f"sha256:{browser.post('/attachments', PDF).get_json()['sha256']}", "name": "8D 报告.pdf"}]
    said = {"text": "Measured again", "photos": photos, "documents": documents}
    assert browser.post(f"/complaints/{complaint}/comment", said).status_code == 200
    last = browser.get(f"/complaints/{complaint}").get_json()["history"][-1]
    assert (last["kind"], {key: last["said"][key] for key in said}) == ("comment", said)
    wrong = {"text": "x", "documents": [{"sha256": "../../etc", "name": "x"}]}
    assert browser.post(f"/complaints/{complaint}/comment", wrong).status_code == 422


def test_a_board_and_a_stranger_add_nothing(app: Flask) -> None:
    """Nobody without a name of their own."""
    assert Browser(app).post("/attachments", PDF).status_code == 401


def rejected(db: Database, site: str, now: datetime) -> str:
    """A complaint that a station made."""
    event = Event(
        v=1, id=new_id(), boot=new_id(), seq=1, at=format_instant(now), age_ms=0, kind=Kind.REJECT, defect="scratch"
    )
    with db.write() as session:
        complaints.take(session, site, [Arrival(event, "leak-1", now)], now, KEYS)
    return event.id
