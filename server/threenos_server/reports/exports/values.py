"""A value of a report as a person reads it, rounded as its column says. Pure."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from threenos_server.reports.document import Column, Document, Table, Text
from threenos_server.reports.exports import words
from threenos_server.reports.exports.words import Language, said

#: What stands where nothing can be said.
UNSAID = "–"
NUMBERS = frozenset({"count", "number", "share", "rate", "seconds", "money", "interval"})
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$")
_MINUTE, _HOUR = 60, 3600
_SECONDS = ((2 * _HOUR, _HOUR, 1, Text("h", "小时")), (2 * _MINUTE, _MINUTE, 1, Text("min", "分钟")),
            (0, 1, 0, Text("s", "秒")))  # fmt: skip


def heading(column: Column, language: Language) -> str:
    """The title of a column with its unit."""
    title = said(column.title, language)
    return f"{title} ({said(column.unit, language)})" if column.unit else title


def shown(value: Any, column: Column, language: Language, tz: ZoneInfo) -> str:
    """A cell as a text."""
    if value is None:
        return UNSAID
    if isinstance(value, str):
        return local(value, tz)
    match column.type:
        case "name":
            return name_of(value, language)
        case "count" | "number" | "rate" | "money":
            return f"{value:,.{column.digits}f}"
        case "share":
            return f"{100 * value:.{column.digits}f} %"
        case "seconds":
            return duration(value, language)
        case "interval":
            return _interval(value, column.digits)
        case "flag":
            return said(words.YES if value else words.NO, language)
        case "list":
            return ", ".join(map(str, value)) or UNSAID
    return str(value)


def total_cells(table: Table, language: Language) -> list[Any] | None:
    """The cells of the last row: in its first one stands that it is the total."""
    if table.totals is None:
        return None
    first, *rest = table.totals
    return [said(words.TOTAL, language) if first is None else first, *rest]


def name_of(value: Any, language: Language) -> str:
    """The name in a value {id, en, zh}, whether it has just been made or was read back from JSON."""
    if isinstance(value, dict):
        return str(value["zh" if language == "zh-CN" else "en"])
    return str(value.zh if language == "zh-CN" else value.en)


def id_of(value: Any) -> str:
    """The id in a value {id, en, zh}."""
    return str(value["id"] if isinstance(value, dict) else value.id)


def duration(seconds: float, language: Language) -> str:
    """Seconds, minutes or hours, as fits."""
    for least, one, digits, unit in _SECONDS:
        if seconds >= least:
            return f"{seconds / one:,.{digits}f} {said(unit, language)}"
    return f"{seconds:,.0f} {said(_SECONDS[-1][3], language)}"


def local(text: str, tz: ZoneInfo) -> str:
    """An instant in the site's time zone, to the minute; any other text as it is."""
    if not _INSTANT.match(text):
        return text
    return datetime.fromisoformat(text).astimezone(tz).strftime("%Y-%m-%d %H:%M")


def asked_for(document: Document, language: Language) -> list[tuple[str, str]]:
    """The filter as pairs of label and values; ids by the names that the document itself has for them."""
    names = {id_of(v): name_of(v, language) for v in _names(document)}
    known = {key: said(text, language) for key, text in words.VALUES.items()} | names
    return [
        (
            said(words.ASKED[key], language) if key in words.ASKED else key,
            ", ".join(known.get(value, value or UNSAID) for value in values),
        )
        for key, values in document.filter.items()
    ]


def period_of(document: Document, language: Language) -> str:
    """The first day and the last, and how many they are."""
    p = document.period
    last = date.fromisoformat(p.to) - timedelta(days=1)
    days, to = said(words.DAYS, language), said(words.TO, language)
    return f"{p.from_} {to} {last} ({p.days} {days})"


def counted(document: Document, language: Language) -> str:
    """How many complaints, the share confirmed, and those that nobody has classified."""
    p = document.population
    share = UNSAID if p.confirmed_share is None else f"{100 * p.confirmed_share:.1f} %"
    parts = (
        (words.COUNT, f"{p.count:,}"),
        (words.CONFIRMED, f"{p.confirmed:,} ({share})"),
        (words.UNCLASSIFIED, f"{p.unclassified:,}"),
    )
    colon, comma = ("：", "；") if language == "zh-CN" else (": ", "; ")
    return comma.join(said(text, language) + colon + value for text, value in parts)


def _names(document: Document) -> Iterator[Any]:
    for table in document.tables:
        columns = [i for i, c in enumerate(table.columns) if c.type == "name"]
        for row in table.rows:
            yield from (row.cells[i] for i in columns if row.cells[i] is not None)


def _interval(value: Any, digits: int) -> str:
    low, high = value
    top = "∞" if high is None else f"{high:,.{digits}f}"
    return f"{low:,.{digits}f} – {top}"
