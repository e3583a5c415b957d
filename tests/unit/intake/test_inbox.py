"""Which of what has come is recorded next."""

from datetime import UTC, datetime

import pytest

from threenos_server.intake import inbox as module
from threenos_server.intake.inbox import Inbox, Message

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def filled(*said: tuple[str, bytes]) -> Inbox:
    """An inbox to which these came, (topic, payload)."""
    inbox = Inbox()
    for topic, payload in said:
        assert inbox.put(Message(topic, payload, NOON))
    return inbox


def test_a_press_goes_before_what_others_could_not_send() -> None:
    """The backlog goes on all the same, in the same transaction."""
    inbox = filled(("mill", b"[1]"), ("lathe", b" \n[2]"), ("saw", b"{}"))
    assert [m.topic for m in inbox.take(0)] == ["saw", "mill", "lathe"]
    assert len(inbox) == 0


def test_a_backlog_is_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """One array is always taken, however large."""
    monkeypatch.setattr(module, "BACKLOG_BYTES", 8)
    inbox = filled(*[("mill", b"[12345678]")] * 2, ("mill", b"[4]"), ("mill", b"[5]"))
    assert [len(inbox.take(0)) for _ in range(4)] == [1, 1, 2, 0]


def test_each_station_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that floods leaves room for its neighbours, and its own messages stay in order."""
    monkeypatch.setattr(module, "LIVE_MESSAGES", 3)
    inbox = filled(*[("flood", b"%d" % n) for n in range(4)], ("mill", b"a"), ("saw", b"b"))
    assert [m.payload for m in inbox.take(0)] == [b"0", b"a", b"b"]
    assert [m.payload for m in inbox.take(0)] == [b"1", b"2", b"3"]


@pytest.mark.parametrize(("limit", "most"), [("MOST_MESSAGES", 2), ("MOST_BYTES", 2)])
def test_what_finds_no_room_is_said(monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    """The connection then waits, and the broker with it; once something was taken there is room again."""
    monkeypatch.setattr(module, limit, most)
    inbox = filled(("mill", b"1"), ("mill", b"2"))
    assert not inbox.put(Message("mill", b"3", NOON))
    assert len(inbox.take(0)) == 2
    assert inbox.put(Message("mill", b"3", NOON))


@pytest.mark.parametrize(("limit", "most"), [("MOST_OF_ONE_MESSAGES", 2), ("MOST_OF_ONE_BYTES", 2)])
def test_one_that_floods_leaves_room_for_the_others(monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    """Its messages find no room, at once; its neighbours' do, and its own do again when some of it was taken."""
    monkeypatch.setattr(module, limit, most)
    inbox = filled(("flood", b"1"), ("flood", b"2"), ("mill", b"a"))
    assert not inbox.put(Message("flood", b"3", NOON), timeout_s=60)
    assert inbox.put(Message("mill", b"b", NOON))
    assert len(inbox.take(0)) == 4
    assert inbox.put(Message("flood", b"3", NOON))
