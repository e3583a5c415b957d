"""Ports: kept for a child, or opened here and handed to it, so that a restart of the child loses no connection."""

import random
import socket
import sys

from threenos_server.errors import ThreenosError

BACKLOG = 1024
#: Below what Linux (from 32768) and the others (from 49152) lend to outgoing connections: one of those would keep
#: a child that was killed from coming back to its port.
TO_CHOOSE_FROM = range(20_000, 32_768)
CHOICES = 100


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises ThreenosError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(BACKLOG)
    except OSError as e:
        found.close()
        raise ThreenosError(f"cannot serve on {host} port {port}: {e.strerror}; choose another with --port") from e
    return found


class KeptPort:
    """A port for a child that opens it itself: `port`, or a free one for 0. Raises ThreenosError when it cannot be had.

    On Linux nobody else's choice falls on its `number` until `close`.
    """

    def __init__(self, host: str, port: int = 0) -> None:
        self._socket, self.number = (_bound(host, port), port) if port else _chosen(host)
        # Bound alone, shared from now on: the child may listen on it as well, which Linux allows.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform != "linux":
            self.close()

    def close(self) -> None:
        self._socket.close()


def _chosen(host: str) -> tuple[socket.socket, int]:
    for _ in range(CHOICES):
        port = random.choice(TO_CHOOSE_FROM)  # a port is no secret
        try:
            return _bound(host, port, alone=True), port
        except ThreenosError:
            continue
    raise ThreenosError(f"no free port was found on {host}; choose one with --mqtt-port")


def _bound(host: str, port: int, *, alone: bool = False) -> socket.socket:
    """Not `alone` it is had where connections of a server before have not quite ended, too."""
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if not alone:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as e:
        found.close()
        detail = f"the broker cannot have {host} port {port}: {e.strerror}; choose another with --mqtt-port"
        raise ThreenosError(detail) from e
    return found
