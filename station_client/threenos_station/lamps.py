"""Lamps: a file that is written or a program that is run when what the station knows changes."""

import logging
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from threenos_station.document import Document, lit
from threenos_station.errors import StationError
from threenos_station.feed import Feed
from threenos_station.settings import Lamp

log = logging.getLogger("threenos.station.lamp")

RETRY_S = 5.0
PROGRAM_S = 5.0
_POLL_S = 1.0


class Bulb:
    """One configured lamp, switched in a thread of its own, so that a slow one holds up nothing."""

    def __init__(self, settings: Lamp, feed: Feed, document: Callable[[], Document]) -> None:
        self.settings = settings
        self.problem: str | None = None
        self._feed, self._document = feed, document
        self._on: bool | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lamp", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End, and switch the lamp off: an agent that is gone says nothing."""
        self._stopped.set()
        self._feed.changed()
        if self._thread.is_alive():
            self._thread.join(PROGRAM_S + 1)

    def _run(self) -> None:
        seen = -1
        while not self._stopped.is_set():
            version = self._feed.wait(seen, _POLL_S)
            if version == seen and self.problem is None:
                continue
            seen = version
            try:
                self._switch(bool(lit(self._document()) & set(self.settings.when)))
            except StationError as e:
                self._fail(e.detail)
            if self.problem is not None:
                self._stopped.wait(RETRY_S)
        self._switch(False)

    def _switch(self, on: bool) -> None:
        try:
            if on != self._on:
                self._show(self.settings.on if on else self.settings.off)
        except (OSError, subprocess.SubprocessError) as e:
            self._fail(str(e))
            return
        self._on, self.problem = on, None

    def _show(self, word: str) -> None:
        if self.settings.kind == "file":
            Path(self.settings.path or "").write_text(f"{word}\n", encoding="utf-8")
        else:
            subprocess.run([*self.settings.command, word], check=True, timeout=PROGRAM_S, stdin=subprocess.DEVNULL)

    def _fail(self, why: str) -> None:
        self.problem = why
        log.warning("lamp of %s: %s", self.settings.station, why)
