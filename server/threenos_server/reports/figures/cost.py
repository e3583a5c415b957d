"""Cost of internal failures, by bucket, at the rates that held then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Bucket(StrEnum):
    SCRAP = "scrap"
    REWORK = "rework"
    SORT = "sort"
    STOP = "stop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of one version, in the site's currency: an hour, a scrapped unit by process, a stopped minute by line."""

    version: str
    rework_hour: float
    sort_hour: float
    unit: Mapping[str, float]
    stop_minute: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of cost. Not `priced`: the rate is missing, the amount is 0, and it is shown apart.

    Both sides see it: all of it is charged to `made_at`, and it stays with the process where it was found.
    """

    complaint: str
    made_at: str
    found_at: str
    bucket: Bucket
    amount: float
    version: str | None
    priced: bool


def of_disposition(
    complaint: str, made_at: str, found_at: str, decision: str, qty: float, hours: float, rates: Rates | None
) -> tuple[Item, ...]:
    """What a disposition costs: scrap · unit cost at the process it had reached, or hours of rework or sorting · rate.

    A return and a concession cost nothing here. `rates` are those in force when it was decided; None: there are none.
    Source: domain.md, Figures; Juran & Godfrey, Juran's Quality Handbook, 5th ed. (internal failure costs).
    """
    match decision:
        case "scrap":
            return (
                _item(
                    complaint, made_at, found_at, Bucket.SCRAP, qty, rates, rates.unit.get(found_at) if rates else None
                ),
            )
        case "rework":
            return (
                _item(complaint, made_at, found_at, Bucket.REWORK, hours, rates, rates.rework_hour if rates else None),
            )
        case "sort":
            return (_item(complaint, made_at, found_at, Bucket.SORT, hours, rates, rates.sort_hour if rates else None),)
    return ()


def of_stop(complaint: str, made_at: str, found_at: str, line: str, seconds: float, rates: Rates | None) -> Item:
    """What a stop costs: the minutes it is charged with (see `stops`) · the rate of its line."""
    price = rates.stop_minute.get(line) if rates else None
    return _item(complaint, made_at, found_at, Bucket.STOP, seconds / 60, rates, price)


def _item(
    complaint: str, made_at: str, found_at: str, bucket: Bucket, much: float, rates: Rates | None, price: float | None
) -> Item:
    """A rate of 0 is one that nobody has entered: nothing that fails is free."""
    version = rates.version if rates else None
    return Item(complaint, made_at, found_at, bucket, much * (price or 0.0), version, bool(price) or not much)


def by_bucket(items: Iterable[Item]) -> dict[Bucket, float]:
    """The sum of each bucket, all five of them."""
    sums = dict.fromkeys(Bucket, 0.0)
    for item in items:
        sums[item.bucket] += item.amount
    return sums
