"""The pings of all connections, by one thread.

The library starts a thread for each ping, which sleeps until it is due. So each board has a thread more than it needs,
and whoever opens connections and leaves at once makes the server keep one for each of the last ten seconds.
"""

from collections import deque
from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic, time
from typing import Any

import structlog
from engineio.exceptions import SocketIsClosedError  # type: ignore[import-untyped]  # the library has no types
from engineio.packet import PING, Packet  # type: ignore[import-untyped]  # no types either
from engineio.socket import Socket  # type: ignore[import-untyped]  # no types either

#: So much later than asked for a ping may be sent.
LOOK_S = 0.25

log = structlog.get_logger("gateway")


class Pings:
    """Those that are due, in the order in which they were asked for: the interval is the same for all."""

    def __init__(self) -> None:
        self._due: deque[tuple[float, Any]] = deque()
        self._thread: Thread | None = None
        self._lock = Lock()

    def instead_of(self, start: Callable[..., Any]) -> Callable[..., Any]:
        """A `start_background_task` for the library that starts all but pings by `start`."""

        def begin(task: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
            connection = getattr(task, "__self__", None)
            if isinstance(connection, Socket) and task == connection._send_ping:
                return self._ask(connection)
            return start(task, *arguments, **options)

        return begin

    def _ask(self, connection: Any) -> None:
        self._due.append((monotonic() + connection.server.ping_interval, connection))
        with self._lock:
            if self._thread is None:
                thread = Thread(target=self._send, name="gateway pings", daemon=True)
                thread.start()  # which fails where there are too many; the next one tries again
                self._thread = thread

    def _send(self) -> None:
        pause = Event()
        while not pause.wait(LOOK_S):
            while self._due and self._due[0][0] <= monotonic():
                _ping(self._due.popleft()[1])


def _ping(connection: Any) -> None:
    """As the library does it: the time of the last ping is taken back when it is answered."""
    if connection.closing or connection.closed:
        return
    connection.last_ping = time()
    try:
        connection.send(Packet(PING))
    except SocketIsClosedError:
        pass
    except Exception:  # one connection's, which its time-out ends; all others go on being pinged
        log.exception("a ping was not sent")
