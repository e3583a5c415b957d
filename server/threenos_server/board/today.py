"""Today's counters: rejects, stops, catches and calls of a local day. Pure.

Counted by complaints opened, not by presses; drills never; a withdrawal takes back. They are kept by quarters of an
hour in UTC, which every time zone's midnight falls between, so that counting needs no time zone.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from threenos_server.db import to_ms
from threenos_wire.instants import parse_instant

Tally = dict[str, int]
NAMES = ("rejects", "stops", "catches", "calls")
_BY_KIND = {"reject": "rejects", "stop": "stops", "call": "calls"}
_QUARTER_MS = 15 * 60 * 1000

Count = tuple[str, datetime, int]
"""Which counter, of what instant, and by how much."""


def of_complaint(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Iterable[Count]:
    """What a row counts that brought a complaint's card from `before` (None: it was opened) to `after`."""
    name = _BY_KIND.get(after["kind"])
    withdrawn = after["state"] == "withdrawn"
    if name is None or after["drill"]:
        return
    if before is None and not withdrawn:
        yield name, parse_instant(after["occurred_at"]), 1
    # Nothing leads back from withdrawn, so only the way there counts, also when `before` is a later state recalled.
    if before is not None and withdrawn and before["state"] != "withdrawn":
        yield name, parse_instant(after["occurred_at"]), -1


def of_catches(catches: Iterable[Mapping[str, Any]], at: datetime) -> Iterable[Count]:
    """What the catches of a row count; one with a negative quantity takes an earlier one back."""
    for catch in catches:
        if not catch.get("drill"):
            yield "catches", at, -1 if (catch.get("qty") or 0) < 0 else 1


def quarter(at: datetime) -> int:
    """The number of the quarter of an hour since 1970 in which an instant lies."""
    return to_ms(at) // _QUARTER_MS


def quarters_of_day(now: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """The first quarter of the local day of `now`, and the first of the next day: 92, 96 or 100 of them."""
    day = now.astimezone(zone).date()
    start, end = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in (day, day + timedelta(days=1)))
    return quarter(start), quarter(end)
