"""Alarm load: how much rings for one role in one shift, and whether anybody can still answer it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Sources: EEMUA 191 and ANSI/ISA-18.2: more than 10 alarms in 10 minutes are a flood, one that comes three times
#: within a minute chatters, one that stands for more than 24 hours is stale. One person can take one in 10 minutes.
FLOOD, FLOOD_WINDOW = 10, timedelta(minutes=10)
CHATTER, CHATTER_WINDOW = 3, timedelta(minutes=1)
STALE = timedelta(hours=24)
ACCEPTABLE_PER_HOUR = 6.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """What rang for a role in a shift, from `at` to `until` (None: it still stands). `key` says what rang."""

    role: str
    shift: str | None
    at: datetime
    until: datetime | None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """`busiest` is the most alarms in any ten minutes, wherever the clock stood; `chattering` are keys."""

    role: str
    shift: str | None
    alarms: int
    hours: float | None
    per_hour: float | None
    busiest: int
    flood: bool
    chattering: tuple[str, ...]
    stale: int

    @property
    def acceptable(self) -> bool | None:
        """At most one alarm in ten minutes on average; None when nobody knows the hours."""
        return None if self.per_hour is None else self.per_hour <= ACCEPTABLE_PER_HOUR


def alarm_load(
    alarms: Iterable[Alarm], hours: Mapping[tuple[str, str | None], float], now: datetime
) -> tuple[Load, ...]:
    """One load for each role and shift, in that order; `hours` are the hours worked by (role, shift) in the period."""
    groups: dict[tuple[str, str | None], list[Alarm]] = {}
    for alarm in alarms:
        groups.setdefault((alarm.role, alarm.shift), []).append(alarm)
    return tuple(
        _load(*group, groups[group], hours.get(group), now)
        for group in sorted(groups, key=lambda group: (group[0], group[1] or ""))
    )


def _load(role: str, shift: str | None, alarms: Sequence[Alarm], hours: float | None, now: datetime) -> Load:
    most = busiest([alarm.at for alarm in alarms], FLOOD_WINDOW)
    return Load(
        role=role,
        shift=shift,
        alarms=len(alarms),
        hours=hours,
        per_hour=len(alarms) / hours if hours else None,
        busiest=most,
        flood=most > FLOOD,
        chattering=_chattering(alarms),
        stale=sum((alarm.until or now) - alarm.at > STALE for alarm in alarms),
    )


def busiest(times: Iterable[datetime], window: timedelta) -> int:
    """The most of these that fall into any stretch as long as `window`, its end excluded."""
    ordered = sorted(times)
    most = first = 0
    for last, at in enumerate(ordered):
        while at - ordered[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most


def _chattering(alarms: Sequence[Alarm]) -> tuple[str, ...]:
    times: dict[str, list[datetime]] = {}
    for alarm in alarms:
        times.setdefault(alarm.key, []).append(alarm.at)
    return tuple(sorted(key for key, at in times.items() if busiest(at, CHATTER_WINDOW) >= CHATTER))


@dataclass(frozen=True, slots=True)
class Andon:
    """How calls were answered: means in seconds, shares from 0 to 1; None of nothing."""

    calls: int
    stops: int
    mean_response_s: float | None
    mean_resolution_s: float | None
    fixed_without_stop: float | None
    escalated: float | None
    calls_per_shift: float | None


def andon(calls: int, shifts: int, response_s: float, resolution_s: float, fixed: int, escalated: int) -> Andon:
    """From sums over a period: seconds until somebody came and until it was resolved, calls that were fixed without a
    stop, calls that were escalated. Source: Liker & Meier 2006, The Toyota Way Fieldbook (andon)."""
    return Andon(
        calls=calls,
        stops=calls - fixed,
        mean_response_s=response_s / calls if calls else None,
        mean_resolution_s=resolution_s / calls if calls else None,
        fixed_without_stop=fixed / calls if calls else None,
        escalated=escalated / calls if calls else None,
        calls_per_shift=calls / shifts if shifts else None,
    )
