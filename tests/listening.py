"""HTTP servers in this process, for what ours talks to and for our own app; each ends with its block."""

import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from threading import Thread
from typing import Any, TypeVar

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

#: So long may a peer say nothing in the middle of its request, and a thread take to end.
SILENCE_S, END_S = 10.0, 10.0


class Quiet(BaseHTTPRequestHandler):
    """Says nothing on the terminal, and lets go of who says nothing to it."""

    timeout = SILENCE_S

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is what a test looks at."""


class _QuietApp(WSGIRequestHandler):
    """Werkzeug's log would be bound to the terminal of the test that ran first, and that is closed after it."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


class Threads(BaseServer):
    """A thread for each connection, known so that it can be cut off and waited for."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self._open: list[tuple[Thread, socket.socket]] = []
        super().__init__(*args, **more)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = Thread(target=self._serve, args=(request, client_address), daemon=True)
        self._open = [(other, its) for other, its in self._open if other.is_alive()] + [(thread, request)]
        thread.start()

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - the boundary of a connection, as in the standard library
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)

    def cut_off(self) -> None:
        """End every connection, and wait for its thread."""
        for _, request in self._open:
            with suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(request, socket.SHUT_RDWR)
        for thread, _ in self._open:
            thread.join(END_S)
        assert not any(thread.is_alive() for thread, _ in self._open), "a connection was cut off and is served on"


class Server(Threads, ThreadingHTTPServer):
    """The standard library's."""

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def leading_inside(status: int = 302) -> Iterator[tuple[str, list[str]]]:
    """An address that sends whoever asks it on to `/inside`, and what was asked there, which should be nothing."""
    inside: list[str] = []

    class Handler(Quiet):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            led = self.path == "/inside"
            if led:
                inside.append(self.command)
            self.send_response(200 if led else status)
            self.send_header("Location", "/inside")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

    with serving(Handler) as server:
        yield f"{server.url}/outside", inside


class _App(Threads, ThreadedWSGIServer):
    """Werkzeug's, which says its errors to whoever is the terminal at that moment."""

    def log(self, type: str, message: str, *args: Any) -> None:
        if type == "error":
            sys.stderr.write(message % args if args else message)


@contextmanager
def serving(handler: type[Quiet], *, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Answer at an address of loopback with `handler` while the block lasts."""
    server = Server(("127.0.0.1", port), handler)
    if tls is not None:
        # Hands are shaken by the thread of each connection: one that never does it must not keep others waiting.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with running(server):
        yield server


@contextmanager
def serving_app(app: Flask) -> Iterator[str]:
    """A web worker with sockets in a thread of this process, at the address that is given."""
    with running(_App("127.0.0.1", 0, app, _QuietApp)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


_S = TypeVar("_S", bound=Threads)


@contextmanager
def running(server: _S) -> Iterator[_S]:
    """Serve in a thread while the block lasts; then every connection is cut off."""
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(END_S)
        server.cut_off()
