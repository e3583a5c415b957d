"""The page's HTTP server: a thread for each connection, which is right for some twenty tablets with an event stream."""

import http
import http.server
import logging
import socket
import socketserver
import ssl
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from threenos_station.errors import Denied, StationError
from threenos_station.page.answers import Answer, Stream, problem
from threenos_station.page.guard import Guard, Visit
from threenos_station.page.patience import IDLE_S, SLOWEST, Lines, Places, Waiting, check_framing
from threenos_station.page.routes import Elsewhere, Routes, TooLarge
from threenos_station.page.secure import Certificate
from threenos_station.pairing import known_as

if TYPE_CHECKING:
    from threenos_station.agent import Agent

log = logging.getLogger("threenos.station.page")

#: An event stream says something at least this often, so that a tablet notices a dead agent.
STREAM_S = 5.0
_HEADERS = {
    # The reader of barcodes is WebAssembly, which `wasm-unsafe-eval` lets run; text is turned into script nowhere.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:;"
    " media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


class _LengthRequired(StationError):
    status = 411


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], routes: Routes, guard: Guard, secured: Certificate | None) -> None:
        self.routes, self.guard, self.secured = routes, guard, secured
        self.stopping = threading.Event()
        self._places = Places()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # The parent asks the name service for our own name, which takes seconds where there is no network.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]  # IPv6 has four parts

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.enter(client_address[0]):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # the machine gives no more threads
            self._places.leave(client_address[0])
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.leave(client_address[0])

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the parent's signature
        log.info("a connection of %s ended early", client_address[0], exc_info=True)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "threenos-station", ""
    disable_nagle_algorithm = True
    timeout = IDLE_S
    server: _Server
    request: socket.socket
    secure = False
    _unread = False

    def setup(self) -> None:
        """One port for both: a tablet that does not trust us yet comes in plain, and only learns how to."""
        self.request.settimeout(self.timeout)
        under = self.server.secured.accept(self.request) if self.server.secured else None
        if under is not None:
            _shake_hands(under)
            self.request, self.secure = under, True
        super().setup()
        self._waiting = Waiting(self.connection)
        self.rfile = Lines(self._waiting)

    def handle_one_request(self) -> None:
        self._waiting.wait(IDLE_S)
        super().handle_one_request()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the parent could not read, said as every other problem is."""
        e = StationError("bad-request", explain or message or http.HTTPStatus(code).phrase)
        self.close_connection = True
        self._send(replace(problem(e), status=code))

    def finish(self) -> None:
        super().finish()
        if self.secure:
            self.request.close()  # the server closes the one that it gave us, which this one replaced

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self._unread = True
        try:
            answer = self._answer()
            if isinstance(answer, Stream):
                self._stream(answer)
            else:
                self._send(answer)
        except (ConnectionError, TimeoutError):
            self.close_connection = True  # the tablet has gone

    def _answer(self) -> Answer | Stream:
        try:
            visit = self._visit()
            self._check_framing()
            self.server.guard.check_address(visit)
            path = unquote(self.path.partition("?")[0], errors="strict")
            return self.server.routes.answer(visit, path, self._read)
        except Elsewhere as e:
            return Answer(b"", 303, "text/plain", {"Location": e.path})
        except UnicodeDecodeError:
            return problem(Denied("bad-path", "the path is no UTF-8"))
        except StationError as e:
            return problem(e)
        except (ConnectionError, TimeoutError):
            raise
        except Exception:
            log.exception("gave up the request %s %r", self.command, self.path)
            return problem(_Broken("broken", "the agent made a mistake; its log says which"))

    def _check_framing(self) -> None:
        """Where such a request ends nobody knows, so nothing after it is read."""
        try:
            check_framing(self.headers)
        except StationError:
            self.close_connection = True
            raise

    def _visit(self) -> Visit:
        local = str(self.connection.getsockname()[0]).removeprefix("::ffff:")
        hosts = tuple(self.headers.get_all("Host") or ())
        return Visit(self.command, str(self.client_address[0]), local, self.headers, hosts, self.secure)

    def _read(self, most: int) -> bytes:
        """The body; refused before it is read when it is too large or of unknown length."""
        length = self.headers.get("Content-Length", "")
        known = length.isascii() and length.isdecimal() and len(length) < 19
        if not known or "Transfer-Encoding" in self.headers:
            raise _LengthRequired("no-length", "a body needs its Content-Length")
        if int(length) > most:
            raise TooLarge("too-large", f"a body may have {most} bytes here")
        self._waiting.wait(IDLE_S + int(length) / SLOWEST)
        body = self.rfile.read(int(length))
        self._unread = False
        if len(body) != int(length):
            raise ConnectionError("the body ended early")
        return body

    def _send(self, answer: Answer) -> None:
        if self._unread and self._may_have_body():
            self.close_connection = True  # what was not read would be taken for the next request
        self._head(answer.status, answer.content_type, answer.headers)
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def _may_have_body(self) -> bool:
        """Whatever the method: a GET with a body would carry a request that no proxy has looked at."""
        return self.command == "POST" or "Content-Length" in self.headers or "Transfer-Encoding" in self.headers

    def _stream(self, stream: Stream) -> None:
        self.close_connection = True
        self._head(200, "text/event-stream", {"X-Accel-Buffering": "no", "Connection": "close"})
        self.end_headers()
        station, seen = stream.station, -1
        while not self.server.stopping.is_set():
            seen = station.feed.version
            self.wfile.write(b"data: " + msgspec.json.encode(station.document()) + b"\n\n")
            station.feed.wait(seen, STREAM_S)

    def _head(self, status: int, content_type: str, headers: dict[str, str]) -> None:
        self.connection.settimeout(self.timeout)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in ({"Cache-Control": "no-store"} | _HEADERS | headers).items():
            self.send_header(name, value)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def _shake_hands(connection: ssl.SSLSocket) -> None:
    """In time as a whole: each byte by itself may be. Raises OSError."""
    late = threading.Timer(IDLE_S, _hang_up, [connection])
    late.daemon = True
    late.start()
    try:
        connection.do_handshake()
    except OSError:
        connection.close()
        raise
    finally:
        late.cancel()


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Broken(StationError):
    status = 500


class PageServer:
    """Bound when it is made (OSError when the port is taken); serves from `start` to `stop`."""

    def __init__(self, agent: "Agent") -> None:
        page = agent.settings.page
        own = socket.gethostname()
        self.secured = Certificate(Path(page.tls)) if page.tls else None
        names = frozenset({*page.allow_hosts, own, f"{own}.local"})
        guard = Guard(names, page.trust_loopback, agent.token, agent.pairing.is_paired)
        self._agent = agent
        routes = Routes(agent, guard, self.secured)
        self._server = _Server((page.host, page.port), routes, guard, self.secured)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="page", daemon=True)

    @property
    def url(self) -> str:
        """The page's address on this machine."""
        host = self._server.server_address[0]
        own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(host), str(host))
        return f"http://{f'[{own}]' if ':' in own else own}:{self._server.server_port}"

    @property
    def public_url(self) -> str:
        """The page's address for tablets: plain, since one that does not trust us yet is led on from there."""
        return f"http://{known_as(self._agent.settings.page)}:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take no new connections, and end the streams."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        for station in self._agent.stations.values():
            station.feed.changed()
