"""A cable of our own between two programs: it can go dead without a word, come back, and be cut."""

import selectors
import socket
import threading
from contextlib import suppress
from types import TracebackType

from plant import free_port

CHUNK = 65_536


class Wire:
    """Forwards connections to `port` of loopback from a port of its own, until the block ends.

    Dead, it takes nothing more and closes nothing: both ends believe in a connection that is none.
    """

    def __init__(self, port: int) -> None:
        self.port, self._to = free_port(), port
        self._live = threading.Event()
        self._live.set()
        self._over = False
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", self.port))

    def __enter__(self) -> "Wire":
        threading.Thread(target=self._accept, name="wire", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over = True
        self._live.set()
        self._listening.close()
        self.cut()

    def go_dead(self) -> None:
        self._live.clear()

    def come_back(self) -> None:
        self._live.set()

    def cut(self) -> None:
        """Every connection ends at once, on both sides."""
        with self._lock:
            for pair in self._pairs:
                for end in pair:
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._over:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), name="wire", daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._live.wait()
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self._to), 5) as far:
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end.settimeout(None)
            with self._lock:
                self._pairs.add((near, far))
            try:
                self._both_ways(near, far)
            finally:
                with self._lock:
                    self._pairs.discard((near, far))

    def _both_ways(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            while not self._over:
                for key, _ in selector.select():
                    self._live.wait()
                    assert isinstance(key.fileobj, socket.socket)
                    data = key.fileobj.recv(CHUNK)
                    if not data:
                        return
                    key.data.sendall(data)
