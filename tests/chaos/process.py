"""One program that is started and killed as often as wanted."""

import ctypes
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from plant import wait_for

#: Who lived shorter than this before ending by itself did not really run.
SHORT_LIFE_S = 5.0


@dataclass
class Service:
    """In a process group of its own. `alone`: it cannot begin while children of the one before are left."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    user: str | None = None
    alone: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    deaths: list[int] = field(default_factory=list)
    short_lives: int = 0
    orphans: dict[int, str] = field(default_factory=dict)

    def start(self) -> None:
        if self.alone:
            self._wait_for_orphans()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_us, user=self.user, cwd="/",
            )  # fmt: skip
        self.began = monotonic()

    @property
    def runs(self) -> bool:
        """Whether it lives; one that has ended by itself is noted in `deaths`, and how often in a row too soon."""
        if self.process is None:
            return False
        code = self.process.poll()
        if code is not None:
            self.deaths.append(code)
            self.short_lives = self.short_lives + 1 if monotonic() - self.began < SHORT_LIFE_S else 0
            self.process = None
        return code is None

    def kill(self, child: float | None = None) -> int:
        """kill -9 the program, or with `child` (in [0, 1)) one of its children if it has any; the number of the dead.

        The database takes the death of any of its children for a crash, and so it is.
        """
        assert self.process is not None
        pid = self.process.pid
        children = _children(pid)
        if child is not None and children:
            victim = children[int(child * len(children))]
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            return victim
        self._note_orphans(children)
        self.process.kill()
        self.process.wait(60)
        self.process = None
        self.short_lives = 0
        return pid

    def wipe_out(self) -> None:
        """The program, all its children and those that it left behind before, as a power cut does."""
        if self.process is not None:
            self._note_orphans(_children(self.process.pid))
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(60)
            self.process = None
        for child in self._left_behind():  # a web worker serves its boards on, a backend leads a group of its own
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._wait_for_orphans()

    def _note_orphans(self, children: list[int]) -> None:
        self.orphans |= {child: born for child in children if (born := _born(child))}

    def _left_behind(self) -> list[int]:
        return [child for child, born in self.orphans.items() if _born(child) == born]

    def _wait_for_orphans(self) -> None:
        wait_for("nobody is left behind", lambda: not self._left_behind(), 20)
        self.orphans.clear()


def die_with_us() -> None:
    """In the child: a test that is killed itself leaves nobody behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _born(pid: int) -> str:
    """When it was started, so that nobody else is meant who got its number later; nothing when it is dead."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state == "Z" else rest[18]
