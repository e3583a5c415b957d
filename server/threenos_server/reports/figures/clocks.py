"""Clocks: how long it took, with what is still open counted as open and never dropped."""

from collections.abc import Iterable
from dataclasses import dataclass

from threenos_server.errors import Invalid


@dataclass(frozen=True, slots=True)
class Wait:
    """`count` waits of so many seconds: until it was done, or so far. `limit_s` is the service standard, if any."""

    seconds: float
    done: bool = True
    limit_s: float | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Clock:
    """`p50` and `p90` in seconds, None: so many are still open that it cannot be said yet. Parts from 0 to 1."""

    waits: int
    open: int
    p50: float | None
    p90: float | None
    within: int
    late: int
    undecided: int
    share_within: float | None


def clock(waits: Iterable[Wait]) -> Clock:
    """One clock of many complaints.

    Within standard: done in at most `limit_s`. Late: done later, or open for longer already. Undecided, and not in the
    share: open and not late yet. Waits without a standard are in neither.
    """
    all_ = tuple(waits)
    held = [wait for wait in all_ if wait.limit_s is not None]
    late = sum(w.count for w in held if w.limit_s is not None and w.seconds > w.limit_s)
    within = sum(w.count for w in held if w.done and w.limit_s is not None and w.seconds <= w.limit_s)
    return Clock(
        waits=sum(wait.count for wait in all_),
        open=sum(wait.count for wait in all_ if not wait.done),
        p50=percentile(all_, 0.5),
        p90=percentile(all_, 0.9),
        within=within,
        late=late,
        undecided=sum(wait.count for wait in held) - within - late,
        share_within=within / (within + late) if within + late else None,
    )


def percentile(waits: Iterable[Wait], share: float) -> float | None:
    """The time in seconds by which `share` of all waits are done; None when that lies beyond what was seen.

    The smallest t with S(t) ≤ 1 − share, S being the product-limit estimate: what is open counts until it was last
    seen. With nothing open it is the nearest rank. Raises Invalid for a share outside 0 to 1 or a negative time.
    Source: Kaplan & Meier 1958, J. American Statistical Association 53, 457–481.
    """
    if not 0 < share < 1:
        raise Invalid(f"{share} is no share between 0 and 1")
    ordered = sorted(waits, key=lambda wait: wait.seconds)
    if ordered and ordered[0].seconds < 0:
        raise Invalid(f"A wait of {ordered[0].seconds} s is none")
    done: dict[float, int] = {}
    gone: dict[float, int] = {}
    for wait in ordered:
        gone[wait.seconds] = gone.get(wait.seconds, 0) + wait.count
        done[wait.seconds] = done.get(wait.seconds, 0) + wait.count * wait.done
    at_risk, survival = sum(gone.values()), 1.0
    for seconds, leaving in gone.items():
        if done[seconds]:
            survival *= 1 - done[seconds] / at_risk
            if survival <= 1 - share + 1e-12:
                return seconds
        at_risk -= leaving
    return None
