"""Which waiting events go out now, and when they go again. Pure: time and rows are handed in."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from threenos_station.outbox import Row
from threenos_wire.events import MAX_EVENTS, MAX_MESSAGE_BYTES

#: Messages that may be on their way without an answer of the server.
MESSAGES = 4
FIRST_WAIT_S = 5.0
BACK_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
#: An event older than this, or sent before, says that it is a replay.
FRESH_MS = 10_000


class Waiting(Protocol):
    """The waiting events of one station."""

    def waiting(self, after: int, limit: int) -> list[Row]: ...

    def one(self, n: int) -> Row | None: ...


@dataclass(frozen=True, slots=True)
class _Flight:
    sent_at: float
    ids: set[str]
    numbers: tuple[int, ...]


class Window:
    """What is on its way on one connection.

    A message that ends the connection without any answer is suspected of being too much for the broker: the next ones
    are smaller, and an event that ends it even when alone is put aside until everything else has been answered.
    """

    def __init__(self) -> None:
        self._cursor = 0
        self._flights: deque[_Flight] = deque()
        self._sent: set[str] = set()
        self._aside: set[int] = set()
        self._batch = MAX_EVENTS
        self._wait_s = FIRST_WAIT_S
        self._answers = 0

    def next(self, events: Waiting) -> list[Row]:
        """The rows that the next message may carry, oldest first; none when enough is on its way."""
        if len(self._flights) >= MESSAGES:
            return []
        found = events.waiting(self._cursor, self._batch + len(self._aside))
        rows = [r for r in found if r.n not in self._aside][: self._batch]
        return rows or self._next_aside(events)

    def _next_aside(self, events: Waiting) -> list[Row]:
        if self._flights:
            return []
        for n in sorted(self._aside):
            row = events.one(n)
            if row is not None:
                return [row]
            self._aside.discard(n)
        return []

    def sent(self, rows: Sequence[Row], now: float) -> None:
        """These went out as one message, `now` in seconds of a monotonic clock."""
        self._flights.append(_Flight(now, {r.id for r in rows}, tuple(r.n for r in rows)))
        self._sent.update(r.id for r in rows)
        self._cursor = max(self._cursor, rows[-1].n)

    def answered(self, ids: Iterable[str]) -> None:
        """The server has spoken about these: recorded or refused."""
        gone = set(ids)
        self._sent -= gone
        for flight in self._flights:
            if flight.ids & gone:
                flight.ids.difference_update(gone)
                self._answers += 1
                self._wait_s = FIRST_WAIT_S
                self._batch = min(MAX_EVENTS, self._batch * 4)
                self._aside.difference_update(flight.numbers if not flight.ids else ())
        self._flights = deque(f for f in self._flights if f.ids)

    def overdue(self, now: float) -> bool:
        """Whether the oldest message has waited so long that everything unanswered goes again."""
        return bool(self._flights) and now - self._flights[0].sent_at >= self._wait_s

    def again(self) -> None:
        """No answer came: send everything unanswered again, oldest first, and be more patient the next time."""
        self._wait_s = min(LONGEST_WAIT_S, max(FIRST_WAIT_S, self._wait_s * 2))
        self.rewind()

    def server_is_back(self) -> None:
        """What went out before it (or a new intake) could hear goes again; what is just on its way has a second yet."""
        self._wait_s = BACK_WAIT_S if self._flights else FIRST_WAIT_S

    def rewind(self) -> None:
        """Begin again with the oldest waiting event."""
        self._flights.clear()
        self._cursor = 0

    def connection_lost(self) -> None:
        """Everything unanswered goes again on the next connection; less at a time when nothing at all was answered."""
        if self._flights and not self._answers:
            if len(self._flights) == 1 and len(self._flights[0].numbers) == 1:
                self._aside.update(self._flights[0].numbers)
            self._batch = max(1, self._batch // 4)
        self._answers = 0
        self._wait_s = FIRST_WAIT_S
        self.rewind()

    def is_replay(self, row: Row, age: int | None) -> bool:
        """Whether `row` went out before, or is older than a live press can be (or of unknown age)."""
        return age is None or age > FRESH_MS or row.id in self._sent

    def unanswered(self) -> int:
        """How many events are on their way."""
        return sum(len(f.ids) for f in self._flights)


def pack(rows: Sequence[Row], encode: Callable[[Row], bytes], most: int = MAX_MESSAGE_BYTES) -> tuple[bytes, int]:
    """(payload, how many of `rows` it carries): one event by itself, or an array of at most `most` bytes."""
    parts: list[bytes] = []
    size = 2
    for row in rows[:MAX_EVENTS]:
        part = encode(row)
        if parts and size + len(part) + 1 > most:
            break
        parts.append(part)
        size += len(part) + 1
    return (parts[0] if len(parts) == 1 else b"[" + b",".join(parts) + b"]"), len(parts)
