"""Heard means: a beat has changed within five seconds, on this connection."""

from datetime import UTC, datetime

from threenos_station.hearing import SILENCE_S, Hearing
from threenos_station.link import LONGEST_S, SHORTEST_S, backoff_s

AT = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_retained_beat_alone_proves_nothing() -> None:
    """It may be the last word of a server that died yesterday."""
    hearing = Hearing(AT)
    hearing.beat(b"1", True, 0.0)
    assert not hearing.judge(0.1, AT)
    hearing.beat(b"2", False, 2.0)
    assert hearing.judge(2.1, AT) and hearing.heard


def test_the_same_beat_again_is_no_change() -> None:
    """A broker that repeats itself is no server."""
    hearing = Hearing(AT)
    hearing.beat(b"1", False, 0.0)
    hearing.beat(b"1", False, 4.0)
    hearing.judge(0.0, AT)
    assert hearing.judge(SILENCE_S, AT) and not hearing.heard


def test_a_lost_connection_is_not_heard_at_once_and_a_retained_beat_does_not_bring_it_back() -> None:
    """Nobody waits five seconds to be told that the cable is out."""
    hearing = Hearing(AT)
    hearing.beat(b"1", False, 0.0)
    assert hearing.judge(0.0, AT)
    hearing.connection_lost()
    assert hearing.judge(0.1, AT) and not hearing.heard
    hearing.beat(b"7", True, 0.2)
    assert not hearing.judge(0.3, AT)


def test_an_intake_that_begins_later_is_new_once() -> None:
    """Of several that beat in turn none is; after a lost connection all is forgotten."""
    hearing = Hearing(AT)
    assert [hearing.is_new(name) for name in ("a", "a", "b", "a", "b", "c", "b")] == [
        False, False, True, False, False, True, False,
    ]  # fmt: skip
    hearing.connection_lost()
    assert not hearing.is_new("c")


def test_attempts_are_spread_between_one_and_fifteen_seconds() -> None:
    """Two hundred stations do not come back in the same second."""
    assert backoff_s(0, 0.0) == SHORTEST_S == 1.0
    assert [backoff_s(n, 0.999999) for n in range(5)] == sorted(backoff_s(n, 0.999999) for n in range(5))
    assert backoff_s(50, 0.5) == SHORTEST_S + (LONGEST_S - SHORTEST_S) * 0.5
    assert backoff_s(50, 0.999999) <= LONGEST_S
