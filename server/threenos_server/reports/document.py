"""The one shape of every report: what the page, the API, CSV, XLSX and PDF draw from, so that all show the same."""

from typing import Any, Literal

import msgspec

ColumnType = Literal[
    "name", "text", "id", "count", "number", "share", "rate", "seconds", "money", "interval", "date", "instant", "flag",
    "list",
]  # fmt: skip
Weight = Literal["info", "warning"]
RowKind = Literal["row", "other", "unclassified", "missing"]


class Text(msgspec.Struct, frozen=True):
    """The same in both languages."""

    en: str
    zh: str


class Named(msgspec.Struct, frozen=True):
    """A value of a column of names."""

    id: str
    en: str
    zh: str


class Column(msgspec.Struct, frozen=True):
    """What stands in a column. `digits` are the decimals to show; of a share, those of its percentage."""

    id: str
    title: Text
    type: ColumnType
    unit: Text | None = None
    digits: int = 0


class Row(msgspec.Struct, frozen=True):
    """Cells in the order of the columns; None is "cannot be said". Links are queries for the complaints behind."""

    cells: list[Any]
    links: list[str | None] = []
    kind: RowKind = "row"


class Table(msgspec.Struct, frozen=True):
    """Rows, and in `totals` what they add up to, when they do."""

    id: str
    title: Text
    columns: list[Column]
    rows: list[Row]
    totals: list[Any] | None = None


class Series(msgspec.Struct, frozen=True):
    """A column of the table and what it is in the chart."""

    column: str
    title: Text
    role: Literal["bar", "line", "vital", "value", "centre", "lower", "upper", "rules", "excluded", "phase", "cell"]


class Mark(msgspec.Struct, frozen=True):
    """Something said at one place of the x axis."""

    at: str
    text: Text


class Chart(msgspec.Struct, frozen=True):
    """A picture of a table: it has no number of its own."""

    id: str
    kind: Literal["pareto", "matrix", "grouped", "control", "bars", "stacked", "lines"]
    table: str
    title: Text
    x: str
    series: list[Series]
    marks: list[Mark] = []
    x_title: Text | None = None
    y_title: Text | None = None


class Note(msgspec.Struct, frozen=True):
    """What a reader must know before he believes a number."""

    code: str
    weight: Weight
    text: Text


class Population(msgspec.Struct, frozen=True):
    """Which complaints are counted, how many they are, and how many of those have a confirmed made-at."""

    text: Text
    count: int
    confirmed: int
    confirmed_share: float | None
    unclassified: int


class Period(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Local production days, the last one excluded; `from_at` and `to_at` are their midnights."""

    from_: str
    to: str
    days: int
    timezone: str
    asked_at: str
    from_at: str
    to_at: str


class Document(msgspec.Struct, frozen=True):
    """One report."""

    report: str
    title: Text
    definition: Text
    population: Population
    period: Period
    filter: dict[str, list[str]]
    notes: list[Note]
    tables: list[Table]
    charts: list[Chart]
    compared: "Document | None" = None
