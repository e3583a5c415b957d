"""Health, metrics, pages and photos."""

import hashlib
import io
import re
import warnings
from pathlib import Path

import msgspec
import pytest
from browser import KEYS, Browser, MovedClock, problem, serve, signed_in
from flask import Flask
from PIL import Image
from sqlalchemy.exc import OperationalError

from threenos_server import beats
from threenos_server.access import Grant, Role
from threenos_server.complaints import service as complaints
from threenos_server.complaints.arrival import Arrival
from threenos_server.db import Database
from threenos_server.escalation import presence
from threenos_server.http import pages as http_pages
from threenos_server.intake import quarantine
from threenos_server.intake.tally import Tally
from threenos_server.notify import service as notices
from threenos_server.notify.model import Draft, NoticeKind
from threenos_server.people import stations, tokens
from threenos_wire.events import Event, Malformed, Reason
from threenos_wire.ids import new_id
from threenos_wire.messages import Presence

WORKER = Grant(Role.WORKER)


def test_ready_names_what_is_not(db: Database, clock: MovedClock) -> None:
    """A service that was never heard, or not for ten seconds, is named; alive it is in any case."""
    browser = Browser(serve(db, clock, beats=("intake", "clock")))
    with db.write() as session:
        beats.beat(session, "intake", clock())
    clock.advance(seconds=11)
    not_ready = browser.get("/health/ready")
    assert not_ready.status_code == 503
    assert set(not_ready.get_json()["missing"]) == {"intake", "clock"}
    assert browser.page("/health/live").status_code == 200
    with db.write() as session:
        beats.beat(session, "intake", clock())
        beats.beat(session, "clock", clock())
    assert browser.page("/health/ready").get_json() == {"ready": True, "missing": {}}


def test_ready_names_old_tables_and_a_missing_database(db: Database, clock: MovedClock, tmp_path: Path) -> None:
    """Tables of another version and a database that does not answer are each said."""
    old = Browser(serve(db, clock, misfit=lambda _: "they are older")).get("/health/ready")
    assert list(old.get_json()["missing"]) == ["migrations"]
    gone = Database(f"sqlite:///{tmp_path}/no/such/folder/x.db")
    away = Browser(serve(gone, clock)).get("/health/ready")
    assert (away.status_code, list(away.get_json()["missing"])) == (503, ["database"])
    gone.close()


def test_metrics_tell_how_the_plant_is(app: Flask, db: Database, clock: MovedClock) -> None:
    """What is open, late, held back and put aside, read from the tables at the scrape; gone when it is settled."""
    tally = Tally()
    tally.count(recorded=2, refused=1, dropped=4)
    with db.write() as session:
        tally.write(session, waiting=7)
    with pytest.raises(RuntimeError), db.write() as session:
        tally.count(recorded=1)
        tally.write(session, waiting=9)
        raise RuntimeError
    said = {"v": 1, "id": new_id(), "boot": new_id(), "seq": 1, "at": "2026-11-23T02:00:00Z", "age_ms": 0}
    event = msgspec.convert(said | {"kind": "reject"}, Event)
    with db.write() as session:
        tally.write(session, waiting=3)
        complaints.take(session, "lakeside", [Arrival(event, "mill-1", clock())], clock(), KEYS)
        quarantine.keep(session, "t", None, Malformed(b"{", Reason.MALFORMED, "not JSON"), clock())
        notices.write(session, "lakeside", [Draft("p", NoticeKind.STOP, {})], clock())
        presence.heard(session, "lakeside", "mill-1", Presence(True, "b", "1", 5), clock())
        beats.beat(session, "clock", clock())
    clock.advance(seconds=181)
    text = Browser(app).page("/metrics").text
    for line in (
        "threenos_database_up 1.0",
        'threenos_intake_events_total{outcome="recorded"} 3.0',
        'threenos_intake_events_total{outcome="refused"} 1.0',
        'threenos_intake_events_total{outcome="quarantined"} 0.0',
        'threenos_intake_events_total{outcome="dropped"} 4.0',
        "threenos_intake_waiting 3.0",
        'threenos_journal_rows_total{site="lakeside"} 2.0',
        'threenos_complaints{kind="reject",site="lakeside",state="open"} 1.0',
        'threenos_deadlines_overdue{site="lakeside"} 1.0',
        'threenos_notices_waiting{reason="new",site="lakeside"} 1.0',
        'threenos_quarantine{site=""} 1.0',
        'threenos_station_outbox{site="lakeside"} 5.0',
        'threenos_service_silent_seconds{service="clock"} 181.0',
    ):
        assert line in text.splitlines(), text
    assert 'threenos_deadlines_open{site="lakeside"}' in text


def test_every_metric_is_in_the_readme(app: Flask, db: Database) -> None:
    """By the name under which Prometheus reads it."""
    Browser(app).get("/session")
    with db.write() as session:
        Tally().write(session, waiting=0)
    named = set(re.findall(r"^# HELP (\w+)", Browser(app).page("/metrics").text, re.M))
    readme = Path(http_pages.__file__).with_name("README.md").read_text()
    assert len(named) > 12
    # The library gives each histogram a second series that says since when it counts.
    assert [name for name in named if f"`{name.removesuffix('_created')}`" not in readme] == []


