"""Requests that no page of ours makes: answered with problem details, and never with a fault of the server."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from browser import API, CHEAP, Browser, MovedClock, problem, serve, signed_in
from flask import Flask
from homes import Template
from hostile.corpus import messages, texts

from threenos_server.access import Grant, Role
from threenos_server.api import Route
from threenos_server.app import ROUTES
from threenos_server.db import Database
from threenos_server.people import passwords

EVERY = [route for routes in ROUTES for route in routes.routes]
JSON = "application/json"
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "no UTF-8": b'{"reason":"\xff"}',
    "NUL": b'{"reason":"a\\u0000"}',
    "a lone surrogate": b'{"reason":"\\ud800"}',
    "5,000 digits": b'{"version":' + b"9" * 5000 + b"}",
    "deep": b'{"site":' + b"[" * 3000 + b"]" * 3000 + b"}",
    "NaN": b'{"qty":NaN}',
    "unknown fields": b'{"__class__":{},"$where":"1"}',
    "the same key twice": b'{"reason":"a","reason":"b"}',
}
#: In a query, for every parameter that there is.
VALUES = ("", "%00", "%ff%fe", "9" * 400, "-1", "1e400", "NaN", "..%2f..%2f", "%3Cscript%3E", "0001-01-01",
          "9999-12-31", "%F0%9F%91%BB", "%27%20OR%201%3D1--", "%25%25%25", "true", "null")  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {"Origin": "http://["},
    {"Origin": "null"},
    {"Origin": "http://evil.example"},
    {"Host": "["},
    {"Host": "a b/../?"},
    {"Host": "evil.example", "Origin": "http://evil.example:1"},
    {"Cookie": 'threenos_session="\\777\\000"; =; ;;'},
    {"Authorization": "Bearer " + "x" * 5000},
    {"Authorization": "Basic Og=="},
    {"If-Match": '"' + "9" * 5000 + '"'},
    {"If-Match": "W/\u00e4"},
    {"Idempotency-Key": "\u00e4\u00f6"},
    {"X-Request-Id": "<script>\u00ff"},
    {"Content-Type": "application/json; charset=\u00ff"},
    {"Content-Type": "multipart/form-data; boundary=" + "x" * 3000},
    {"Range": "bytes=" + "0-1," * 2000},
    {"Accept-Language": "x" * 5000},
    {"X-Forwarded-For": "a, b, c", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
    {"X-HTTP-Method-Override": "DELETE"},
)


@pytest.fixture(scope="module")
def everybody(factory_made: Template) -> Iterator[tuple[Browser, Flask, Database]]:
    """Somebody with every role: no door is closed before the attack arrives."""
    passwords.use(CHEAP)
    with factory_made.copied() as database:
        app = serve(database, MovedClock())
        yield signed_in(app, database, "Everybody", *(Grant(role) for role in Role)), app, database
    passwords.use(passwords.COST)


def path_of(route: Route, part: str = "x") -> str:
    return re.sub(r"\{\w+\}", lambda _: part, route.path)


def wrong(answer: Any) -> bool:
    """Anything but an answer, or a problem that says what is wrong."""
    if answer.status_code >= 500:
        return True
    return answer.status_code >= 400 and bool(problem(answer)["title"] is None)


def test_no_body_breaks_a_route(everybody: tuple[Browser, Flask, Database]) -> None:
    """Every route that takes one, with each of them."""
    browser, _, _ = everybody
    broken = []
    for route in EVERY:
        if route.method in ("GET", "DELETE") or route.path == "/session":
            continue
        for name, body in BODIES.items():
            answer = browser.ask(route.method, path_of(route), body, Content_Type=JSON)
            if wrong(answer) or (answer.status_code < 300 and name not in ("nothing", "unknown fields", "a list")):
                broken.append(f"{route.method} {route.path} with {name}: {answer.status_code}")
    assert broken == []


def test_no_value_breaks_a_query_or_a_path(everybody: tuple[Browser, Flask, Database]) -> None:
    """Every parameter of every route that reads, and every part of a path."""
    browser, _, _ = everybody
    broken = []
    for route in EVERY:
        if route.method != "GET":
            continue
        fields = ("site", *getattr(route.query, "__struct_encode_fields__", ()))
        # Every second value for one parameter, the others for the next: each meets some hundred parameters.
        asked = [f"{path_of(route)}?{field}={value}" for i, field in enumerate(fields) for value in VALUES[i % 2 :: 2]]
        if "{" in route.path:
            asked += [path_of(route, part.replace("/", "%2f")[:300]) for part in (*VALUES[1::2], *texts.PATHS.values())]
        broken += [path for path in asked if wrong(browser.get(path))]
    assert broken == []


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_no_header_breaks_the_server(everybody: tuple[Browser, Flask, Database], headers: dict[str, str]) -> None:
    """Read, written and asked for a page; a page of another origin changes nothing."""
    browser, _, _ = everybody
    as_given = {name.replace("-", "_"): value for name, value in headers.items()}
    assert not wrong(browser.get("/board", **as_given))
    changed = browser.ask("POST", "/chain/check", b"{}", **({"Content_Type": JSON} | as_given))
    assert not wrong(changed)
    if "Origin" in headers:
        assert changed.status_code == 403
    assert browser.page("/board").status_code == 200


def test_a_page_of_nowhere_is_refused(everybody: tuple[Browser, Flask, Database]) -> None:
    """Paths that lead out of the built pages, however they are written."""
    browser, _, _ = everybody
    for part in texts.PATHS.values():
        asked = re.sub(r"[\\ $:?#~]", "_", part)
        for begin in ("/assets/", "/fonts/", "/", "/static/"):
            answer = browser.page(begin + asked)
            assert answer.status_code in (200, 308, 404) and b"root:" not in answer.data


def test_scripts_come_back_as_data(everybody: tuple[Browser, Flask, Database]) -> None:
    """What a person writes is JSON when it is read again, and never a page."""
    browser, _, _ = everybody
    for text in (*texts.SCRIPTS.values(), *texts.ODD.values()):
        answer = browser.post("/people", {"name": text[:120], "roles": [{"role": "worker"}]})
        assert not wrong(answer)
    listed = browser.get("/people")
    assert listed.mimetype == JSON and listed.headers["X-Content-Type-Options"] == "nosniff"
    assert texts.SCRIPTS["element"] in json.dumps(listed.get_json(), ensure_ascii=False)
    refused = browser.get(f"/people/{texts.SCRIPTS['vector'].replace('/', '')}")
    assert refused.mimetype == "application/problem+json"


def test_the_quarantine_shows_each_as_text(everybody: tuple[Browser, Flask, Database]) -> None:
    """Whatever bytes are kept: its list can be read, and so can its second page."""
    from threenos_server.intake import quarantine
    from threenos_wire.decode import decode
    from threenos_wire.events import Malformed
    from threenos_wire.topics import Address

    browser, _, database = everybody
    with database.write() as session:
        for raw in messages.PAYLOADS.values():
            for piece in decode(raw):
                assert isinstance(piece, Malformed)
                quarantine.keep(session, "t", Address("lakeside", "mill-1"), piece, MovedClock()())
    page = browser.get("/quarantine?limit=50").get_json()
    assert len(page["items"]) == 50
    assert browser.get(f"/quarantine?limit=200&cursor={page['next']}").status_code == 200


def test_the_prefix_is_the_only_way_in(everybody: tuple[Browser, Flask, Database]) -> None:
    """Without the session nothing of the API is answered, however its address is written."""
    _, app, _ = everybody
    client = app.test_client()
    for path in (
        "//api/v1/board",
        "/api/v1//board",
        "/api/v1/./board",
        "/API/v1/board",
        "/api/v1/board/",
        "/api/v1/board;x",
    ):
        assert client.get(path).status_code in (308, 401, 404), path
    assert client.get(API + "/board").status_code == 401
