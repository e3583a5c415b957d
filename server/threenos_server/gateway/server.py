"""The Socket.IO server at the Flask app: namespace `/board`, WebSocket only, and the way out to the sockets."""

import socket as sockets_api
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import engineio  # type: ignore[import-untyped]  # the library has no types
import msgspec
import socketio  # type: ignore[import-untyped]  # the library has no types
import structlog
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI  # type: ignore[import-untyped]  # no types
from flask import Flask, request
from flask_socketio import ConnectionRefusedError, SocketIO  # type: ignore[import-untyped]  # no types either
from wsproto.utilities import RemoteProtocolError

from threenos_server.clock import Now, utc_now
from threenos_server.db import Database
from threenos_server.errors import ThreenosError
from threenos_server.gateway.gateway import Authenticate, Gateway
from threenos_server.gateway.pings import Pings
from threenos_wire.live import NAMESPACE, Resume

#: The extension of the app under which its Gateway stands.
EXTENSION = "threenos_gateway"
PING_S = 10
MAX_MESSAGE_BYTES = 16 * 1024
#: A socket that has so many messages waiting does not keep up.
SLOW_QUEUE = 256
#: Only who joins the board says who they are; a connection that has not done so by then is closed.
JOIN_S = 10.0
#: Who was told that it is over, and stays on the line for longer, is cut.
GOODBYE_S = 2.0
#: A peer that takes nothing for so long is cut, so that its worker's thread comes free.
UNACKNOWLEDGED_MS = 30_000
_PATH = "/socket.io/"


log = structlog.get_logger("gateway")


def attach(app: Flask, db: Database, authenticate: Authenticate, now: Now = utc_now) -> SocketIO:
    """Serve `/board` at the app. Its Gateway is `app.extensions[EXTENSION]`: `health()` for readiness, `close()`."""
    manager = _Manager()
    live = SocketIO(
        app,
        async_mode="threading",
        async_handlers=False,
        client_manager=manager,
        cors_allowed_origins=same_host,
        manage_session=False,
        namespaces=[NAMESPACE],
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        ping_interval=PING_S,
        ping_timeout=PING_S,
        serializer=_Texts,
        transports=["websocket"],
    )
    live.server.eio._async = {**live.server.eio._async, "websocket": _WebSocket}
    live.server.eio.start_background_task = Pings().instead_of(live.server.eio.start_background_task)
    out = _Out(live.server)
    gateway = Gateway(db, authenticate, out, now)
    manager.greet = gateway.greet
    app.extensions[EXTENSION] = gateway
    _watch_transports(live.server, gateway, out)
    app.wsgi_app = _ending(app.wsgi_app, live.server)  # type: ignore[method-assign]  # as Flask's own documentation does
    live.on_event("connect", _connecting(gateway), namespace=NAMESPACE)
    live.on_event("disconnect", lambda *_: gateway.leave(_sid()), namespace=NAMESPACE)
    live.on_event("resume", _resuming(gateway), namespace=NAMESPACE)
    return live


def same_host(origin: str | None, environ: Mapping[str, Any]) -> bool:
    """Whether a page of this very host opened the socket. Without an Origin it was no page, and credentials decide."""
    try:
        return origin is not None and urlsplit(origin).netloc == environ.get("HTTP_HOST")
    except ValueError:  # `http://[` is no address at all
        return False


def _watch_transports(server: socketio.Server, gateway: Gateway, out: "_Out") -> None:
    """Have every connection join the board in time, end where it says what nobody understands, and be gone then.

    Each takes a thread, and opening one needs no credentials. The library would go on, and write down each packet; and
    who does not answer its goodbye would keep thread and connection for ever.
    """
    connect, message, disconnect = (server.eio.handlers[name] for name in ("connect", "message", "disconnect"))

    def opened(transport: str, environ: Mapping[str, Any]) -> Any:
        out.await_join(transport)
        gateway.guard()
        return connect(transport, environ)

    def told(transport: str, packet: str | bytes) -> None:
        try:
            message(transport, packet)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as e:
            log.info("a packet was not understood, its connection ends", error=str(e)[:200])
            _close(server, transport)

    def over(transport: str, *reason: str) -> None:
        out.await_end(server.environ.get(transport, {}))
        disconnect(transport, *reason)

    server.eio.on("connect", opened)
    server.eio.on("message", told)
    server.eio.on("disconnect", over)


