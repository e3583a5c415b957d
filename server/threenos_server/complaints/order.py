"""In which order a station's events are heard: what has come of each boot, and which holes are still waited for. Pure.

A hole in the sequence of a boot holds up the events behind it that depend on others for ten seconds, then it is given
up. Whatever gives it up is the time of the next row or look, so that a rebuild gives up the same ones.
"""

from dataclasses import dataclass, field
from datetime import datetime

from threenos_server.db import to_ms

HOLE_PATIENCE_MS = 10_000
#: More numbers than these beyond a hole, and it is given up at once: a row stays small whatever a station sends.
MOST_BEYOND = 128


@dataclass(slots=True)
class Boot:
    """One boot of one station: everything up to `upto` came or was given up; `beyond` are {seq: heard at, ms}.

    `missing` counts the numbers that were given up and have not come since: a finding that is shown.
    """

    upto: int = 0
    beyond: dict[int, int] = field(default_factory=dict)
    missing: int = 0

    def heard(self, seq: int, at: datetime) -> None:
        """Take note of a number."""
        if seq == self.upto + 1 and not self.beyond:
            self.upto = seq
            return
        self.give_up(at)
        if seq <= self.upto:
            self.missing = max(0, self.missing - 1)
            return
        self.beyond.setdefault(seq, to_ms(at))
        self._close()
        while len(self.beyond) > MOST_BEYOND:
            self._skip()

    def give_up(self, at: datetime) -> None:
        """Stop waiting for the holes that were noticed ten seconds ago or earlier, or by a clock that was ahead."""
        while self.beyond and abs(to_ms(at) - min(self.beyond.values())) >= HOLE_PATIENCE_MS:
            self._skip()

    def clear(self, seq: int, at: datetime) -> bool:
        """Whether nothing before that number is waited for any more."""
        self.give_up(at)
        return seq <= self.upto

    def _skip(self) -> None:
        first = min(self.beyond)
        self.missing += first - self.upto - 1
        self.upto = first - 1
        self._close()

    def _close(self) -> None:
        while self.upto + 1 in self.beyond:
            self.upto += 1
            del self.beyond[self.upto]
