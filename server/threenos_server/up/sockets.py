"""Ports: found free, or opened here and handed to a child, so that a restart of the child loses no connection."""

import random
import socket
from contextlib import closing

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


def free_port(host: str, port: int = 0) -> int:
    """`port`, after a look whether it can be had, or a free one for 0. Raises ThreenosError when it cannot."""
    if port:
        _try(host, port)
        return port
    for _ in range(CHOICES):
        chosen = random.choice(TO_CHOOSE_FROM)  # a port is no secret
        try:
            _try(host, chosen)
        except ThreenosError:
            continue
        return chosen
    raise ThreenosError(f"no free port was found on {host}; choose one with --mqtt-port")


def _try(host: str, port: int) -> None:
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as e:
            detail = f"the broker cannot have {host} port {port}: {e.strerror}; choose another with --mqtt-port"
            raise ThreenosError(detail) from e
