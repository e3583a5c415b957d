"""What comes over HTTP and Socket.IO, as far as our own code reads it: bodies, queries, the agent's page, packets."""

import io
from types import SimpleNamespace
from typing import Any

import msgspec
from flask import Flask, Request
from fuzz.target import Target
from hostile.corpus import requests
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from threenos_server.access import Actor
from threenos_server.api import NoQuery, Route
from threenos_server.app import ROUTES
from threenos_server.errors import ThreenosError
from threenos_server.gateway.server import EXTENSION, NAMESPACE, attach
from threenos_server.http import asking, decoding
from threenos_station.errors import StationError
from threenos_station.page.answers import Answer
from threenos_station.page.guard import Guard, Visit
from threenos_station.page.patience import Lines, check_framing
from threenos_station.page.routes import Elsewhere, Routes
from threenos_station.press import compose
from threenos_station.ticks import MachineClock

EVERY = [route for routes in ROUTES for route in routes.routes]
BODIES = [route for route in EVERY if route.body not in (None, bytes)]
QUERIES = [route for route in EVERY if route.query is not NoQuery]


def _decoded(read: Any, environ: dict[str, Any], *given: Any) -> str:
    try:
        read(Request(environ), *given)
    except ThreenosError as e:
        msgspec.json.encode([e.detail, [(f.where, f.detail) for f in e.faults]])
        return e.title
    except HTTPException as e:
        assert e.code is not None and 400 <= e.code < 500
        return e.name
    return "taken"


def _body(raw: bytes) -> str:
    """The first byte says of which route."""
    route: Route = BODIES[raw[0] % len(BODIES)] if raw else BODIES[0]
    inside = raw[1:]
    environ = {
        "REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(inside), "CONTENT_LENGTH": str(len(inside)),
        "CONTENT_TYPE": "application/json", "QUERY_STRING": "", "PATH_INFO": "/", "SERVER_NAME": "x",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http",
    }  # fmt: skip
    return _decoded(decoding.body, environ, route)


def _query(raw: bytes) -> str:
    """The first byte says of which route."""
    route: Route = QUERIES[raw[0] % len(QUERIES)] if raw else QUERIES[0]
    said = raw[1:].decode("latin-1")
    environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": said, "PATH_INFO": "/", "SERVER_NAME": "x", "SERVER_PORT": "80",
               "wsgi.url_scheme": "http", "HTTP_IF_MATCH": said[:40], "HTTP_IDEMPOTENCY_KEY": said[:200]}  # fmt: skip
    try:
        asking.check_query(Request(environ))
    except ThreenosError as e:
        return e.detail
    try:
        decoding.version(Request(environ))
        decoding.idempotency_key(Request(environ))
    except ThreenosError as e:
        msgspec.json.encode([e.detail, [(f.where, f.detail) for f in e.faults]])
    return _decoded(decoding.query, environ, route.query)


def body() -> Target:
    seeds = [bytes([i]) + inside for i in range(len(BODIES)) for inside in (
        b'{"reason":"a","made_at":"p","version":1,"what":"a","where":"b","qty":1.5,"rating":3,"text":"t"}',
        b'{"name":"a","roles":[{"role":"worker"}],"password":"p","shifts":[{"id":"e"}],"entries":{}}',
        b'{"site":{"id":"a"},"yaml":"a: 1","xlsx":"AAAA","links":[],"defects":{"x":null}}',
        b'{"cause_made":"a","cause_missed":"b","countermeasure":"c","owner":"o","due_on":"2026-12-01"}')]  # fmt: skip
    words = {name for route in BODIES for name in getattr(route.body, "__struct_encode_fields__", ())}
    return Target("http-body", _body, seeds, seeds[0], tuple(f'"{word}":'.encode() for word in sorted(words)))


def query() -> Target:
    words = sorted({name for route in QUERIES for name in route.query.__struct_encode_fields__})
    seeds = [bytes([i]) + "&".join(f"{w}=1" for w in route.query.__struct_encode_fields__).encode()
             for i, route in enumerate(QUERIES)]  # fmt: skip
    return Target("http-query", _query, seeds, seeds[0], (*(f"&{w}=".encode() for w in words), b"&", b"=", b"+", b";"))


_clock = MachineClock()
_agent: Any = SimpleNamespace(
    station=lambda _: SimpleNamespace(press=lambda fields: compose(fields, _clock).id, setup_name=lambda _: {}),
    pairing=SimpleNamespace(pair=lambda code: "token" + code.replace(" ", "")),
    document=lambda _: {}, status=dict, stations={}, page=None,
    shelf=SimpleNamespace(keep=lambda photo: f"sha256:{len(photo)}"), uploader=SimpleNamespace(wake=lambda: None),
)  # fmt: skip
_guard = Guard(frozenset({"andon-3"}), True, "secret", lambda cookie: cookie == "good")
_routes = Routes(_agent, _guard)


