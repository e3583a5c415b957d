"""Photos wait on the agent's disk until the server has taken them."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from plant import free_port
from service.station.shopfloor import MakeAgent, until
from service.station.test_page import PAGE, Browser

from threenos_station import photos
from threenos_station.settings import Server

PHOTO = b"\x89PNG\r\n\x1a\n" + b"p" * 1000
NAME = hashlib.sha256(PHOTO).hexdigest()


class Taker(ThreadingHTTPServer):
    """The server's end of `PUT /photos/{sha256}`; answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        self.status = 201
        self.got: list[tuple[str, str | None, str | None, bytes]] = []
        super().__init__(("127.0.0.1", 0), _Take)


class _Take(BaseHTTPRequestHandler):
    server: Taker

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        seen = (self.path, self.headers["Authorization"], self.headers["Content-Type"], body)
        self.server.got.append(seen)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"why?")

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def taker() -> Iterator[Taker]:
    """Listening."""
    taker = Taker()
    thread = threading.Thread(target=taker.serve_forever, args=(0.05,))
    thread.start()
    yield taker
    taker.shutdown()
    taker.server_close()
    thread.join()


def _server(taker: Taker) -> Server:
    url = f"http://127.0.0.1:{taker.server_address[1]}/"
    return Server(host="127.0.0.1", port=free_port(), url=url, upload_token="token")


def test_a_photo_is_kept_and_brought_to_the_server(taker: Taker, make_agent: MakeAgent) -> None:
    """By its hash, with the upload token; then it leaves the agent's disk."""
    agent = make_agent(0, server=_server(taker), page=PAGE)
    status, answer, _ = Browser(agent).ask("POST", "/api/photos", PHOTO, Content_Type="image/png")
    assert (status, answer["photo"]) == (201, f"sha256:{NAME}")
    until(lambda: not agent.shelf.waiting())
    assert taker.got == [(f"/api/v1/photos/{NAME}?site=plant", "Bearer token", "image/png", PHOTO)]
    assert agent.press("w2", "reject", {"photos": [answer["photo"]]})


def test_a_photo_waits_while_the_server_takes_none(taker: Taker, make_agent: MakeAgent) -> None:
    """An error of the moment keeps it and is shown."""
    taker.status = 503
    agent = make_agent(0, server=_server(taker))
    agent.shelf.keep(PHOTO)
    agent.uploader.wake()
    problem = until(lambda: agent.status()["photos"]["problem"])
    assert "503" in problem and agent.shelf.waiting() == [NAME]
    taker.status = 200
    agent.uploader.wake()
    until(lambda: not agent.shelf.waiting())


def test_a_photo_that_the_server_will_never_take_is_set_apart(taker: Taker, make_agent: MakeAgent) -> None:
    """With the reason beside it, and the next one is not held up."""
    taker.status = 415
    agent = make_agent(0, server=_server(taker))
    agent.shelf.keep(PHOTO)
    agent.uploader.wake()
    until(lambda: agent.shelf.refused() == [NAME])
    assert agent.shelf.waiting() == []


def test_what_is_no_photo_or_too_much_is_refused(
    taker: Taker, make_agent: MakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its contents, not by its name; and the disk is left to the outbox."""
    agent = make_agent(0, server=_server(taker), page=PAGE)
    browser = Browser(agent)
    taker.status = 503
    assert browser.ask("POST", "/api/photos", b"<svg/>", Content_Type="image/png")[0] == 422
    monkeypatch.setattr(photos, "MAX_SHELF_BYTES", 1500)
    assert browser.ask("POST", "/api/photos", PHOTO)[0] == 201
    assert browser.ask("POST", "/api/photos", PHOTO + b"more")[0] == 507
