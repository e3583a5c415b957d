"""Production days: the shift in which something happened, and the local date on which that shift began. Pure.

A night shift belongs whole to the date on which it begins, whatever daylight saving does to its hours. Outside of any
shift the local date counts and the shift is NO_SHIFT. Days are numbers (`date.toordinal`), instants milliseconds.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from threenos_server.chain.calendar import Calendar, add_working_time, shifts_of
from threenos_server.chain.model import Chain
from threenos_server.db import from_ms, to_ms
from threenos_wire.instants import parse_instant

NO_SHIFT = ""
_DAY_MS = 86_400_000
_KEPT = 4000
_EPOCH = date(1970, 1, 1).toordinal()

Piece = tuple[int, str, int]
"""A production day, a shift, and how many milliseconds of it."""
_Span = tuple[int, int, int, str]


class Days:
    """The production days of one calendar in one time zone. What was worked out is kept, for presses come together."""

    def __init__(self, calendar: Calendar, tz: ZoneInfo) -> None:
        self._calendar, self._tz = calendar, tz
        self._spans: dict[int, tuple[_Span, ...]] = {}
        self._due: dict[tuple[int, int], int] = {}

    def at(self, ms: int) -> tuple[int, str]:
        """The production day and the shift of an instant."""
        utc_day = ms // _DAY_MS
        spans = self._spans.get(utc_day)
        if spans is None:
            spans = self._around(utc_day)
        for since, until, day, shift in spans:
            if since <= ms < until:
                return day, shift
        return self._local(ms), NO_SHIFT

    def day_of(self, instant: str) -> int:
        """The production day of an instant as it stands in a document."""
        return self.at(to_ms(parse_instant(instant)))[0]

    def pieces(self, since: int, until: int) -> list[Piece]:
        """A period cut at every beginning and end of a shift and every local midnight."""
        cuts = sorted({since, until, *(c for c in self._cuts(since, until) if since < c < until)})
        found: dict[tuple[int, str], int] = {}
        for begin, end in pairwise(cuts):
            place = self.at(begin)
            found[place] = found.get(place, 0) + end - begin
        return [(day, shift, length) for (day, shift), length in found.items()]

    def answer_due(self, start: int, seconds: int) -> int:
        """When so much working time has passed; wall time when the calendar never works."""
        key = (start, seconds)
        if key not in self._due:
            if len(self._due) >= _KEPT:
                self._due.clear()
            try:
                self._due[key] = to_ms(add_working_time(from_ms(start), seconds, self._calendar, self._tz))
            except ValueError:
                self._due[key] = start + seconds * 1000
        return self._due[key]

    def works(self, day: int) -> list[str]:
        """The shifts that begin on that day."""
        return [shift.id for shift in self._calendar.on(date.fromordinal(day))]

    def bounds(self, day: int) -> int:
        """An instant before which nothing of that production day or a later one can lie: its local midnight."""
        begin = datetime.combine(date.fromordinal(day), datetime.min.time(), self._tz)
        return to_ms(begin.astimezone(UTC))

    def _local(self, ms: int) -> int:
        return from_ms(ms).astimezone(self._tz).date().toordinal()

    def _around(self, utc_day: int) -> tuple[_Span, ...]:
        """The shifts that touch a day of UTC; of two at once the one that began last counts."""
        if len(self._spans) >= _KEPT:
            self._spans.clear()
        first, last = self._local(utc_day * _DAY_MS) - 1, self._local((utc_day + 1) * _DAY_MS)
        spans = sorted(self._shifts(first, last), reverse=True)
        self._spans[utc_day] = kept = tuple(spans)
        return kept

    def _shifts(self, first: int, last: int) -> Iterator[_Span]:
        for day in range(first, last + 1):
            for worked in shifts_of(date.fromordinal(day), self._calendar, self._tz):
                yield to_ms(worked.since), to_ms(worked.until), day, worked.shift.id

    def _cuts(self, since: int, until: int) -> Iterator[int]:
        first, last = self._local(since) - 1, self._local(until) + 1
        for begin, end, _, _ in self._shifts(first, last):
            yield begin
            yield end
        yield from (self.bounds(day) for day in range(first, last + 1))


@lru_cache(maxsize=32)
def _days(calendar: Calendar, tz: ZoneInfo) -> Days:
    return Days(calendar, tz)


def days_of(chain: Chain) -> Days:
    """The production days of a chain's calendar."""
    return _days(chain.calendar, chain.tz)


def month_of(day: int) -> int:
    """The number of the month in which a day lies."""
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1


def month_begins(month: int) -> int:
    """The first day of a month."""
    return date(month // 12, month % 12 + 1, 1).toordinal()


def utc_day(at: datetime) -> int:
    """The day of an instant in UTC."""
    return _EPOCH + (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=1)


def split_units(units: int, pieces: list[Piece]) -> list[tuple[int, str, int]]:
    """Units spread evenly over the pieces of their period; the last one takes what rounding leaves."""
    total = sum(length for _, _, length in pieces)
    shares, left = [], units
    for day, shift, length in pieces[:-1]:
        share = units * length // total
        shares.append((day, shift, share))
        left -= share
    day, shift, _ = pieces[-1]
    return [*shares, (day, shift, left)]


def day_ends_utc(day: int) -> int:
    """The end of a day of UTC, in ms."""
    return (day + 1 - _EPOCH) * _DAY_MS
