"""Buttons: a named pipe, a program, or a key device says something, and it becomes a press."""

import errno
import logging
import os
import selectors
import stat
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from threenos_station.errors import StationError
from threenos_station.lines import parse_press
from threenos_station.settings import Input

log = logging.getLogger("threenos.station.input")

RESTART_S = 2.0
_MOST_LINE = 64 * 1024
_POLL_S = 0.5
#: struct input_event of Linux: two longs of time, type, code, value.
KEY_EVENT = struct.Struct("@llHHi")
_EV_KEY, _KEY_DOWN = 1, 1

PressOf = Callable[[Mapping[str, Any]], str]


class Button:
    """One configured input, read in a thread of its own. What it cannot read is counted and named, and ends nothing."""

    def __init__(self, settings: Input, press: PressOf) -> None:
        self.settings = settings
        self.presses = 0
        self.problem: str | None = None
        self._press = press
        self._last: dict[str, float] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"input-{settings.kind}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(3)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with _opened(self.settings) as fd:
                    self.problem = None
                    self._read(fd)
                self.problem = "it ended"
            except OSError as e:
                self.problem = f"{e.strerror or e}: {self.settings.path or self.settings.command[0]}"
                log.warning("input of %s: %s", self.settings.station, self.problem)
            self._stopped.wait(RESTART_S)

    def _read(self, fd: int) -> None:
        """Read until the other side ends."""
        rest = b""
        split = _keys if self.settings.kind == "keys" else _lines
        with selectors.DefaultSelector() as selector:
            selector.register(fd, selectors.EVENT_READ)
            while not self._stopped.is_set():
                if not selector.select(_POLL_S):
                    continue
                chunk = os.read(fd, 4096)
                if not chunk:
                    return
                said, rest = split(rest + chunk)
                rest = rest if len(rest) <= _MOST_LINE else b""
                for word in said:
                    self._said(word)

    def _said(self, word: str) -> None:
        if self._bounces(word):
            return
        line = self.settings.map.get(word, None if self.settings.kind == "keys" else word)
        if line is None:
            return  # a key that means nothing here
        try:
            self._press(parse_press(line))
            self.presses += 1
        except StationError as e:
            self.problem = e.detail
            log.warning("input of %s: %s", self.settings.station, e.detail)

    def _bounces(self, word: str) -> bool:
        """Whether the same was said a moment ago, as a worn contact does."""
        if not self.settings.debounce_ms:
            return False
        now, window = time.monotonic(), self.settings.debounce_ms / 1000
        self._last = {w: at for w, at in self._last.items() if now - at < window}
        bounces = word in self._last
        self._last[word] = now
        return bounces


def _lines(data: bytes) -> tuple[list[str], bytes]:
    *lines, rest = data.split(b"\n")
    return [text for line in lines if (text := line.decode("utf-8", "replace").strip())], rest


def _keys(data: bytes) -> tuple[list[str], bytes]:
    """The numbers of the keys that went down (not repeated, not up)."""
    whole = len(data) - len(data) % KEY_EVENT.size
    events = KEY_EVENT.iter_unpack(data[:whole])
    return [str(code) for _, _, kind, code, value in events if kind == _EV_KEY and value == _KEY_DOWN], data[whole:]


@contextmanager
def _opened(settings: Input) -> Iterator[int]:
    """The file descriptor to read from."""
    if settings.kind == "exec":
        with _program(settings.command) as fd:
            yield fd
        return
    path = Path(settings.path or "")
    if settings.kind == "file" and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path, 0o620)
    # A pipe opened for writing too never ends when one of its writers leaves.
    pipe = stat.S_ISFIFO(path.stat().st_mode)
    if settings.kind == "file" and not pipe:
        raise OSError(errno.EINVAL, "is no named pipe")
    fd = os.open(path, (os.O_RDWR if pipe else os.O_RDONLY) | os.O_NONBLOCK)
    try:
        yield fd
    finally:
        os.close(fd)


@contextmanager
def _program(command: list[str]) -> Iterator[int]:
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None  # asked for above
        try:
            yield program.stdout.fileno()
        finally:
            program.kill()
