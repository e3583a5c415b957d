"""Sums by cell, part or bucket of a period. Whole months are read from the months, what is left from the days, and the
last few days from the facts themselves: nothing here reads a complaint or the journal."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.db import Base
from threenos_server.reports import rollup_ripe as ripe
from threenos_server.reports.filters import Narrowed, Span
from threenos_server.reports.rollup import CATCH, Cell
from threenos_server.reports.rollup_days import month_begins, month_of
from threenos_server.reports.rollup_sums import closed_day
from threenos_server.reports.tables import CellRow, DaySum, Fact, MonthSum, PartSum

COMPLAINTS = ("reject", "stop")
_cell, _fact = bulk.raw(CellRow), bulk.raw(Fact)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a period is read: whole months, single days around them, and days that are not in the sums yet."""

    months: Span | None
    days: tuple[Span, ...]
    open: Span | None


def plan(session: Session, site: str, span: Span, *, months_before: int | None = None) -> Plan:
    """The plan of a period; only months that end by day `months_before`, if that is given, are read as months."""
    closed = closed_day(session, site)
    begin = month_of(span.first - 1) + 1 if month_begins(month_of(span.first)) != span.first else month_of(span.first)
    end = month_of(span.end)
    if months_before is not None:
        end = min(end, month_of(months_before))
    open_ = Span(max(span.first, closed + 1), span.end)
    days: tuple[Span, ...] = (span,)
    months = None
    if begin < end:
        months = Span(begin, end)
        days = (Span(span.first, month_begins(begin)), Span(month_begins(end), span.end))
    shut = (Span(d.first, min(d.end, closed + 1)) for d in days)
    return Plan(months, tuple(d for d in shut if d.days > 0), open_ if open_.days > 0 else None)


