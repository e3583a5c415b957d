"""Photos wait on the agent's disk until the server has taken them."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from listening import Quiet, serving
from plant import free_port
from service.station.shopfloor import MakeAgent, until
from service.station.test_page import PAGE, Browser

from threenos_station import photos
from threenos_station.photos import Shelf, Uploader
from threenos_station.settings import Server

PHOTO = b"\x89PNG\r\n\x1a\n" + b"p" * 1000
NAME = hashlib.sha256(PHOTO).hexdigest()


@dataclass
class Taker:
    """The server's end of `PUT /photos/{sha256}`; answers with `status`, and to an `odd` photo with its own."""

    url: str = ""
    status: int = 201
    odd: dict[str, int] = field(default_factory=dict)
    got: list[tuple[str, str | None, str | None, bytes]] = field(default_factory=list)


@pytest.fixture
def taker() -> Iterator[Taker]:
    """Listening."""
    taker = Taker()

    class Take(Quiet):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taker.got.append((self.path, self.headers["Authorization"], self.headers["Content-Type"], body))
            name = self.path.partition("?")[0].rpartition("/")[2]
            self.send_response(taker.odd.get(name, taker.status))
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"why?")

    with serving(Take) as server:
        taker.url = f"{server.url}/"
        yield taker


def _server(taker: Taker) -> Server:
    return Server(host="127.0.0.1", port=free_port(), url=taker.url, upload_token="token")


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


@pytest.mark.parametrize("odd", [404, 500])
def test_a_photo_with_an_odd_answer_holds_up_no_other(taker: Taker, tmp_path: Path, odd: int) -> None:
    """It stays and is named, and those behind it are brought."""
    shelf = Shelf(tmp_path)
    for n in range(3):
        os.utime(tmp_path / "waiting" / shelf.keep(PHOTO + b"p" * n).removeprefix("sha256:"), (n + 1, n + 1))
    assert shelf.waiting()[0] == NAME
    taker.odd[NAME] = odd
    with pytest.raises(ConnectionError, match=f"1 photos are still here: the server answered {odd} why. to .* {NAME}"):
        Uploader(shelf, _server(taker), "plant").upload_waiting()
    assert shelf.waiting() == [NAME]


def test_an_answer_about_all_photos_is_not_asked_for_each(taker: Taker, tmp_path: Path) -> None:
    """A server that is busy, or a token that is no longer good: nothing more is sent for now."""
    shelf = Shelf(tmp_path)
    for n in range(3):
        shelf.keep(PHOTO + b"p" * n)
    for taker.status in (401, 503):
        taker.got.clear()
        with pytest.raises(ConnectionError, match=str(taker.status)):
            Uploader(shelf, _server(taker), "plant").upload_waiting()
        assert len(taker.got) == 1
