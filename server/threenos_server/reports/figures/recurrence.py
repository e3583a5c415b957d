"""Recurrence: did it come back?"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from threenos_server.reports.figures.pareto import UNCLASSIFIED


@dataclass(frozen=True, slots=True)
class Seen:
    """A complaint; `closed_at` is None while it is open."""

    id: str
    made_at: str
    defect: str
    part: str | None
    occurred_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`closed` long enough ago, how many of them were `followed`, and by which: (closed, its first follower)."""

    closed: int
    followed: int
    share: float | None
    pairs: tuple[tuple[str, str], ...]


def recurrence(seen: Iterable[Seen], since: datetime, until: datetime, now: datetime, days: int = 30) -> Recurrence:
    """Of the complaints closed from `since` to `until` and at least `days` days before `now`, the share followed within
    `days` days after closing by the same made-at, defect and part (no part is a part of its own).

    What is unclassified can neither come back nor be followed. `seen` must hold the followers too, open or closed.
    Source: domain.md, Figures.
    """
    window = timedelta(days=days)
    known = [one for one in seen if UNCLASSIFIED not in (one.made_at, one.defect)]
    times: dict[tuple[str, str, str | None], list[tuple[datetime, str]]] = {}
    for one in known:
        times.setdefault((one.made_at, one.defect, one.part), []).append((one.occurred_at, one.id))
    for occurrences in times.values():
        occurrences.sort()
    judged, pairs = 0, []
    for one in sorted(known, key=lambda one: (one.occurred_at, one.id)):
        closed = one.closed_at
        if closed is None or not since <= closed < until or closed > now - window:
            continue
        judged += 1
        follower = _next(times[one.made_at, one.defect, one.part], closed, window)
        if follower is not None:
            pairs.append((one.id, follower))
    return Recurrence(judged, len(pairs), len(pairs) / judged if judged else None, tuple(pairs))


def _next(occurrences: list[tuple[datetime, str]], closed: datetime, window: timedelta) -> str | None:
    at = bisect_right(occurrences, closed, key=lambda one: one[0])
    if at < len(occurrences) and occurrences[at][0] <= closed + window:
        return occurrences[at][1]
    return None
