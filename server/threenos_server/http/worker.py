"""gunicorn's worker of threads, where nobody holds its threads: neither by sending slowly nor by opening many.

A thread waits for a request until it is whole, so that five hundred who send a byte now and then would leave none for
a board. A proxy in front, which waits for whole requests by itself, has a machine's rights.
"""

import ipaddress
import socket
import threading
from collections import Counter
from contextlib import suppress
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

#: The head of a request has to be there so long after its first byte, and its body so long after the head.
HEAD_S, BODY_S = 10.0, 30.0
#: A body comes at least so fast, in bytes a second.
SLOWEST = 20_000
#: Threads that one device may have at once; a screen with a board takes one and a half.
MOST_OF_ONE = 128


class Worker(ThreadWorker):
    """For `worker_class`. Every peer is a device of its own."""

    behind_proxies = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._taking = threading.Lock()
        self._threads: Counter[str] = Counter()
        self._until: dict[TConn, float] = {}

    def handle(self, conn: TConn) -> Any:
        """One request, in a thread of its own; closed at once for who has enough of them."""
        address = str(conn.client[0]) if isinstance(conn.client, tuple) else ""
        with self._taking:
            if self._threads[address] >= MOST_OF_ONE and not self._is_proxy(address):
                return False
            self._threads[address] += 1
        self._until[conn] = monotonic() + HEAD_S
        try:
            return super().handle(conn)
        finally:
            self._until.pop(conn, None)
            with self._taking:
                self._threads[address] -= 1
                if not self._threads[address]:
                    del self._threads[address]

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """The head is there. What upgrades to a socket has no body, and may be silent for hours."""
        length = _length(dict(req.headers))
        if length:
            self._until[conn] = monotonic() + BODY_S + length / SLOWEST
        else:
            self._until.pop(conn, None)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Each second: let those go whose time is over. Reading ends for them; an answer may still be on its way."""
        super().murder_pending()
        now = monotonic()
        for conn, until in list(self._until.items()):
            if now > until:
                self._until.pop(conn, None)
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

    def _is_proxy(self, address: str) -> bool:
        return self.behind_proxies or not address or ipaddress.ip_address(address.partition("%")[0]).is_loopback


class BehindProxies(Worker):
    """Where everybody comes by a proxy, whose own limits count them."""

    behind_proxies = True


def _length(headers: dict[str, str]) -> int:
    """How long the body is; the longest there may be when the head does not say it."""
    from threenos_server.http.decoding import MAX_UPLOAD_BYTES  # not before the fork: it imports Flask

    if "TRANSFER-ENCODING" in headers:
        return MAX_UPLOAD_BYTES
    said = headers.get("CONTENT-LENGTH", "0")
    return min(int(said), MAX_UPLOAD_BYTES) if said.isascii() and said.isdigit() and len(said) < 19 else 0