def _page(raw: bytes) -> str:
    """A whole request as it stands on the socket, read by what the agent's page server reads it with."""
    lines = Lines(io.BytesIO(raw))  # type: ignore[arg-type]  # bytes instead of a socket
    from http.client import HTTPException as Unread
    from http.client import parse_headers

    try:
        words = lines.readline(65537).split()
        headers = parse_headers(lines)
    except Unread as e:
        return type(e).__name__
    if len(words) != 3:
        return "no request"
    method, path = words[0].decode("latin-1"), words[1].decode("latin-1").partition("?")[0]
    visit = Visit(method, "127.0.0.1", "10.0.0.5", headers, tuple(headers.get_all("Host") or ()))
    try:
        check_framing(headers)
        _guard.check_address(visit)
        answer = _routes.answer(visit, path, lambda most: lines.read(most))
    except StationError as e:
        msgspec.json.encode([e.code, e.detail])
        return e.code
    except Elsewhere:
        return "elsewhere"
    return f"{answer.status} of {method[:8]}" if isinstance(answer, Answer) else "stream"


def page() -> Target:
    def request(line: str, said: bytes, *more: str) -> bytes:
        head = [line, "Host: localhost:1", "Content-Type: application/json", f"Content-Length: {len(said)}", *more]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + said

    press = request("POST /api/stations/w2/presses HTTP/1.1", b'{"kind":"reject","defect":"x","qty":3,"note":"n"}')
    seeds = [
        press,
        request("POST /api/stations/w2/presses HTTP/1.1", b'{"kind":"accept","complaint":"x","rating":3,"id":"7"}'),
        request("POST /api/pair HTTP/1.1", b'{"code":"1234 5678"}'),
        request("POST /api/photos HTTP/1.1", b"\x89PNG\r\n\x1a\n"),
        request("GET /station/w2/en.webmanifest HTTP/1.1", b"", "Cookie: threenos_tablet=good"),
        request("GET /plain/../../../etc/passwd HTTP/1.1", b"", "Origin: http://localhost:1", "Sec-Fetch-Site: none"),
        request("GET /api/stations/w2 HTTP/1.1", b"", "Authorization: Bearer secret", "X-Forwarded-For: 1.2.3.4"),
        *(raw.replace(b"{host}", b"localhost:1") for raw in requests.REQUESTS.values()),
    ]
    words = (b"\r\n", b"\r\n\r\n", b"Host: ", b"Origin: http://[", b"Content-Length: ", b"Transfer-Encoding: chunked",
             b"Cookie: ", b'"kind":', b'"id":', b'"age_ms":', b"/..", b"//", b"/api/", b"HTTP/0.9")  # fmt: skip
    return Target("agent-page", _page, seeds, press, words)


def _ignore(*_: Any) -> None:
    """Does what is asked for, which is nothing."""


_nothing: Any = SimpleNamespace(
    is_alive=lambda: True, prepare=_ignore, join=_ignore, resume=_ignore, leave=_ignore, wake=_ignore
)


class _Board:
    """The Socket.IO server without sockets: one connection after the other is told one packet."""

    def __init__(self) -> None:
        app = Flask("fuzzed")
        live = attach(app, _nothing, lambda *_: Actor("Wall", "board-1", board_token=True))
        self.server, self.gateway = live.server, app.extensions[EXTENSION]
        self.server.eio.send_packet = self.server.eio.send = _ignore
        self.server.eio.disconnect = self.close
        # What stands behind the packets has tests of its own, and a database.
        self.gateway._feed = lambda _: self.gateway._feeds.setdefault("lakeside", _nothing)
        self.gateway._guard = _nothing
        self.environ = EnvironBuilder(path="/socket.io/", query_string="site=lakeside").get_environ()
        self.environ["flask.app"] = app
        self.begin()

    def begin(self) -> None:
        self.closed = False
        self.server._handle_eio_connect("one", self.environ)
        self.say('0/board,{"token":"a"}')
        assert self.server.manager.sid_from_eio_sid("one", NAMESPACE)

    def say(self, packet: str | bytes) -> None:
        self.server.eio.handlers["message"]("one", packet)

    def close(self, transport: str = "one") -> None:
        """As the library does it; nothing of the connection may be left behind."""
        self.closed = True
        self.server._handle_eio_disconnect(transport, "client error")
        left = [*self.server.environ, *self.server._binary_packet, *self.gateway._members]
        assert left == [], left

    def one(self, raw: bytes) -> str:
        self.say(raw[1:] if raw[:1] == b"b" else raw.decode(errors="replace"))
        if self.closed:
            self.begin()
            return "closed"
        if self.server.manager.sid_from_eio_sid("one", NAMESPACE) is None:
            self.close()
            self.begin()
            return "left the board"
        assert len(self.gateway._members) == 1
        return "taken"


def packets() -> Target:
    seeds = [p[1:].encode() if isinstance(p, str) else b"b" + p for p in requests.PACKETS.values()]
    good = b'2/board,["resume",{"after":1}]'
    words = (b"/board,", b"/", b'["resume",', b'{"after":', b"51-", b"61-", b'{"_placeholder":true,"num":0}',
             b"0/board,", b"1/board,", b"3/board,1", b"4/board,")  # fmt: skip
    return Target("board-packet", _Board().one, [good] * 20 + seeds, good, words)


MAKE = {"http-body": body, "http-query": query, "agent-page": page, "board-packet": packets}
