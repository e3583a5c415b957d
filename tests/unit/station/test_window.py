"""What goes out in which message, and what goes again."""

from threenos_station.outbox import Row
from threenos_station.ticks import Tick
from threenos_station.window import FIRST_WAIT_S, LONGEST_WAIT_S, MESSAGES, Window, pack
from threenos_wire.events import MAX_EVENTS, MAX_MESSAGE_BYTES


class Box:
    """Waiting events numbered from 1, their id is their number."""

    def __init__(self, count: int) -> None:
        self.rows = {n: _row(n) for n in range(1, count + 1)}

    def waiting(self, after: int, limit: int) -> list[Row]:
        return [r for n, r in sorted(self.rows.items()) if n > after][:limit]

    def one(self, n: int) -> Row | None:
        return self.rows.get(n)


def _row(n: int, size: int = 10) -> Row:
    return Row(n, str(n), "w2", "boot", n, "reject", b"x" * size, "at", Tick("b", 0), "waiting", None, None)


def send(window: Window, box: Box, now: float = 0.0) -> list[list[int]]:
    """Send until the window is full; the numbers of each message."""
    messages = []
    while rows := window.next(box):
        window.sent(rows, now)
        messages.append([r.n for r in rows])
    return messages


def answer(window: Window, box: Box, numbers: list[int]) -> None:
    for n in numbers:
        box.rows.pop(n)
    window.answered([str(n) for n in numbers])


def test_one_press_goes_at_once_by_itself() -> None:
    """Idle: nothing waits for company."""
    window, box = Window(), Box(1)
    assert send(window, box) == [[1]]
    assert send(window, box) == []


def test_a_backlog_goes_in_arrays_of_a_hundred_oldest_first_four_at_a_time() -> None:
    """The server is not flooded, and an answer lets the next one go."""
    window, box = Window(), Box(1000)
    first = send(window, box)
    assert [m[0] for m in first] == [1, 101, 201, 301]
    assert [len(m) for m in first] == [MAX_EVENTS] * MESSAGES
    answer(window, box, first[0])
    assert send(window, box)[0][0] == 401


def test_everything_unanswered_goes_again_after_five_seconds_oldest_first() -> None:
    """With the same ids, and with more patience each time."""
    window, box = Window(), Box(3)
    window.sent(box.waiting(0, 1), 0.0)
    window.sent(box.waiting(1, 1), 1.0)
    assert not window.overdue(FIRST_WAIT_S - 0.1)
    assert window.overdue(FIRST_WAIT_S)
    window.again()
    assert send(window, box, FIRST_WAIT_S) == [[1, 2, 3]]
    assert not window.overdue(FIRST_WAIT_S * 2.9)
    for _ in range(9):
        window.again()
    send(window, box, 0.0)
    assert window.overdue(LONGEST_WAIT_S)


def test_what_was_sent_before_is_a_replay_and_what_is_old_or_of_unknown_age_too() -> None:
    """A live press is none."""
    window, box = Window(), Box(1)
    row = box.rows[1]
    assert not window.is_replay(row, 10_000)
    assert window.is_replay(row, 10_001)
    assert window.is_replay(row, None)
    send(window, box)
    assert window.is_replay(row, 5)
    window.answered(["1"])
    assert not window.is_replay(row, 5)


def test_the_server_that_is_back_gets_what_it_missed_but_not_what_is_just_on_its_way() -> None:
    """A press in the second in which it comes back is not sent twice."""
    window, box = Window(), Box(1)
    send(window, box, 10.0)
    window.server_is_back()
    assert not window.overdue(10.5) and window.overdue(11.0)
    window.again()
    send(window, box, 11.0)
    assert not window.overdue(15.9) and window.overdue(16.0)


def test_a_lost_connection_sends_everything_unanswered_again() -> None:
    """Also what the broker had taken: its word means nothing."""
    window, box = Window(), Box(150)
    send(window, box)
    answer(window, box, list(range(1, 51)))
    window.connection_lost()
    assert send(window, box)[0] == list(range(51, 151))


def test_messages_shrink_when_they_end_the_connection() -> None:
    """A broker that takes less than it should is found out, down to single events."""
    window, box = Window(), Box(100)
    sizes = []
    for _ in range(5):
        sizes.append(len(send(window, box)[0]))
        window.connection_lost()
    assert sizes == [100, 25, 6, 1, 1]


def test_an_event_that_ends_the_connection_even_alone_lets_the_others_pass() -> None:
    """Poison waits until everything else has been answered, and is then tried again."""
    window, box = Window(), Box(1)
    send(window, box)
    window.connection_lost()
    box.rows[2], box.rows[3] = _row(2), _row(3)
    assert send(window, box)[0][0] == 2
    answer(window, box, [2, 3])
    assert send(window, box) == [[1]]


def test_messages_grow_again_with_each_answer() -> None:
    """One bad moment does not slow the station for ever."""
    window, box = Window(), Box(400)
    for _ in range(4):
        send(window, box)
        window.connection_lost()
    assert send(window, box)[0] == [1]
    for n in range(1, 5):
        answer(window, box, [n])
    assert len(send(window, box)[0]) == MAX_EVENTS


def test_an_answer_in_part_keeps_the_rest_on_its_way() -> None:
    """The server may answer a message over several commits."""
    window, box = Window(), Box(3)
    send(window, box)
    window.answered(["2"])
    assert window.unanswered() == 2


def test_an_array_never_has_more_bytes_than_the_broker_takes() -> None:
    """Sixteen events of sixteen KiB are no message."""
    rows = [_row(n, 16_000) for n in range(1, 31)]
    payload, count = pack(rows, lambda r: r.body)
    assert count == 15 and len(payload) <= MAX_MESSAGE_BYTES
    assert pack(rows[:1], lambda r: r.body, 10) == (rows[0].body, 1)
