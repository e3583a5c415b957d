"""Child processes that are kept running: one that dies is started again, ever later when it dies at once."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

import structlog

from threenos_server.stopping import end_with_parent

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
#: A child that lived this long has started well: its next death is a first one again.
WELL_S = 10.0

log = structlog.get_logger("up")


@dataclass
class Child:
    """One process, its number in `DIR/run/NAME.pid`. `fds` are sockets that it inherits."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    run_directory: Path
    fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause: float = 0.0
    starts: int = 0

    def tend(self) -> None:
        """Start it when it is due, and note when it has died."""
        now = monotonic()
        if self.process is None:
            if now >= self.began + self.pause:
                self._start(now)
        elif self.process.poll() is not None:
            self._bury(now)

    def signal(self, number: signal.Signals) -> None:
        """Tell it something, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self, by: float) -> None:
        """Wait until the monotonic time `by` for it to end; then it is ended. It was told before."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, by - monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("child killed", child=self.name, reason="it did not end in time")
            self.process.kill()
            self.process.wait()
        self._pid_file().unlink(missing_ok=True)

    def _start(self, now: float) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environment),
            pass_fds=self.fds,
            stdin=subprocess.DEVNULL,
            # A supervisor that is killed leaves no children behind, which would hold its ports and its database.
            preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGTERM),
        )
        self.began, self.starts = now, self.starts + 1
        try:
            self._pid_file().write_text(f"{self.process.pid}\n")
        except OSError as e:  # on a full disk all the others must not end for it
            log.warning("number not written", child=self.name, error=str(e))

    def _bury(self, now: float) -> None:
        code = self.process.returncode if self.process else None
        lived_well = now - self.began > WELL_S
        self.pause = FIRST_PAUSE_S if lived_well or not self.pause else min(self.pause * 2, LONGEST_PAUSE_S)
        log.warning("child died", child=self.name, code=code, again_in_s=self.pause)
        self.process, self.began = None, now

    def _pid_file(self) -> Path:
        return self.run_directory / f"{self.name}.pid"
