"""Whether the server hears this station: only a beat that changes proves it. Pure: time is handed in."""

from collections import deque
from datetime import datetime

#: No change of the server's beat for so long is NOT HEARD.
SILENCE_S = 5.0
#: So many names of intakes are remembered: more than ever live at one time.
INTAKES = 16


class Hearing:
    """Judged by the change of the `_server` beats on a live connection; a retained beat may be of a dead server."""

    def __init__(self, at: datetime) -> None:
        self.heard = False
        self.since = at
        self._last: bytes | None = None
        self._changed_at: float | None = None
        self._intakes: deque[str] = deque(maxlen=INTAKES)

    def beat(self, payload: bytes, retained: bool, now: float) -> None:
        """A beat came at `now`, seconds of a monotonic clock."""
        first, changed = self._last is None, payload != self._last
        self._last = payload
        if changed and not (first and retained):
            self._changed_at = now

    def is_new(self, intake: str) -> bool:
        """Whether an intake has begun since: what another one was sent and did not answer, it may never have had."""
        if intake in self._intakes:
            return False
        self._intakes.append(intake)
        return len(self._intakes) > 1

    def connection_lost(self) -> None:
        """What was heard on the old connection says nothing about the next one."""
        self._last = self._changed_at = None
        self._intakes.clear()

    def judge(self, now: float, at: datetime) -> bool:
        """Whether it has just changed; `heard` and `since` say to what and when."""
        heard = self._changed_at is not None and now - self._changed_at < SILENCE_S
        if heard == self.heard:
            return False
        self.heard, self.since = heard, at
        return True