def _ending(wsgi: Any, server: socketio.Server) -> Callable[..., Any]:
    """Refuse what is no WebSocket, and end a connection whose transport says what is no packet at all.

    The library answers the first by a traceback, and leaves both open until it pings.
    """

    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("PATH_INFO", "").startswith(_PATH) and not _shakes_hands(environ):
            return _refused(environ, start_response)
        mark = environ["threenos.connection"] = object()
        try:
            return wsgi(environ, start_response)
        except RemoteProtocolError as e:
            forget(mark, e)
            return _refused(environ, start_response)
        except (ValueError, LookupError, RecursionError) as e:
            forget(mark, e)
            if "gunicorn.socket" in environ:
                raise StopIteration from e  # by which gunicorn is told, here as by the library, that all is over
            return []

    def forget(mark: object, why: Exception) -> None:
        log.info("a transport was not understood, its connection ends", error=str(why)[:200])
        for transport, known in list(server.environ.items()):
            if known.get("threenos.connection") is mark:
                _close(server, transport)

    return serve


def _close(server: socketio.Server, transport: str | None) -> None:
    """End a connection, if it still is one. Nobody waits until that was sent: there may be no thread that sends it, and
    the library, which would wait for ever, would hold up whoever looks after all the others.
    """
    known = server.eio.sockets.get(transport)
    if known is not None:
        known.close(wait=False)
        server.eio.sockets.pop(transport, None)


def _shakes_hands(environ: Mapping[str, Any]) -> bool:
    """Whether a request asks for a WebSocket as RFC 6455 (4.2.1) has it."""
    wanted = {word.strip() for word in environ.get("HTTP_CONNECTION", "").lower().split(",")}
    return (
        environ.get("REQUEST_METHOD") == "GET"
        and "upgrade" in wanted
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and bool(environ.get("HTTP_SEC_WEBSOCKET_KEY"))
    )


