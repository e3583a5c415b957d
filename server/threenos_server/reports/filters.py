"""What is asked of a report: the filter bar, a period of production days, and how it is to be grouped."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from threenos_server.errors import Fault, Invalid
from threenos_wire.events import Severity

DEFAULT_DAYS = 91
MOST_DAYS = 366 * 20
By = Literal["defect", "made_at", "found_at", "line", "part", "shift", "severity", "kind"]
Measure = Literal["count", "units", "cost"]
Step = Literal["hour", "shift", "day", "week", "month"]
ChartKind = Literal["auto", "c", "u", "p", "np", "p-prime", "u-prime", "g", "t", "ewma", "cusum"]
Values = list[Annotated[str, Meta(max_length=64)]]
#: Parameters that say which complaints, in the order of the filter bar.
NARROWING = ("line", "process", "made_at", "found_at", "defect", "part", "shift", "severity", "kind")


class Narrowed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """The filter bar. Several values of one parameter: any of them. `process` is made-at or found-at."""

    from_: str | None = None
    to: str | None = None
    line: Values = []
    process: Values = []
    made_at: Values = []
    found_at: Values = []
    defect: Values = []
    part: Values = []
    shift: Values = []
    severity: list[Severity] = []
    kind: list[Literal["reject", "stop"]] = []
    confirmed: bool = False


class Asked(Narrowed, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A report. `compare_from` and `compare_to` ask for the same of another period beside it."""

    by: By | None = None
    measure: Measure = "count"
    step: Step | None = None
    chart: ChartKind = "auto"
    phase_at: str | None = None
    compare_from: str | None = None
    compare_to: str | None = None
    format: Literal["json", "csv", "xlsx", "pdf"] = "json"
    language: Literal["en", "zh-CN"] = "en"


class Listed(Narrowed, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """The complaints behind a figure."""

    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


@dataclass(frozen=True, slots=True)
class Span:
    """Production days from `first` up to, not with, `end`, as numbers."""

    first: int
    end: int

    @property
    def days(self) -> int:
        return self.end - self.first


def span_of(since: str | None, until: str | None, now: datetime, tz: ZoneInfo) -> Span:
    """The days that are asked for; without an answer the last 91 with today. Raises Invalid."""
    end = _day(until, "to", tz, up=True) if until else now.astimezone(tz).date().toordinal() + 1
    first = _day(since, "from", tz, up=False) if since else end - DEFAULT_DAYS
    if not 0 < end - first <= MOST_DAYS:
        raise Invalid("a period ends after it begins and has at most 20 years", Fault("?to", "not after `from`"))
    return Span(first, end)


def said(asked: Narrowed) -> dict[str, list[str]]:
    """What was asked, as it is understood: only what narrows, groups or draws otherwise than without it."""
    found: dict[str, list[str]] = {}
    for name in msgspec.structs.fields(asked):
        value = getattr(asked, name.name)
        if name.name in _NOT_SAID or value == name.default or value in ([], None, False):
            continue
        found[name.encode_name] = [str(v) for v in value] if isinstance(value, list) else [_written(value)]
    return found


def link(asked: Narrowed, span: Span, **narrower: Any) -> str:
    """The query for the complaints of a cell: what was asked, and narrower."""
    query: list[tuple[str, str]] = []
    for name in NARROWING:
        if name not in narrower:
            query += [(name, str(value)) for value in getattr(asked, name)]
    if asked.confirmed:
        query.append(("confirmed", "true"))
    days = {"from": date_of(span.first), "to": date_of(span.end)}
    query += [(name, str(value)) for name, value in {**days, **narrower}.items()]
    return urlencode(query)


def date_of(day: int) -> str:
    """A day as it is written."""
    return date.fromordinal(day).isoformat()


def _day(text: str, name: str, tz: ZoneInfo, *, up: bool) -> int:
    try:
        if len(text) == len("2026-11-22"):
            return date.fromisoformat(text).toordinal()
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("no offset")
        local = at.astimezone(tz)
        begun = local.time() != datetime.min.time()
        return (local.date() + timedelta(days=up and begun)).toordinal()
    except (ValueError, OverflowError) as e:
        fault = Fault(f"?{name}", "write a day as 2026-11-22, or an instant with its offset")
        raise Invalid(f"{text!r} is no day", fault) from e


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_NOT_SAID = frozenset({"from_", "to", "compare_from", "compare_to", "format", "language", "cursor", "limit"})
