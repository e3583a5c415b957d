"""Working time over shifts, breaks, holidays, nights and changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threenos_server.chain.calendar import DAYS, Calendar, Shift, add_working_time, shift_at
from threenos_server.chain.naming import Name

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NAME = Name("x", "x")
DAY = Shift("day", NAME, time(8), time(16), DAYS[:5], ((time(12), time(12, 30)),))
NIGHT = Shift("night", NAME, time(22), time(6), DAYS[:5], ((time(0, 30), time(1)),))
OFFICE = Calendar((DAY,), (date(2026, 10, 1), date(2026, 10, 2)))
HOUR = 3600


def at(tz: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=tz)  # type: ignore[arg-type,misc]  # year, month, day, hour, minute


def due(start: datetime, hours: float, calendar: Calendar, tz: ZoneInfo) -> datetime:
    return add_working_time(start, hours * HOUR, calendar, tz).astimezone(tz)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ((2026, 9, 28, 9, 0), 2, (2026, 9, 28, 11, 0)),
        ((2026, 9, 28, 11, 0), 2, (2026, 9, 28, 13, 30)),  # over the break
        ((2026, 9, 28, 12, 10), 1, (2026, 9, 28, 13, 30)),  # from within the break
        ((2026, 9, 28, 5, 0), 1, (2026, 9, 28, 9, 0)),  # before work
        ((2026, 9, 28, 15, 0), 1, (2026, 9, 28, 16, 0)),  # to the very end
        ((2026, 9, 28, 15, 0), 2, (2026, 9, 29, 9, 0)),  # into the next day
        ((2026, 9, 30, 15, 0), 2, (2026, 10, 5, 9, 0)),  # over holidays and a weekend
        ((2026, 9, 25, 20, 0), 0, (2026, 9, 28, 8, 0)),  # nothing to do is due when work starts
        ((2026, 9, 28, 8, 0), 24, (2026, 10, 5, 9, 30)),  # three days of 7.5 h, then 1.5 h after the holidays
    ],
)
def test_working_time_skips_what_is_free(start: tuple[int, ...], hours: float, end: tuple[int, ...]) -> None:
    """Breaks, nights, weekends and holidays do not count."""
    assert due(at(SHANGHAI, *start), hours, OFFICE, SHANGHAI) == at(SHANGHAI, *end)


def test_a_night_shift_works_over_midnight_and_into_saturday() -> None:
    """Friday's night ends on Saturday morning, with its break after midnight."""
    calendar = Calendar((NIGHT,))
    assert due(at(SHANGHAI, 2026, 9, 25, 23, 0), 2, calendar, SHANGHAI) == at(SHANGHAI, 2026, 9, 26, 1, 30)
    assert due(at(SHANGHAI, 2026, 9, 26, 5, 0), 2, calendar, SHANGHAI) == at(SHANGHAI, 2026, 9, 28, 23, 0)


def test_a_night_that_began_before_a_holiday_works_into_it() -> None:
    """The holiday frees the shifts that start on it."""
    calendar = Calendar((NIGHT,), (date(2026, 10, 1),))
    assert due(at(SHANGHAI, 2026, 10, 1, 5, 0), 1, calendar, SHANGHAI) == at(SHANGHAI, 2026, 10, 1, 6, 0)
    assert due(at(SHANGHAI, 2026, 10, 1, 7, 0), 1, calendar, SHANGHAI) == at(SHANGHAI, 2026, 10, 2, 23, 0)


@pytest.mark.parametrize(("day", "worked"), [((2026, 3, 28), 6.5), ((2026, 10, 24), 8.5), ((2026, 4, 11), 7.5)])
def test_a_night_with_a_change_of_the_clock_has_an_hour_less_or_more(day: tuple[int, ...], worked: float) -> None:
    """In Berlin the night to 29 March loses an hour, the one to 25 October gains one."""
    calendar = Calendar((Shift("night", NAME, time(22), time(6), DAYS, ((time(0, 30), time(1)),)),))
    start = at(BERLIN, *day, 22, 0)
    assert due(start, worked, calendar, BERLIN) == at(BERLIN, *day, 6, 0) + timedelta(days=1)


def test_a_shift_that_starts_in_the_hour_that_is_skipped() -> None:
    """02:30 does not exist on 29 March; the shift starts when the clock has jumped."""
    calendar = Calendar((Shift("odd", NAME, time(2, 30), time(4)),))
    assert due(at(BERLIN, 2026, 3, 29, 0, 0), 0.25, calendar, BERLIN).astimezone(UTC) == datetime(
        2026, 3, 29, 1, 45, tzinfo=UTC
    )


def test_overlapping_shifts_count_once() -> None:
    """Two shifts at the same time do not make the clock run twice as fast."""
    calendar = Calendar((DAY, Shift("long", NAME, time(10), time(19), DAYS[:5])))
    assert due(at(SHANGHAI, 2026, 9, 28, 8, 0), 11, calendar, SHANGHAI) == at(SHANGHAI, 2026, 9, 28, 19, 0)


def test_without_shifts_all_time_is_working_time() -> None:
    """A site that has set no calendar works around the clock."""
    assert due(at(SHANGHAI, 2026, 10, 3, 3, 0), 24, Calendar((), (date(2026, 10, 4),)), SHANGHAI) == at(
        SHANGHAI, 2026, 10, 4, 3, 0
    )


def test_shifts_that_never_work_are_an_error_and_no_endless_loop() -> None:
    """A calendar that a check would refuse cannot hang the intake."""
    with pytest.raises(ValueError, match="no shift"):
        add_working_time(
            at(SHANGHAI, 2026, 9, 28, 8, 0), 1, Calendar((Shift("x", NAME, time(8), time(9), ()),)), SHANGHAI
        )


@given(
    st.integers(0, 500_000).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.integers(0, 200_000),
    st.integers(0, 200_000),
)
def test_working_time_adds_up(start: datetime, first: int, second: int) -> None:
    """Adding in two steps is adding at once, and never goes back."""
    calendar = Calendar((DAY, NIGHT), (date(2026, 5, 1),))
    middle = add_working_time(start, first, calendar, BERLIN)
    assert start <= middle
    assert add_working_time(middle, second, calendar, BERLIN) == add_working_time(
        start, first + second, calendar, BERLIN
    )


def test_the_shift_of_an_instant_belongs_to_the_day_on_which_it_began() -> None:
    """After midnight it is still yesterday's night; breaks are within, Saturday's day is free."""
    calendar = Calendar((DAY, NIGHT))
    night = shift_at(at(SHANGHAI, 2026, 9, 26, 0, 45), calendar, SHANGHAI)
    assert night is not None and (night.shift.id, night.date) == ("night", date(2026, 9, 25))
    assert night.until == at(SHANGHAI, 2026, 9, 26, 6, 0)
    day = shift_at(at(SHANGHAI, 2026, 9, 25, 8, 0), calendar, SHANGHAI)
    assert day is not None and day.shift.id == "day"
    assert shift_at(at(SHANGHAI, 2026, 9, 26, 9, 0), calendar, SHANGHAI) is None
    assert shift_at(at(SHANGHAI, 2026, 9, 25, 16, 0), calendar, SHANGHAI) is None
