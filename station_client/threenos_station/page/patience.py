"""How long a connection is waited for, how it may frame its requests, and how many of them one device may have."""

import http.client
import io
import ipaddress
import socket
import threading
from collections import Counter
from email.message import Message
from time import monotonic
from typing import Any

from threenos_station.errors import StationError

#: Connections at the same time; more are closed at once, so that nobody can use up the machine's threads.
MOST_CONNECTIONS = 256
#: Of these so many for one device, or one that does not let go would leave none for the tablets. This machine itself
#: may have all: a proxy here speaks for everybody.
MOST_OF_ONE = 64
#: So long a connection may say nothing, and so long the head of a request may take.
IDLE_S = 30
#: A body comes at least so fast, in bytes a second.
SLOWEST = 20_000


class Unframed(StationError):
    """Two programs in a row could read different requests in this: it is not read at all."""

    status = 400


class Waiting(io.RawIOBase):
    """What comes on a connection. Whoever sends a byte now and then is waited for no longer than who sends none."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._until = 0.0

    def wait(self, seconds: float) -> None:
        """All that is read from now on has to be there in so many seconds."""
        self._until = monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("waited long enough")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class Lines(io.BufferedReader):
    """Lines as HTTP has them: a carriage return stands at the end only, where no reader takes it for another line."""

    def readline(self, size: int | None = -1) -> bytes:
        line = super().readline(size)
        if b"\r" in line.removesuffix(b"\n").removesuffix(b"\r"):
            raise http.client.HTTPException("a carriage return within a line")
        return line


def check_framing(headers: Message) -> None:
    """Unframed for a head that was cut short by a line that is no header, and for a body of two lengths."""
    unread = headers.get_payload() or headers.get_unixfrom() or headers.defects
    if unread or len(headers.get_all("Content-Length") or ()) > 1:
        raise Unframed("bad-framing", "this request could be read in two ways")


class Places:
    """The connections that are open, by where they come from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Whether there is a place for one more from there; then it is taken."""
        with self._lock:
            most = MOST_CONNECTIONS if ipaddress.ip_address(address.partition("%")[0]).is_loopback else MOST_OF_ONE
            if self._open.total() >= MOST_CONNECTIONS or self._open[address] >= most:
                return False
            self._open[address] += 1
            return True

    def leave(self, address: str) -> None:
        with self._lock:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
