"""What has come and was not taken yet: two lanes, and in each every station in its turn.

A press of now comes as one event, what a station could not send before comes as arrays of many. A press must not wait
until two hundred stations that come back have told all, nor behind a station that floods: when as much of one station
waits as is kept of one, more of it finds no room, while the others have all that is left.
"""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from threading import Condition
from time import monotonic

#: So much is held here; then the connection waits, and with it the broker.
MOST_MESSAGES = 20_000
MOST_BYTES = 64 * 1024 * 1024
#: So much of it of one station. An agent sends four messages before it waits for an answer.
MOST_OF_ONE_MESSAGES = 2_000
MOST_OF_ONE_BYTES = 8 * 1024 * 1024
#: One taking, which becomes one transaction: all that is new up to this number of messages, and this much of the old,
#: which is some five hundred events and a tenth of a second.
LIVE_MESSAGES = 400
BACKLOG_BYTES = 160_000


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    received_at: datetime


class Inbox:
    """`put` by the connection's thread, `take` by the receiver's."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._live, self._backlog = _Lane(), _Lane()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._live) + len(self._backlog)

    def put(self, message: Message, timeout_s: float = 0.0) -> bool:
        """Keep a message; False when there was no room for it within `timeout_s`, or too much of its station waits.

        The latter is said at once: behind who waits for room stands everybody else's next message.
        """
        lane = self._backlog if message.payload[:16].lstrip()[:1] == b"[" else self._live
        with self._changed:
            if lane.is_full_of(message.topic) or not self._changed.wait_for(self._has_room, timeout_s):
                return False
            lane.put(message)
            self._bytes += len(message.payload)
            self._changed.notify_all()
        return True

    def take(self, timeout_s: float) -> list[Message]:
        """What is to be recorded together, after a wait for the first; empty when nothing came in time."""
        until = monotonic() + timeout_s
        with self._changed:
            while not len(self) and (left := until - monotonic()) > 0:
                self._changed.wait(left)
            taken = [self._live.next() for _ in range(min(len(self._live), LIVE_MESSAGES))]
            backlog = 0
            while len(self._backlog) and backlog < BACKLOG_BYTES:
                taken.append(self._backlog.next())
                backlog += len(taken[-1].payload)
            self._bytes -= sum(len(m.payload) for m in taken)
            self._changed.notify_all()
        return taken

    def _has_room(self) -> bool:
        return len(self) < MOST_MESSAGES and self._bytes < MOST_BYTES


class _Lane:
    """Messages by topic. Each topic gives one in its turn, so that none waits for more than one of every other."""

    def __init__(self) -> None:
        self._of: dict[str, deque[Message]] = {}
        self._bytes: Counter[str] = Counter()
        self._turns: deque[str] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, message: Message) -> None:
        waiting = self._of.get(message.topic)
        if waiting is None:
            waiting = self._of[message.topic] = deque()
            self._turns.append(message.topic)
        waiting.append(message)
        self._bytes[message.topic] += len(message.payload)
        self._count += 1

    def is_full_of(self, topic: str) -> bool:
        """Whether as much of this topic waits as is kept of one."""
        waiting = self._of.get(topic)
        too_many = waiting is not None and len(waiting) >= MOST_OF_ONE_MESSAGES
        return too_many or self._bytes[topic] >= MOST_OF_ONE_BYTES

    def next(self) -> Message:
        """The oldest of the topic whose turn it is. Raises IndexError when nothing waits."""
        topic = self._turns.popleft()
        waiting = self._of[topic]
        message = waiting.popleft()
        if waiting:
            self._turns.append(topic)
            self._bytes[topic] -= len(message.payload)
        else:
            del self._of[topic], self._bytes[topic]
        self._count -= 1
        return message
