"""The station's agent: its page's socket, and what somebody who plays the server tells it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic
from urllib.parse import urlsplit

import pytest
from fuzz.system import asked
from hostile.corpus import messages, requests
from plant import free_port
from service.station.shopfloor import FakeServer, MakeAgent, until
from service.station.test_page import PAGE, Browser

from threenos_station.agent import Agent
from threenos_station.page import patience


@pytest.fixture
def agent(make_agent: MakeAgent) -> Agent:
    """Without any broker."""
    return make_agent(free_port(), page=PAGE)


@pytest.fixture
def address(agent: Agent) -> tuple[str, int]:
    assert agent.page is not None
    where = urlsplit(agent.page.url)
    return where.hostname or "", where.port or 0


@pytest.fixture(autouse=True)
def a_press_is_saved(agent: Agent) -> Iterator[None]:
    """Behind every attack of this file: a press on the page is saved."""
    yield
    assert Browser(agent).ask("POST", "/api/stations/w2/presses", {"kind": "stop"})[0] == 201


def test_no_request_breaks_the_page(address: tuple[str, int]) -> None:
    """Refused as a problem, or not answered at all; none of them is taken for a press."""
    host = f"127.0.0.1:{address[1]}".encode()
    taken = {name: asked(address, raw.replace(b"{host}", host)) for name, raw in requests.REQUESTS.items()}
    assert {
        name: status for name, status in taken.items() if not (status[0] == "4" or status in ("none", "501", "505"))
    } == {}


def test_no_request_is_smuggled_past_a_proxy(address: tuple[str, int]) -> None:
    """A body that nobody reads, two lengths, a line that is no header: what follows is never answered.

    A proxy on this machine would take the second answer for that of the next tablet, and a request that it never saw
    would have this machine's rights.
    """
    host = f"Host: 127.0.0.1:{address[1]}\r\n".encode()
    press = b"POST /api/stations/w2/presses HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
    inside = press + b'Content-Length: 15\r\n\r\n{"kind":"stop"}'
    for begin in (
        b"GET /health HTTP/1.1\r\n" + host + b"X-Forwarded-For: 10.0.0.9\r\nContent-Length: %d\r\n\r\n" % len(inside),
        b"GET /nothing HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n",
        press + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(inside),
        press + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"GET /health HTTP/1.1\r\n" + host + b"broken\r\nContent-Length: %d\r\n\r\n" % len(inside),
        b"GET /health HTTP/1.1\r\n" + host + b"A: b\rContent-Length: %d\r\n\r\n" % len(inside),
    ):
        with socket.create_connection(address, 5) as said, suppress(OSError):
            said.sendall(begin + inside)
            answer = b""
            with suppress(OSError):
                while more := said.recv(65536):
                    answer += more
            assert answer.count(b"HTTP/1.1 ") <= 1 and b'"saved"' not in answer, begin


def test_who_sends_slowly_is_let_go(address: tuple[str, int], agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head of which a byte comes now and then has a time for the whole, and so has a body."""
    assert agent.page is not None
    monkeypatch.setattr("threenos_station.page.server.IDLE_S", 0.5)
    host = f"Host: 127.0.0.1:{address[1]}\r\n".encode()
    body = b"POST /api/pair HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\nContent-Length: 400\r\n\r\n"
    for begin in (b"GET /health HTTP/1.1\r\n" + host + b"X: ", body):
        began, ended = monotonic(), threading.Event()
        with socket.create_connection(address, 5) as said:
            said.sendall(begin)
            said.settimeout(0.05)
            while not ended.wait(0.05) and monotonic() - began < 15:
                try:
                    said.sendall(b"a")
                    if said.recv(4096) == b"":
                        ended.set()
                except TimeoutError:
                    continue
                except OSError:
                    ended.set()
        assert ended.is_set(), f"15 s after its time it was not let go: {begin!r}"


def test_one_device_leaves_places_for_others() -> None:
    """As many connections as one may have, then no more of them; this machine, a proxy perhaps, may have all."""
    places = patience.Places()
    assert [places.enter("10.0.0.9") for _ in range(patience.MOST_OF_ONE + 1)].count(True) == patience.MOST_OF_ONE
    assert places.enter("10.0.0.8") and places.enter("fe80::1%eth0")
    places.leave("10.0.0.9")
    assert places.enter("10.0.0.9") and not places.enter("10.0.0.9")
    rest = patience.MOST_CONNECTIONS - patience.MOST_OF_ONE - 2
    assert [places.enter("127.0.0.1") for _ in range(rest + 1)].count(True) == rest


def test_who_plays_the_server_cannot_end_the_agent(server: FakeServer, make_agent: MakeAgent) -> None:
    """Nonsense on every topic that it hears: the link lives, the page answers, and the next press is recorded."""
    agent = make_agent(server.port, data="heard")
    until(lambda: agent.document("w2").server.heard)
    for leaf in ("ack", "state", "setup"):
        for raw in (
            *messages.PAYLOADS.values(),
            *messages.PRESENCES.values(),
            b'{"accepted":[null]}',
            b"[]",
            b'{"a":1}',
        ):
            if len(raw) < 20_000:
                server.client.publish(f"threenos/v1/plant/w2/{leaf}", raw, qos=1)
                server.client.publish("threenos/v1/plant/_server", raw, qos=1)
    pressed = agent.press("w2", "stop")
    until(lambda: pressed in server.recorded)
    assert agent.stations["w2"].link.alive
    assert agent.document("w2").station == "w2"
