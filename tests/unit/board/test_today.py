"""What is counted of a day, and which day an instant is of."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from threenos_server.board.today import of_catches, of_complaint, quarter, quarters_of_day

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def card(**fields: Any) -> dict[str, Any]:
    return {"kind": "reject", "state": "open", "drill": False, "occurred_at": "2026-11-22T04:00:00.000Z"} | fields


def test_a_complaint_is_counted_when_it_is_opened_and_taken_back_when_withdrawn() -> None:
    """Once each, at the instant when it occurred; nothing in between."""
    assert list(of_complaint(None, card())) == [("rejects", NOON, 1)]
    assert list(of_complaint(card(), card(state="closed"))) == []
    assert list(of_complaint(card(), card(state="withdrawn"))) == [("rejects", NOON, -1)]
    assert list(of_complaint(card(state="withdrawn"), card(state="withdrawn"))) == []
    assert list(of_complaint(None, card(state="withdrawn"))) == []


@pytest.mark.parametrize(("kind", "name"), [("reject", "rejects"), ("stop", "stops"), ("call", "calls")])
def test_each_kind_has_its_counter(kind: str, name: str) -> None:
    """By what the worker pressed."""
    assert [n for n, _, _ in of_complaint(None, card(kind=kind))] == [name]


def test_drills_and_late_responses_are_not_counted() -> None:
    """Nobody rejected anything."""
    assert list(of_complaint(None, card(drill=True))) == []
    assert list(of_complaint(None, card(kind="late-response"))) == []


def test_catches_are_counted_once_each() -> None:
    """Whatever their quantity; one taken back counts back."""
    said = list(of_catches([{"qty": 5}, {"qty": None}, {"qty": -5}, {"qty": 1, "drill": True}], NOON))
    assert said == [("catches", NOON, 1), ("catches", NOON, 1), ("catches", NOON, -1)]


@pytest.mark.parametrize(
    ("zone", "now", "quarters"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 22, 15, 59, tzinfo=UTC), 96),
        ("Asia/Kathmandu", NOON, 96),
        ("Europe/Berlin", datetime(2026, 3, 29, 12, 0, tzinfo=UTC), 92),
        ("Europe/Berlin", datetime(2026, 10, 25, 12, 0, tzinfo=UTC), 100),
    ],
)
def test_a_day_is_as_long_as_its_clock_says(zone: str, now: datetime, quarters: int) -> None:
    """From midnight to midnight there, also when the clock is changed."""
    start, end = quarters_of_day(now, ZoneInfo(zone))
    assert end - start == quarters
    assert start <= quarter(now) < end


def test_midnight_belongs_to_the_new_day() -> None:
    """In Shanghai that is 16:00 UTC."""
    midnight = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    start, _ = quarters_of_day(midnight, ZoneInfo("Asia/Shanghai"))
    assert start == quarter(midnight)
