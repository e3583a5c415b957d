"""Ports: found free, or opened here and handed to a child, so that a restart of the child loses no connection."""

import socket
from contextlib import closing

from threenos_server.errors import ThreenosError

BACKLOG = 1024


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
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as e:
            detail = f"the broker cannot have {host} port {port}: {e.strerror}; choose another with --mqtt-port"
            raise ThreenosError(detail) from e
        return int(probe.getsockname()[1])
