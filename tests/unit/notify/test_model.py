"""Back-off, signatures, and what a short message holds."""

from datetime import timedelta

from threenos_server.notify.model import MAX_ATTEMPTS, MAX_BACKOFF, backoff
from threenos_server.notify.senders import fitting, signature


def test_backoff_doubles_to_ten_minutes() -> None:
    """5 s, 10 s, 20 s … and never more than ten minutes, however often it failed."""
    waits = [backoff(n, 0.0) for n in range(1, MAX_ATTEMPTS)]
    assert waits[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert max(waits) == MAX_BACKOFF == waits[-1]


def test_chance_takes_off_up_to_a_half() -> None:
    """Jitter keeps a recovered gateway from getting everything at once."""
    assert backoff(1, 1.0) == timedelta(seconds=2.5)


def test_the_signature_covers_time_and_body() -> None:
    """Another second or another body has another signature."""
    signed = signature("s3cret", 1_700_000_000, b"{}")
    assert signed == "t=1700000000,v1=97926816e98fbb41ccb1673225ff29a2f35369099990e1b1561651e7bd097ebf"
    assert signed != signature("s3cret", 1_700_000_001, b"{}")
    assert signed != signature("s3cret", 1_700_000_000, b"{ }")
    assert signed != signature("other", 1_700_000_000, b"{}")


def test_what_is_too_long_for_a_service_says_how_much_more_there_is() -> None:
    """Whole lines, never more than it takes; it is told of all, and the board and the desk list the rest."""
    body = "\n".join(f"stop {n:03d}" for n in range(500))
    assert fitting(body, len(body)) == body
    assert fitting(body, 50).split("\n") == ["stop 000", "stop 001", "stop 002", "stop 003", "… +496"]
    assert all(len(fitting(body, most)) <= most for most in range(1, 200))
