"""What every answer tells a browser, of the server and of a station's agent, and what a browser is never told."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import KEYS, Browser, MovedClock, hire, serve
from flask import Flask
from plant import free_port
from werkzeug.test import TestResponse

import threenos_server
import threenos_station
from threenos_server.access import Grant, Role
from threenos_server.app import authenticate
from threenos_server.db import Database
from threenos_station.agent import Agent
from threenos_station.page.server import PageServer
from threenos_station.settings import Page, Server, Settings, StationEntry

SERVER, STATION = (Path(str(package.__file__)).parent for package in (threenos_server, threenos_station))
LEADER = Grant(Role.TEAM_LEADER, line="motor")
PATHS = ("/desk", "/board", "/", "/nothing", "/assets/nothing.js", "/health/live", "/metrics", "/api/v1/session",
         "/api/v1/board", "/api/v1/nothing", "/api/v1/openapi.json")  # fmt: skip
NEEDED = {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"}


@pytest.fixture
def pages(db: Database, clock: MovedClock, tmp_path: Path) -> Flask:
    """A server that people reach by HTTPS, with two pages."""
    for name in ("board.html", "desk.html"):
        (tmp_path / name).write_text("<!doctype html>")
    return serve(db, clock, https=True, static=tmp_path)


def directives(policy: str) -> set[str]:
    return {part.strip() for part in policy.split(";")}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_of_the_server_restricts_the_browser(pages: Flask, path: str) -> None:
    """A page, a redirect, an error and the API alike: nothing inline, no frame, no sniffing, no camera, HTTPS only."""
    evil = {"Origin": "https://evil.example"}
    answer = pages.test_client().get(path, base_url="https://localhost", headers=evil, buffered=True)
    found = answer.headers
    assert directives(found["Content-Security-Policy"]) >= NEEDED
    assert "unsafe" not in found["Content-Security-Policy"]
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Referrer-Policy"] == "same-origin"
    assert (found["Cross-Origin-Opener-Policy"], found["Cross-Origin-Resource-Policy"]) == ("same-origin",) * 2
    assert {"camera=()", "microphone=()", "geolocation=()"} <= {
        p.strip() for p in found["Permissions-Policy"].split(",")
    }
    assert found["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert not [name for name in found.keys() if name.startswith("Access-Control-")]  # noqa: SIM118 - no dict
    if path.startswith("/api"):
        assert found["Cache-Control"] == "no-store"
    if answer.mimetype.startswith("text/"):
        assert "charset=utf-8" in found["Content-Type"]


def test_over_https_the_session_is_of_this_host_alone(pages: Flask, db: Database, clock: MovedClock) -> None:
    """Its cookie cannot be planted by a neighbour or read in plain, and one under the plain name is nobody's."""
    hire(db, "Li Na", LEADER)
    browser = Browser(pages, base="https://localhost")
    signed_in = browser.sign_in("Li Na")
    cookie = signed_in.headers["Set-Cookie"]
    assert cookie.startswith("__Host-threenos_session=")
    parts = directives(cookie)
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= parts
    assert not [part for part in parts if part.startswith("Domain")]
    token = cookie.split("=", 1)[1].split(";")[0]
    assert browser.get("/session").status_code == 200
    assert _with(pages, f"threenos_session={token}").status_code == 401
    assert _with(pages, f"__Host-threenos_session={token}").status_code == 200
    ask = authenticate(db, KEYS, clock, https=True)
    assert ask("lakeside", {"threenos_session": token}, None) is None
    assert ask("lakeside", {"__Host-threenos_session": token}, None) is not None


def test_signing_out_clears_what_the_browser_kept(app: Flask, db: Database) -> None:
    """The cookie, and the photos in its cache."""
    hire(db, "Li Na", LEADER)
    browser = Browser(app)
    browser.sign_in("Li Na")
    answer = browser.ask("DELETE", "/session")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("path", ["/", "/desk", "/api/v1/board"])
def test_nothing_answers_to_trace(pages: Flask, path: str) -> None:
    """It would send back the cookies that a script cannot read; and nothing runs in debug mode."""
    assert pages.test_client().open(path, method="TRACE").status_code == 405
    assert not pages.debug


@pytest.mark.parametrize("path", ["/assets/", "/assets", "/.git/config", "/static/", "/desk.html"])
def test_no_folder_is_listed(pages: Flask, path: str) -> None:
    """And nothing is served but what the build made."""
    assert pages.test_client().get(path).status_code in (404, 405)


@pytest.mark.parametrize(
    "page", sorted([*SERVER.glob("static/*.html"), *STATION.glob("**/*.html")]), ids=lambda p: p.name
)
def test_no_page_has_anything_inline(page: Path) -> None:
    """No script or style in it, no attribute that runs or styles: the policy needs no exception."""
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
    assert re.findall(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", text, re.I) == []


def test_all_pages_are_looked_at() -> None:
    """The built ones too, of both programs."""
    assert {p.name for p in SERVER.glob("static/*.html")} == {"board.html", "desk.html"}
    assert {"index.html", "pair.html", "station.html", "trust.en.html"} <= {p.name for p in STATION.glob("**/*.html")}


@pytest.fixture
def agent_port(tmp_path: Path) -> Iterator[int]:
    """The page of an agent, and nothing else of it."""
    port = free_port()
    entry = StationEntry(id="w2", site="plant", username="w2", password="secret")
    settings = Settings(
        server=Server(host="127.0.0.1", port=1), station=[entry], page=Page(port=port), data=str(tmp_path / "data")
    )
    agent = Agent(settings)
    page = PageServer(agent)
    page.start()
    yield port
    page.stop()
    agent.stop()


@pytest.mark.parametrize(
    "path", ["/", "/station/w2", "/pair", "/health", "/api/stations/w2", "/nothing", "/api/nothing"]
)
def test_every_answer_of_an_agent_restricts_the_browser(agent_port: int, path: str) -> None:
    """As the server's; its page alone may use the camera, and WebAssembly for reading barcodes."""
    connection = http.client.HTTPConnection("127.0.0.1", agent_port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = dict(answer.getheaders())
    connection.close()
    assert directives(found["Content-Security-Policy"]) >= NEEDED
    assert "'unsafe-inline'" not in found["Content-Security-Policy"]
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Referrer-Policy"] == "no-referrer"
    assert found["Cross-Origin-Opener-Policy"] == "same-origin"
    assert found["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=()"
    connection.request("TRACE", path)
    assert connection.getresponse().status == 501
    connection.close()


def _with(app: Flask, cookie: str) -> TestResponse:
    client = app.test_client(use_cookies=False)
    return client.get("/api/v1/session", base_url="https://localhost", headers={"Cookie": cookie})
