"""Production days: nights over midnight, both changes of daylight saving, and what an MES counted over two shifts."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from threenos_server.chain.calendar import Calendar, Shift
from threenos_server.chain.naming import Name
from threenos_server.db import from_ms, to_ms
from threenos_server.reports.rollup_days import NO_SHIFT, Days, split_units

BERLIN = ZoneInfo("Europe/Berlin")
NAME = Name("x", "x")
CALENDAR = Calendar(
    (
        Shift("early", NAME, time(6), time(14)),
        Shift("late", NAME, time(14), time(22)),
        Shift("night", NAME, time(22), time(6), ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
    )
)
HOUR = 3_600_000


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def place(days: Days, text: str) -> tuple[str, str]:
    day, shift = days.at(ms(text))
    return date.fromordinal(day).isoformat(), shift


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-10-24T21:59:59+02:00", ("2026-10-24", "late")),
        ("2026-10-24T22:00:00+02:00", ("2026-10-24", "night")),
        # The clock goes back at three: half past two happens twice, in the same night shift.
        ("2026-10-25T02:30:00+02:00", ("2026-10-24", "night")),
        ("2026-10-25T02:30:00+01:00", ("2026-10-24", "night")),
        ("2026-10-25T05:59:59+01:00", ("2026-10-24", "night")),
        ("2026-10-25T06:00:00+01:00", ("2026-10-25", "early")),
        # The clock goes forward at two: half past one is followed by half past three.
        ("2026-03-29T01:30:00+01:00", ("2026-03-28", "night")),
        ("2026-03-29T03:30:00+02:00", ("2026-03-28", "night")),
        ("2026-03-29T06:00:00+02:00", ("2026-03-29", "early")),
        # The last night of a year belongs to that year.
        ("2027-01-01T00:30:00+01:00", ("2026-12-31", "night")),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_began(at: str, expected: tuple[str, str]) -> None:
    """Over midnight, over the end of a year, and over both changes of the clock."""
    assert place(Days(CALENDAR, BERLIN), at) == expected


@pytest.mark.parametrize(("night", "hours"), [("2026-10-24", 9), ("2026-03-28", 7), ("2026-06-10", 8)])
def test_a_night_has_the_hours_that_really_pass(night: str, hours: int) -> None:
    """Nine when the clock goes back, seven when it goes forward."""
    days = Days(CALENDAR, BERLIN)
    day = date.fromisoformat(night).toordinal()
    pieces = days.pieces(days.bounds(day), days.bounds(day + 2))
    assert {(d, s): length for d, s, length in pieces}[day, "night"] == hours * HOUR


def test_every_instant_of_a_changing_week_is_in_one_place() -> None:
    """Quarter by quarter of an hour around a change, the place is that of the shift that runs."""
    days = Days(CALENDAR, BERLIN)
    for at in range(ms("2026-10-24T00:00:00+02:00"), ms("2026-10-27T00:00:00+01:00"), HOUR // 4):
        day, shift = days.at(at)
        local = from_ms(at).astimezone(BERLIN)
        expected = "early" if 6 <= local.hour < 14 else "late" if 14 <= local.hour < 22 else "night"
        assert shift == expected
        assert day == local.date().toordinal() - (local.hour < 6)


def test_outside_of_any_shift_the_local_date_counts() -> None:
    """A factory without shifts, and an hour between two."""
    assert place(Days(Calendar(), ZoneInfo("Asia/Kolkata")), "2026-11-22T18:29:59+00:00") == ("2026-11-22", NO_SHIFT)
    assert place(Days(Calendar(), ZoneInfo("Asia/Kolkata")), "2026-11-22T18:30:00+00:00") == ("2026-11-23", NO_SHIFT)
    only = Calendar((Shift("day", NAME, time(8), time(16)),))
    assert place(Days(only, BERLIN), "2026-11-22T17:00:00+01:00") == ("2026-11-22", NO_SHIFT)


def test_units_of_a_period_are_spread_over_its_shifts() -> None:
    """A calendar day's count belongs partly to the night before; nothing is lost by rounding."""
    days = Days(CALENDAR, BERLIN)
    day = date(2026, 10, 25).toordinal()
    shares = split_units(1_000_001, days.pieces(days.bounds(day), days.bounds(day + 1)))
    assert sum(units for _, _, units in shares) == 1_000_001
    assert {(d, s) for d, s, _ in shares} == {
        (day - 1, "night"), (day, "early"), (day, "late"), (day, "night")
    }  # fmt: skip


def test_local_midnight_is_where_the_day_begins() -> None:
    """Also on the day whose midnight is an hour later in UTC than that of the next."""
    days = Days(CALENDAR, BERLIN)
    for day in range(date(2026, 10, 23).toordinal(), date(2026, 10, 28).toordinal()):
        assert from_ms(days.bounds(day)).astimezone(BERLIN).time() == time(0)
    assert from_ms(days.bounds(date(2026, 11, 1).toordinal())) == datetime(2026, 10, 31, 23, tzinfo=UTC)
