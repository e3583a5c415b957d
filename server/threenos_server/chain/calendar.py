"""The work calendar: shifts with breaks and days, holidays, nights over midnight, daylight saving. Pure.

A shift belongs to the local date on which it begins: the night shift of a Friday works into Saturday morning, and the
one that began before a holiday works into it.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from threenos_server.chain.naming import Name

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Shift:
    """`until` at or before `since` is on the next day. Breaks are local times within the shift."""

    id: str
    name: Name
    since: time
    until: time
    days: tuple[str, ...] = DAYS
    breaks: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, eq=True)
class Calendar:
    """When the site works. Without a shift it works always."""

    shifts: tuple[Shift, ...] = ()
    holidays: tuple[date, ...] = ()
    _worked: dict[tuple[date, ZoneInfo], list[Span]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @cached_property
    def _free(self) -> frozenset[date]:
        return frozenset(self.holidays)

    def on(self, day: date) -> list[Shift]:
        """The shifts that begin on that local date."""
        if day in self._free:
            return []
        return [shift for shift in self.shifts if DAYS[day.weekday()] in shift.days]

    def worked(self, day: date, tz: ZoneInfo) -> list[Span]:
        """The time worked between that local midnight and the next, in UTC, without breaks, in order."""
        key = (day, tz)
        if key not in self._worked:
            # Each process of the server asks for the days around now; the cache stays small without being tended.
            self._worked[key] = _clip(_merge(self._raw(day, tz)), *_span(day, time(0), time(0), tz))
        return self._worked[key]

    def _raw(self, day: date, tz: ZoneInfo) -> list[Span]:
        return [
            span
            for began in (day - _DAY, day)
            for shift in self.on(began)
            for span in _without_breaks(shift, began, tz)
        ]


def add_working_time(start: datetime, seconds: float, calendar: Calendar, tz: ZoneInfo) -> datetime:
    """The instant (UTC) at which `seconds` of working time have passed since `start` (aware).

    Counts seconds that really pass: a night shift over the change to summer time has an hour less. A calendar without
    shifts works always. Raises ValueError when the calendar's shifts never work.
    """
    start = start.astimezone(UTC)
    if not calendar.shifts:
        return start + timedelta(seconds=seconds)
    left = timedelta(seconds=seconds)
    day = start.astimezone(tz).date()
    last_holiday = max(calendar.holidays, default=day)
    idle_since = day
    while True:
        for since, until in calendar.worked(day, tz):
            since = max(since, start)
            if since < until and left <= until - since:
                return since + left
            left -= max(until - since, timedelta(0))
            idle_since = day
        if day - max(idle_since, last_holiday) > timedelta(days=14):
            raise ValueError("no shift of the calendar works on any day")
        day += _DAY


@dataclass(frozen=True, slots=True)
class Worked:
    """A shift on the local date on which it began, as an interval in UTC."""

    shift: Shift
    date: date
    since: datetime
    until: datetime


def shift_at(at: datetime, calendar: Calendar, tz: ZoneInfo) -> Worked | None:
    """The shift that runs at that instant (breaks included), of several the one that began last; None outside."""
    day = at.astimezone(tz).date()
    running = [w for began in (day - _DAY, day) for w in shifts_of(began, calendar, tz) if w.since <= at < w.until]
    return max(running, key=lambda worked: worked.since, default=None)


def shifts_of(day: date, calendar: Calendar, tz: ZoneInfo) -> list[Worked]:
    """The shifts that begin on that local date, as intervals in UTC."""
    return [Worked(shift, day, *_span(day, shift.since, shift.until, tz)) for shift in calendar.on(day)]


def _span(day: date, since: time, until: time, tz: ZoneInfo) -> Span:
    ends = day + _DAY if until <= since else day
    return (
        datetime.combine(day, since, tz).astimezone(UTC),
        datetime.combine(ends, until, tz).astimezone(UTC),
    )


def _without_breaks(shift: Shift, day: date, tz: ZoneInfo) -> list[Span]:
    since, until = _span(day, shift.since, shift.until, tz)
    spans = []
    pauses = (_span(day if b >= shift.since else day + _DAY, b, e, tz) for b, e in shift.breaks)
    for begins, ends in sorted(pauses):
        spans.append((since, begins))
        since = ends
    return [(a, b) for a, b in [*spans, (since, until)] if a < b]


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for since, until in sorted(spans):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((since, until))
    return merged


def _clip(spans: list[Span], since: datetime, until: datetime) -> list[Span]:
    return [(max(a, since), min(b, until)) for a, b in spans if a < until and b > since]