def test_metrics_live_without_the_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker measured is still read, and that the database is away."""

    def away(_: Database) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    Browser(app).get("/session")
    monkeypatch.setattr(Database, "read", away)
    text = Browser(app).page("/metrics").text
    assert "threenos_database_up 0.0" in text
    assert "threenos_http_request_seconds_count" in text


def test_metrics_count_requests_by_route(app: Flask) -> None:
    """The histogram is by the declared route, never by the path, and unknown paths are one."""
    browser = Browser(app)
    browser.get("/complaints/0199a3c0-0000-7000-8000-000000000000")
    browser.get("/no/such/path")
    browser.get("/people/somebody")
    text = browser.get("/metrics").text
    assert 'threenos_http_request_seconds_count{method="GET",route="/api/v1/people/<person>",status="401"} 1.0' in text
    assert 'route="unknown",status="404"' in text
    assert "somebody" not in text


def test_the_pages_are_served(db: Database, clock: MovedClock, tmp_path: Path) -> None:
    """Each face has its page whatever follows in the address; hashed files are kept, pages are asked for again."""
    for name in ("board.html", "desk.html", "icon.svg", "assets/board-1a2b.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"this is {name}")
    browser = Browser(serve(db, clock, static=tmp_path))
    assert [browser.page(p).text for p in ("/board", "/board/motor")] == ["this is board.html"] * 2
    assert browser.page("/desk/complaints/7").text == "this is desk.html"
    assert "immutable" in browser.page("/assets/board-1a2b.js").headers["Cache-Control"]
    assert browser.page("/board").headers["Cache-Control"] == "no-cache"
    assert browser.page("/icon.svg").status_code == 200
    assert {browser.page(p).status_code for p in ("/assets/../board.html", "/board.html", "/nothing")} == {404}


def test_without_built_pages_it_says_so(db: Database, clock: MovedClock, tmp_path: Path) -> None:
    """An installation without pages says in both languages what to do."""
    answer = Browser(serve(db, clock, static=tmp_path / "none")).page("/board")
    assert answer.status_code == 503
    assert "make web" in answer.text and "页面尚未构建" in answer.text


def picture(kind: str = "JPEG", size: tuple[int, int] = (8, 6), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **options)  # type: ignore[arg-type]  # Pillow's options are any
    return out.getvalue()


def upload(browser: Browser, raw: bytes, **headers: str) -> tuple[str, int]:
    sha256 = hashlib.sha256(raw).hexdigest()
    return sha256, browser.ask("PUT", f"/photos/{sha256}", raw, **headers).status_code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_comes_back_as_a_picture_without_passengers(app: Flask, db: Database, kind: str) -> None:
    """Each kind is kept under the hash of its upload, of its type by content, and without EXIF, turned upright."""
    exif = Image.Exif()
    exif[0x0112] = 6  # lay on its side
    exif[0x010E] = "SECRET-PLACE"
    browser = signed_in(app, db, "Worker", WORKER)
    raw = picture(kind, exif=exif.tobytes())
    assert b"SECRET-PLACE" in raw
    sha256, status = upload(browser, raw)
    assert status == 201
    assert upload(browser, raw) == (sha256, 200)
    got = browser.get(f"/photos/{sha256}")
    assert got.mimetype == f"image/{kind.lower()}"
    assert b"SECRET-PLACE" not in got.data
    with Image.open(io.BytesIO(got.data)) as image:
        assert image.size == (6, 8)
        assert not image.getexif()
    assert "sandbox" in got.headers["Content-Security-Policy"]


def test_what_is_no_photo_is_refused(app: Flask, db: Database) -> None:
    """Another format, damage, a bomb, another hash and more than 8 MiB are each refused."""
    browser = signed_in(app, db, "Worker", WORKER)
    damaged = picture("PNG", (300, 300))[:-40]
    assert {upload(browser, raw)[1] for raw in (b"<svg/>", picture("GIF"), b"", damaged)} == {422}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of the bomb that this test makes
        assert upload(browser, picture("PNG", (9000, 9000)))[1] == 422
    assert browser.ask("PUT", "/photos/" + "0" * 64, picture()).status_code == 422
    assert browser.ask("PUT", "/photos/not-a-hash", picture()).status_code == 404
    assert problem(browser.ask("PUT", "/photos/" + "0" * 64, b"x" * (8 * 1024 * 1024 + 1)))["status"] == 413
    assert browser.get("/photos/" + "0" * 64).status_code == 404


def test_a_station_uploads_with_its_token_and_nobody_else_may(app: Flask, db: Database, clock: MovedClock) -> None:
    """The upload token opens the upload and nothing else, until it is revoked; an auditor uploads nothing."""
    with db.write() as session:
        token = stations.enroll(session, "lakeside", "cast-1", clock()).upload_token
        _, board = tokens.make(session, "lakeside", None, "wall", clock())
    station = Browser(app)
    bearer = {"Authorization": f"Bearer {token}"}
    sha256, status = upload(station, picture(), **bearer)
    assert status == 201
    assert station.get(f"/photos/{sha256}", **bearer).status_code == 401
    assert upload(station, picture("PNG"))[1] == 401
    assert upload(station, picture("PNG"), Authorization="Bearer wrong")[1] == 401
    assert upload(station, picture("PNG"), Authorization=f"Bearer {board}")[1] == 403
    assert upload(signed_in(app, db, "Auditor", Grant(Role.AUDITOR)), picture("PNG"))[1] == 403
    with db.write() as session:
        stations.revoke(session, "lakeside", "cast-1", clock())
    assert upload(station, picture("PNG"), **bearer)[1] == 401
