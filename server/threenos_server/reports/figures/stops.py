"""Stop minutes: the union of a line's stops, each minute charged once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of a line; without an end it still stands. `charged_to` is the made-at of its complaint as it stands."""

    id: str
    line: str
    begin: datetime
    end: datetime | None
    charged_to: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A stretch in which the line stood because of `stop`."""

    stop: Stop
    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()


def charges(stops: Iterable[Stop], until: datetime, since: datetime | None = None) -> tuple[Charge, ...]:
    """What each stop is charged with from `since` to `until`; the stretches of a line never overlap.

    A minute under several stops belongs to the one that began first (ties: by id), also when that one began before
    `since`, so that periods add up: give the stops that ran into the period too. Stops that still stand run to `until`.
    Source: domain.md, Figures.
    """
    covered: dict[str, datetime] = {}
    charged = []
    for stop in sorted(stops, key=lambda stop: (stop.begin, stop.id)):
        begin = max(stop.begin, covered.get(stop.line, stop.begin))
        end = until if stop.end is None else stop.end
        if end <= begin:
            continue
        covered[stop.line] = end
        begin, end = begin if since is None else max(begin, since), min(end, until)
        if end > begin:
            charged.append(Charge(stop, begin, end))
    return tuple(charged)


def seconds_by(charged: Iterable[Charge], key: Callable[[Charge], str]) -> dict[str, float]:
    """Seconds stood, by whatever `key` says of a charge: its line, its stop's made-at, its hour."""
    sums: dict[str, float] = {}
    for charge in charged:
        sums[key(charge)] = sums.get(key(charge), 0.0) + charge.seconds
    return sums
