"""What every report needs: the chain, the period, the filter, and what it reads; and small parts of documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.chain.model import UNCLASSIFIED, Chain, ProcessKind
from threenos_server.reports.document import Chart, Column, ColumnType, Named, Note, Row, RowKind, Series, Table, Text
from threenos_server.reports.filters import Asked, Span, link
from threenos_server.reports.labels import DIMENSIONS, OTHER, named
from threenos_server.reports.queries import COMPLAINTS, Reading
from threenos_server.reports.rollup import Cell
from threenos_server.reports.rollup_days import Days, days_of
from threenos_server.reports.tables import Output

UNITS = Text("units", "件")
COMPLAINTS_UNIT = Text("complaints", "件投诉")
_output = bulk.raw(Output)


@dataclass
class Made:
    """What a report adds to its document. `counts` are its complaints by cell, for the population."""

    tables: list[Table]
    charts: list[Chart] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    counts: Mapping[int, int] = field(default_factory=dict)


@dataclass
class Context:
    """One question."""

    session: Session
    site: str
    chain: Chain
    asked: Asked
    span: Span
    now: datetime

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.session, self.site, self.asked)

    @cached_property
    def days(self) -> Days:
        return days_of(self.chain)

    @property
    def cells(self) -> Mapping[int, Cell]:
        return self.reading.cells

    def name(self, dimension: str, key: str) -> Named:
        return named(self.chain, dimension, key)

    def link(self, **narrower: Any) -> str:
        """The query for the complaints of a cell."""
        return link(self.asked, self.span, **narrower)

    def grouped(self, by: str, measures: Sequence[str] = ()) -> tuple[dict[str, list[int]], dict[int, int]]:
        """For each value of a dimension how many, then the sums of these measures; and the complaints by cell."""
        if by == "part":
            counts = {cell: numbers[0] for cell, numbers in self.reading.by_cell(self.span).items()}
            return {key[0]: numbers for key, numbers in self.reading.by_part(self.span, measures).items()}, counts
        found: dict[str, list[int]] = {}
        counts = {}
        for cell, numbers in self.reading.by_cell(self.span, measures).items():
            _add(found, str(getattr(self.cells[cell], by)), numbers)
            counts[cell] = numbers[0]
        return found, counts

    @cached_property
    def exposure(self) -> dict[str, float]:
        """Units that each process handed on in the period, in the shifts that are asked for."""
        query = sa.select(_output.c.process, sa.cast(sa.func.sum(_output.c.units), sa.BigInteger))
        rows = self.session.connection().execute(query.where(*self._outputs()).group_by(_output.c.process))
        return {process: units / 1000 for process, units in rows if units > 0}

    def exposure_by_day(self, processes: Sequence[str]) -> dict[tuple[int, str], float]:
        """Units that these processes together handed on, by production day and shift."""
        query = sa.select(_output.c.day, _output.c.shift, sa.cast(sa.func.sum(_output.c.units), sa.BigInteger)).where(
            *self._outputs(), _output.c.process.in_(processes)
        )
        rows = self.session.connection().execute(query.group_by(_output.c.day, _output.c.shift))
        return {(day, shift): units / 1000 for day, shift, units in rows if units > 0}

    @cached_property
    def steps(self) -> list[str]:
        """The steps in the order of the chain."""
        return [p for p in self.chain.order if self.chain.processes[p].kind is ProcessKind.STEP]

    def charged(self) -> list[str]:
        """The processes whose output is the denominator: those asked for as made-at, else every step."""
        return list(dict.fromkeys([*self.asked.made_at, *self.asked.process])) or self.steps

    def gaps(self, processes: Sequence[str]) -> list[Note]:
        """Which of these processes nobody has counted for, and on which working days of the period."""
        missing = [p for p in processes if p in self.chain.processes and p not in self.exposure]
        notes = []
        if missing:
            names = [self.chain.name_of(p) for p in missing]
            en, zh = ", ".join(n.en for n in names), "、".join(n.zh for n in names)
            text = Text(f"No units were counted in this period for: {en}.", f"本期没有产出数的工序：{zh}。")
            notes.append(Note("no-exposure", "warning", text))
        notes += self._holes([p for p in processes if p in self.exposure])
        return notes

    def _holes(self, processes: Sequence[str]) -> list[Note]:
        today = self.now.astimezone(self.chain.tz).date().toordinal()
        working = {d for d in range(self.span.first, min(self.span.end, today)) if self.days.works(d)}
        query = sa.select(_output.c.process, _output.c.day).distinct().where(*self._outputs())
        counted: dict[str, set[int]] = {}
        for process, day in self.session.connection().execute(query):
            counted.setdefault(process, set()).add(day)
        holes = {p: len(working - counted.get(p, set())) for p in processes}
        shown = [(p, n) for p, n in holes.items() if n]
        if not shown:
            return []
        en = ", ".join(f"{self.chain.name_of(p).en} {n}" for p, n in shown)
        zh = "、".join(f"{self.chain.name_of(p).zh} {n} 天" for p, n in shown)
        text = Text(
            f"Working days without counted units (of {len(working)}): {en}. Rates are too high by that.",
            f"有班次但没有产出数的天数（共 {len(working)} 个工作日）：{zh}。相应的比率因此偏高。",
        )
        return [Note("gaps", "warning", text)]

    def _outputs(self) -> list[Any]:
        here = [_output.c.site == self.site, _output.c.day >= self.span.first, _output.c.day < self.span.end]
        return [*here, _output.c.shift.in_(self.asked.shift)] if self.asked.shift else here


def by_of(ctx: Context, default: str) -> str:
    """What a report is grouped by."""
    return ctx.asked.by or default


def dimension(by: str) -> Column:
    """The column of what is grouped by."""
    return Column(by, DIMENSIONS[by], "name")


def column(id_: str, en: str, zh: str, kind: ColumnType, unit: Text | None = None, digits: int = 0) -> Column:
    return Column(id_, Text(en, zh), kind, unit, digits)


def row_kind(key: str) -> RowKind:
    return "other" if key == OTHER else "unclassified" if key == UNCLASSIFIED else "row"


def linked(query: str | None, columns: int, *at: int) -> list[str | None]:
    """The links of a row: the same query at these columns."""
    return [query if i in (at or (0,)) else None for i in range(columns)]


def one_table(title: Text, columns: list[Column], rows: list[Row], totals: list[Any] | None = None) -> Table:
    return Table("main", title, columns, rows, totals)


def series(columns: Sequence[Column], **roles: Any) -> list[Series]:
    """Series of these columns, by id, with their roles."""
    by_id = {c.id: c for c in columns}
    return [Series(name, by_id[name].title, role) for name, role in roles.items()]


def ordered(rows: Mapping[str, Any], size: Callable[[str], float]) -> list[str]:
    """Keys from the largest; what names nothing last."""
    return sorted(rows, key=lambda k: (k in (OTHER, UNCLASSIFIED), -size(k), k))


def _add(found: dict[str, list[int]], key: str, numbers: Sequence[int]) -> None:
    known = found.get(key)
    found[key] = list(numbers) if known is None else [a + b for a, b in zip(known, numbers, strict=True)]


__all__ = [
    "COMPLAINTS", "COMPLAINTS_UNIT", "UNITS", "Context", "Made", "by_of", "column", "dimension", "linked",
    "one_table", "ordered", "row_kind", "series",
]  # fmt: skip