def _refused(environ: Mapping[str, Any], start_response: Any) -> list[bytes]:
    detail = (
        "a board comes by a WebSocket of version 13, and by nothing else; "
        "a proxy in between has to pass the headers Upgrade and Connection on"
    )
    log.info("a request for a board was no WebSocket", detail=detail, peer=environ.get("REMOTE_ADDR"))
    body = msgspec.json.encode({"title": "Bad Request", "status": 400, "detail": detail})
    head = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(body)))]
    start_response("400 Bad Request", [*head, ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")])
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def _connecting(gateway: Gateway) -> Callable[..., None]:
    def connect(auth: Any = None) -> None:
        _cut_when_dead(request.environ)
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            gateway.admit(_sid(), request.args.get("site"), request.args.get("line"), request.cookies, token)
        except ThreenosError as e:
            # The client's error has the first as its message and the second as its data.
            raise ConnectionRefusedError(e.title, {"status": e.status, "detail": e.detail}) from e

    return connect


def _resuming(gateway: Gateway) -> Callable[..., None]:
    def resume(message: Any = None, *_: Any) -> None:
        # What is no resume gets a snapshot: the safe answer to a client that does not know where it stands.
        try:
            after = msgspec.convert(message, Resume).after
        except msgspec.ValidationError:
            after = 0
        gateway.resume(_sid(), after)

    return resume


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO puts it there


def _cut_when_dead(environ: Mapping[str, Any]) -> None:
    """Have the kernel close the connection when the peer takes nothing, and send small messages at once."""
    raw = _raw(environ)
    if raw is None:
        return
    with suppress(OSError):  # a socket that is gone already, or no TCP
        raw.setsockopt(sockets_api.IPPROTO_TCP, sockets_api.TCP_NODELAY, 1)
        if hasattr(sockets_api, "TCP_USER_TIMEOUT"):
            raw.setsockopt(sockets_api.IPPROTO_TCP, sockets_api.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)


def _raw(environ: Mapping[str, Any]) -> Any:
    """The socket itself, as the server below gives it; None when it gives none."""
    raw = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return raw if hasattr(raw, "setsockopt") else None


class _Manager(socketio.Manager):  # type: ignore[misc]  # the library has no types
    """Greets a socket right after it was told that it is connected: a snapshot before that might be dropped."""

    greet: Callable[[str], None]

    def connect(self, sid: str, namespace: str) -> str:
        connected = str(super().connect(sid, namespace))
        if namespace == NAMESPACE:
            self.greet(connected)
        return connected


class _WebSocket(SimpleWebSocketWSGI):  # type: ignore[misc]  # the library has no types
    """Whose goodbye may come too late: the connection may be closed already, which killed the thread that says it."""

    def close(self) -> None:
        with suppress(OSError):
            super().close()


class _Texts(socketio.packet.Packet):  # type: ignore[misc]  # the library has no types
    """What a board may say. It sends no attachments, of which one packet may announce a thousand million and never end.

    Nor does it send events by the names under which the library tells us of connections: with one that said that it had
    gone, a socket would stay open and be watched by nobody.
    """

    def decode(self, encoded_packet: str) -> int:
        """Raises ValueError, by which its connection ends."""
        attachments = int(super().decode(encoded_packet))
        if self.packet_type in (socketio.packet.BINARY_EVENT, socketio.packet.BINARY_ACK):
            raise ValueError("a board takes no attachments")
        said = self.data if isinstance(self.data, list) else []
        if self.packet_type == socketio.packet.EVENT and (not said or said[0] in ("connect", "disconnect")):
            raise ValueError("no event of this name is taken")
        return attachments


class _Out:
    """The way out: messages are encoded once and put into each socket's queue, which a thread of its own empties."""

    def __init__(self, server: socketio.Server) -> None:
        self._server = server
        self._strangers: dict[str, float] = {}
        self._leaving: deque[tuple[float, Any]] = deque()

    def send(self, event: str, data: dict[str, Any], sockets: Sequence[str]) -> None:
        message = self._server.packet_class(socketio.packet.EVENT, namespace=NAMESPACE, data=[event, data])
        packet = engineio.packet.Packet(engineio.packet.MESSAGE, message.encode())
        for socket in sockets:
            transport = self._server.manager.eio_sid_from_sid(socket, NAMESPACE)
            with suppress(engineio.exceptions.SocketIsClosedError):  # it went just now
                if transport is not None:
                    self._server.eio.send_packet(transport, packet)

    def drop(self, sockets: Sequence[str]) -> None:
        for socket in sockets:
            transport = self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(socket, NAMESPACE))
            self._server.disconnect(socket, namespace=NAMESPACE)
            if transport is not None:
                # Told first and closed then, also for a client that would stay; nobody waits until it was sent.
                transport.close(wait=False)

    def slow(self, sockets: Sequence[str]) -> list[str]:
        return [socket for socket in sockets if self._waiting(socket) > SLOW_QUEUE]

    def await_join(self, transport: str) -> None:
        """It has just been opened."""
        self._strangers[transport] = monotonic() + JOIN_S

    def drop_strangers(self) -> None:
        """Close what has not joined the board in time."""
        now = monotonic()
        for transport in [t for t, until in list(self._strangers.items()) if until < now]:
            del self._strangers[transport]
            if self._server.manager.sid_from_eio_sid(transport, NAMESPACE) is None:
                _close(self._server, transport)

    def await_end(self, environ: Mapping[str, Any]) -> None:
        """The connection of this request is over; the goodbye is on its way."""
        self._leaving.append((monotonic() + GOODBYE_S, _raw(environ)))

    def cut_who_stay(self) -> None:
        """Close the connections of those who were told that it is over and did not go."""
        now = monotonic()
        while self._leaving and self._leaving[0][0] < now:
            with suppress(AttributeError, OSError):  # there was none, or it is closed, as it should be
                self._leaving.popleft()[1].shutdown(sockets_api.SHUT_RDWR)

    def _waiting(self, socket: str) -> int:
        transport = self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(socket, NAMESPACE))
        return 0 if transport is None else int(transport.queue.qsize())
