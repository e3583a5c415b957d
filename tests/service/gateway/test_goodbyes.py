"""Connections of boards that are none, that say nothing, or that do not go: none holds a thread or anybody up."""

import socket
from collections.abc import Callable
from threading import Event, active_count
from typing import Any
from urllib.parse import urlsplit

import engineio
import pytest
from plant import wait_for

from threenos_server.gateway import pings, server

Look = Callable[..., Any]
HANDS = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    + b"A" * 22
    + b"==\r\n"
)


def shaken(served: Any, head: bytes) -> socket.socket:
    """A connection that asks for a WebSocket by these headers, and from then on neither answers nor goes."""
    said = socket.create_connection((urlsplit(served.url).hostname, urlsplit(served.url).port or 0), 15)
    said.sendall(b"GET /socket.io/?EIO=4&transport=websocket&site=lakeside HTTP/1.1\r\n" + head + b"\r\n")
    return said


@pytest.mark.parametrize("head", [HANDS, HANDS.replace(b"13", b"14") + b"Host: x\r\n", b"Host: x\r\n"])
def test_hands_that_are_not_shaken_are_refused_at_once(served: Any, head: bytes) -> None:
    """Before there is a connection, which nothing would ever send on."""
    with shaken(served, head) as said:
        assert said.recv(100).split()[1] == b"400"
    assert served.gateway._out._server.eio.sockets == {}


def test_a_connection_without_a_sender_holds_up_nobody(
    served: Any, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up as one that did not join, and whoever is revoked afterwards is cut as before."""
    board, out = look(), served.gateway._out
    eio = out._server.eio
    monkeypatch.setattr(server, "JOIN_S", 0.0)
    eio.sockets["nobody"] = engineio.socket.Socket(eio, "nobody")
    out.await_join("nobody")
    wait_for("it is given up", lambda: "nobody" not in eio.sockets)
    served.credentials.revoked.add("wall")
    wait_for("the other is cut", lambda: not board.connected)


@pytest.mark.parametrize("joined", [False, True])
def test_who_stays_after_the_goodbye_is_cut(
    served: Any, look: Look, joined: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their threads and their connection come free, though they answer nothing at all."""
    look(token=None)  # what looks after all of them runs
    before = active_count()
    monkeypatch.setattr(server, "JOIN_S", 60.0 if joined else 0.0)
    with shaken(served, HANDS + b"Host: " + urlsplit(served.url).netloc.encode() + b"\r\n") as said:
        assert said.recv(16).split()[1] == b"101"
        if joined:
            said.sendall(masked(b'40/board,{"token":"wall"}'))
            wait_for("it is let in", lambda: len(served.gateway._members) == 2)
            served.credentials.revoked.add("wall")
        while said.recv(4096):
            pass
        wait_for("its threads have ended", lambda: active_count() <= before, 30)


def test_pings_go_on_and_who_answers_none_is_cut(served: Any) -> None:
    """From one thread for all: none is left behind by those that have gone."""
    eio = served.gateway._out._server.eio
    eio.ping_interval = eio.ping_timeout = 0.5
    host = b"Host: " + urlsplit(served.url).netloc.encode() + b"\r\n"
    with shaken(served, HANDS + host) as said:
        heard = said.recv(16)
        for _ in range(3):
            while b"\x81\x012" not in heard:
                heard += said.recv(4096)
            heard = b""
            said.sendall(masked(b"3"))
        while said.recv(4096):  # the fourth is not answered
            pass
    eio.ping_interval = 3600
    before = active_count()
    for _ in range(10):
        with shaken(served, HANDS + host) as said:
            assert said.recv(16).split()[1] == b"101"
    wait_for("no thread waits for a ping of one that went", lambda: active_count() <= before, 30)


def test_where_no_thread_can_be_begun_the_next_ping_begins_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One failure does not leave all boards without pings for ever."""
    sent = Event()
    eio = engineio.Server(async_mode="threading")
    connection = engineio.socket.Socket(eio, "one")
    connection.send = lambda _packet: sent.set()
    eio.ping_interval = 0
    begin = pings.Pings().instead_of(eio.start_background_task)
    with monkeypatch.context() as crowded:
        crowded.setattr(pings.Thread, "start", lambda _self: (_ for _ in ()).throw(RuntimeError("too many threads")))
        with pytest.raises(RuntimeError):
            begin(connection._send_ping)
    begin(connection._send_ping)
    assert sent.wait(15)


def masked(text: bytes) -> bytes:
    """A short frame of text as a browser sends it."""
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text
