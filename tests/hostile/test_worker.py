"""The web worker's threads: who sends slowly is let go, and one device leaves threads for others."""

import socket
import threading
from collections import deque
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.workers.gthread import ThreadWorker
from plant import beside, wait_for

from threenos_server.http import worker
from threenos_server.http.worker import BehindProxies, Worker


class Conn:
    """A connection as the worker knows it."""

    def __init__(self, address: str = "10.0.0.9", sock: Any = None) -> None:
        self.client, self.sock = (address, 1), sock


def made(kind: type[Worker] = Worker) -> Any:
    """A worker that nobody has started."""
    one = kind(1, 1, [], None, 30, SimpleNamespace(worker_connections=1000, threads=500, max_requests=0,
               max_requests_jitter=0, worker_tmp_dir=None, umask=0, uid=0, gid=0), None)  # fmt: skip
    one.tmp.close()  # the file by which it would say that it lives
    one.pending_conns = deque()
    return one


def test_a_head_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each second its time is looked at; then reading ends for it, and the thread is free."""
    monkeypatch.setattr(worker, "HEAD_S", 0.0)
    here, there = socket.socketpair()
    conn, ended = Conn(sock=here), threading.Event()

    def reads(_self: Any, conn: Any) -> bool:
        assert conn.sock.recv(10) == b""
        ended.set()
        return False

    monkeypatch.setattr(ThreadWorker, "handle", reads)
    one = made()
    with here, there:
        with beside(lambda: one.handle(conn), threading.Event()):
            wait_for("the reader is let go", lambda: one.murder_pending() or ended.is_set())
        assert (one._until, one._threads) == ({}, {})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"CONTENT-LENGTH": "0"}, None),
        ({"CONTENT-LENGTH": "9" * 400}, None),
        ({"CONTENT-LENGTH": "2000000"}, 130),
        ({"TRANSFER-ENCODING": "chunked"}, 449),
    ],
)
def test_a_body_has_its_time(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], seconds: float | None) -> None:
    """By its length; a request without one may wait for hours, as the socket of a board does."""
    monkeypatch.setattr(ThreadWorker, "handle_request", lambda *_: True)
    one, conn = made(), Conn()
    one._until[conn] = 0.0
    one.handle_request(SimpleNamespace(headers=list(headers.items())), conn)
    left = one._until.get(conn)
    assert (left is None) is (seconds is None)
    assert left is None or seconds is None or abs(left - monotonic() - seconds) < 2


@pytest.mark.parametrize(
    ("kind", "address", "all_of_them"),
    [
        (Worker, "10.0.0.9", False),
        (Worker, "127.0.0.1", True),
        (Worker, "::1", True),
        (BehindProxies, "10.0.0.9", True),
    ],
)
def test_one_device_leaves_threads_for_others(
    monkeypatch: pytest.MonkeyPatch, kind: type[Worker], address: str, all_of_them: bool
) -> None:
    """Unless it speaks for many: a proxy, or this machine."""
    monkeypatch.setattr(ThreadWorker, "handle", lambda *_: True)
    one = made(kind)
    one._threads[address] = worker.MOST_OF_ONE
    assert one.handle(Conn(address)) is all_of_them
    assert one.handle(Conn("10.0.0.8")) is True
    assert one._threads[address] == worker.MOST_OF_ONE