class Reading:
    """What one filter leaves of a site."""

    def __init__(self, session: Session, site: str, asked: Narrowed, kinds: Sequence[str] = COMPLAINTS) -> None:
        self.session, self.site = session, site
        self.parts = tuple(asked.part)
        self._where = _conditions(site, asked, kinds)
        # A filter is asked as a set of cells; without one every cell that is read is looked up afterwards.
        self._narrow = bool(asked.confirmed or any(getattr(asked, n) for n in _OF_CELL))
        self.cells = self._cells()

    def _cells(self) -> dict[int, Cell]:
        query = sa.select(_cell.c.id, *(_cell.c[name] for name in Cell._fields)).where(*self._where)
        return {row[0]: Cell(*row[1:]) for row in self.session.connection().execute(query)}

    def by_cell(self, span: Span, measures: Sequence[str] = ()) -> dict[int, list[int]]:
        """For each cell how many, then the sums of these measures."""
        found: dict[int, list[int]] = {}
        for mapped, bucket, where in self._sources(plan(self.session, self.site, span), parts=bool(self.parts)):
            for row in self._rows(mapped, bucket, where, measures, ("cell",)):
                if row[0] in self.cells:
                    known, numbers = found.get(row[0]), row[1:]
                    both = zip(known, numbers, strict=True) if known is not None else ()
                    found[row[0]] = [*numbers] if known is None else [a + b for a, b in both]
        return found

    def by_part(self, span: Span, measures: Sequence[str] = (), also: Sequence[str] = ()) -> dict[Any, list[int]]:
        """For each (part, *values of these columns of a cell) how many, then the sums of these measures.

        With columns of a cell only of what has one of the measures at all.
        """
        found: dict[Any, list[int]] = {}
        for mapped, bucket, where in self._sources(plan(self.session, self.site, span), parts=True):
            for row in self._rows(mapped, bucket, where, measures, ("part",), also):
                key, numbers = tuple(row[: 1 + len(also)]), row[1 + len(also) :]
                known = found.get(key)
                found[key] = [*numbers] if known is None else [a + b for a, b in zip(known, numbers, strict=True)]
        return found

    def by_day(
        self, span: Span, measures: Sequence[str] = (), *, cells: bool = False
    ) -> Iterator[tuple[int, int | None, list[int]]]:
        """(day, cell or None, [how many, sums…]) of the period."""
        shut = Span(span.first, min(span.end, closed_day(self.session, self.site) + 1))
        open_ = Span(max(span.first, shut.end), span.end)
        table: tuple[type[Base], str] = (Fact, "day") if self.parts else (DaySum, "bucket")
        for (mapped, bucket), days in ((table, shut), ((Fact, "day"), open_)):
            group = (bucket, "cell") if cells else (bucket,)
            for row in self._rows(mapped, bucket, days, measures, group) if days.days > 0 else ():
                if not cells or row[1] in self.cells:
                    yield row[0], row[1] if cells else None, list(row[len(group) :])

    def by_month(self, span: Span, measures: Sequence[str] = ()) -> Iterator[tuple[int, list[int]]]:
        """(month, [how many, sums…]), several times for the same perhaps."""
        plan_ = plan(self.session, self.site, span)
        for mapped, bucket, where in self._sources(plan_, parts=bool(self.parts)):
            for row in self._rows(mapped, bucket, where, measures, (bucket,)):
                yield (row[0] if mapped in (MonthSum, PartSum) else month_of(row[0])), list(row[1:])

    def rows(self, plan_: Plan, columns: Sequence[str]) -> Iterator[tuple[type[Base], Any]]:
        """The stored rows of a plan as they are, each with its table: `cell`, its bucket, then these columns."""
        for mapped, bucket, where in self._sources(plan_, parts=bool(self.parts)):
            if mapped is Fact:
                continue
            table = bulk.raw(mapped)
            query = sa.select(table.c.cell, table.c[bucket], *(table.c[c] for c in columns))
            for row in self.session.connection().execute(query.where(*self._here(table, bucket, where))):
                if row[0] in self.cells:
                    yield mapped, row

    def facts(self, span: Span, columns: Sequence[str]) -> Iterator[Any]:
        """Facts of these days: `cell`, then these columns."""
        query = sa.select(_fact.c.cell, *(_fact.c[c] for c in columns)).where(*self._here(_fact, "day", span))
        for row in self.session.connection().execute(query):
            if row[0] in self.cells:
                yield row

    def standing(self, span: Span, forever: int) -> Iterator[Any]:
        """(cell, since, complaint, part) of stops of these days whose line still stands."""
        query = sa.select(_fact.c.cell, _fact.c.stop_from, _fact.c.complaint, _fact.c.part, _fact.c.day).where(
            _fact.c.site == self.site, _fact.c.stop_until.is_not(None), _fact.c.stop_until >= forever
        )
        for row in self.session.connection().execute(query):
            if self._asked(span, row.day, row.part) and row.cell in self.cells:
                yield row[:4]

    def ripening(self, span: Span, upto: int) -> Iterator[tuple[int, str, int]]:
        """(cell, part, whether it came again) of complaints of these days that are closed for 30 days since lately."""
        followed = sa.cast(sa.case((ripe.FOLLOWED, 1), else_=0), sa.BigInteger)
        query = sa.select(_fact.c.cell, _fact.c.part, _fact.c.day, followed).where(
            _fact.c.site == self.site, _fact.c.closed_at.is_not(None), ripe.UNRIPE, _fact.c.closed_at <= upto
        )
        for row in self.session.connection().execute(query):
            if self._asked(span, row.day, row.part) and row[0] in self.cells:
                yield row[0], row[1], row[3]

    def _asked(self, span: Span, day: int, part: str) -> bool:
        return span.first <= day < span.end and (not self.parts or part in self.parts)

    def page(self, span: Span, before: tuple[int, str] | None, limit: int) -> list[tuple[int, str]]:
        """(day, complaint) of complaints, newest day first, after that of a page before."""
        query = sa.select(_fact.c.day, _fact.c.complaint).where(*self._here(_fact, "day", span, narrow=True))
        if before is not None:
            query = query.where(sa.tuple_(_fact.c.day, _fact.c.complaint) < sa.tuple_(*map(sa.literal, before)))
        query = query.order_by(_fact.c.day.desc(), _fact.c.complaint.desc()).limit(limit)
        return [(row[0], row[1]) for row in self.session.connection().execute(query)]

    def at_most(self, span: Span, most: int) -> bool:
        """Whether the site has no more than so many facts in these days, whatever the filter."""
        some = sa.select(_fact.c.day).where(
            _fact.c.site == self.site, _fact.c.day >= span.first, _fact.c.day < span.end
        )
        limited = some.limit(most + 1).subquery()
        return (self.session.scalar(sa.select(sa.func.count()).select_from(limited)) or 0) <= most

    def by_hour(self, span: Span, measures: Sequence[str] = ()) -> Iterator[tuple[int, list[int]]]:
        """(begin of the hour in ms, [how many, sums…])."""
        hour = _fact.c.at - _fact.c.at % 3_600_000
        sums = [sa.cast(s, sa.BigInteger) for s in (sa.func.count(), *(sa.func.sum(_fact.c[m]) for m in measures))]
        query = sa.select(hour, *sums).where(*self._here(_fact, "day", span, narrow=True)).group_by(hour)
        yield from ((row[0], list(row[1:])) for row in self.session.connection().execute(query))

    def _sources(self, plan_: Plan, *, parts: bool) -> Iterator[tuple[type[Base], str, Span]]:
        if plan_.months:
            yield PartSum if parts else MonthSum, "bucket", plan_.months
        for days in plan_.days:
            yield (Fact, "day", days) if parts else (DaySum, "bucket", days)
        if plan_.open:
            yield Fact, "day", plan_.open

    def _rows(
        self,
        mapped: type[Base],
        bucket: str,
        span: Span,
        measures: Sequence[str],
        group: tuple[str, ...],
        also: Sequence[str] = (),
    ) -> Iterable[Any]:
        """Sums by columns of the table, and `also` by columns of the cell."""
        table = bulk.raw(mapped)
        keys = [*(table.c[name] for name in group), *(_cell.c[name] for name in also)]
        many = sa.func.count() if mapped is Fact else sa.func.sum(table.c.n)
        sums = [sa.cast(s, sa.BigInteger) for s in (many, *(sa.func.sum(table.c[m]) for m in measures))]
        here = [*self._here(table, bucket, span, narrow="cell" not in group)]
        query = sa.select(*keys, *sums)
        if also:
            query = query.join_from(table, _cell, sa.and_(_cell.c.site == table.c.site, _cell.c.id == table.c.cell))
            here.append(sa.or_(*(table.c[m] > 0 for m in measures)))
        return self.session.connection().execute(query.where(*here).group_by(*keys))

    def _here(self, table: Any, bucket: str, span: Span, *, narrow: bool = False) -> Iterator[Any]:
        """The conditions of a read; `narrow` when its rows are not looked up among the cells afterwards."""
        yield table.c.site == self.site
        yield table.c[bucket] >= span.first
        yield table.c[bucket] < span.end
        if self.parts:
            yield table.c.part.in_(self.parts)
        if self._narrow or narrow:
            yield table.c.cell.in_(sa.select(_cell.c.id).where(*self._where))


def _conditions(site: str, asked: Narrowed, kinds: Sequence[str]) -> list[Any]:
    wanted = [k for k in kinds if k == CATCH or not asked.kind or k in asked.kind]
    where = [_cell.c.site == site, _cell.c.kind.in_(wanted)]
    for name in _OF_CELL:
        values = [str(v) for v in getattr(asked, name)]
        if not values or name == "kind":
            continue
        if name == "process":
            where.append(sa.or_(_cell.c.made_at.in_(values), _cell.c.found_at.in_(values)))
        else:
            where.append(_cell.c[name].in_(values))
    if asked.confirmed:
        where.append(_cell.c.confirmed == 1)
    return where


_OF_CELL = ("line", "process", "made_at", "found_at", "defect", "shift", "severity", "kind")
