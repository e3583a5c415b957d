"""The stored sums of days, months and parts: facts of days that are over are in them, those of later days are not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.db import Base
from threenos_server.reports.rollup import Row, Sums
from threenos_server.reports.rollup_days import month_of
from threenos_server.reports.tables import Closed, DaySum, Fact, MonthSum, PartSum

Key = tuple[Any, ...]
#: Both databases limit how many parameters a statement may have.
_MOST = 5000
_KEYS: dict[type[Base], tuple[str, ...]] = {
    DaySum: ("bucket", "cell"),
    MonthSum: ("bucket", "cell"),
    PartSum: ("part", "bucket", "cell"),
}
_fact = bulk.raw(Fact)
_OF_DAY = sa.select(*_fact.c).where(_fact.c.site == sa.bindparam("site"), _fact.c.day == sa.bindparam("day"))
_DAYS = sa.select(_fact.c.day).distinct().where(
    _fact.c.site == sa.bindparam("site"), _fact.c.day > sa.bindparam("after"), _fact.c.day <= sa.bindparam("upto")
).order_by(_fact.c.day)  # fmt: skip
_CLOSED = sa.select(bulk.raw(Closed).c.day).where(bulk.raw(Closed).c.site == sa.bindparam("site"))


def closed_day(session: Session, site: str) -> int:
    """The last day that is in the sums; 0 before the first."""
    return session.connection().execute(_CLOSED, {"site": site}).scalar() or 0


def close(session: Session, site: str, after: int, upto: int) -> None:
    """Add the facts of the days after `after` up to `upto` to the sums."""
    days = session.connection().execute(_DAYS, {"site": site, "after": after, "upto": upto}).scalars().all()
    for day in days:
        facts = session.connection().execute(_OF_DAY, {"site": site, "day": day}).mappings()
        change(session, site, ((dict(fact), 1) for fact in facts))
    bulk.put(session, Closed, [{"site": site, "day": upto}])


def change(session: Session, site: str, facts: Iterable[tuple[Row, int]]) -> None:
    """Add facts to all sums (sign 1), or take them away (-1)."""
    signed = list(facts)
    for mapped in _KEYS:
        _merge(session, site, mapped, signed)


def added(facts: Iterable[tuple[Row, int]], mapped: type[Base], before: Mapping[Key, Sums]) -> dict[Key, Sums]:
    """The sums of a table by key, after these facts."""
    found = dict(before)
    ordered = sorted(facts, key=lambda signed: -signed[1])  # what is taken away must be there
    for row, sign in ordered:
        key = key_of(mapped, row)
        sums = found.get(key)
        if sums is None:
            sums = found[key] = Sums()
        sums.add(row, sign)
    return found


def key_of(mapped: type[Base], row: Row) -> Key:
    """Where a fact belongs in a table of sums."""
    if mapped is DaySum:
        return row["day"], row["cell"]
    month = month_of(row["day"])
    return (month, row["cell"]) if mapped is MonthSum else (row["part"], month, row["cell"])


def stored(site: str, mapped: type[Base], key: Key, sums: Sums) -> Row:
    """A row of a table of sums by its columns."""
    return {"site": site, **dict(zip(_KEYS[mapped], key, strict=True)), **sums.columns()}


def _merge(session: Session, site: str, mapped: type[Base], signed: Sequence[tuple[Row, int]]) -> None:
    keys = list({key_of(mapped, row) for row, _ in signed})
    after = added(signed, mapped, _load(session, site, mapped, keys))
    bulk.put(session, mapped, [stored(site, mapped, key, sums) for key, sums in after.items() if not sums.empty])
    _delete(session, site, mapped, [key for key, sums in after.items() if sums.empty])


def _load(session: Session, site: str, mapped: type[Base], keys: Sequence[Key]) -> dict[Key, Sums]:
    query = sa.select(*bulk.raw(mapped).c).where(*_here(mapped))
    found = {}
    for asked in _chunks(site, mapped, keys):
        for row in session.connection().execute(query, asked).mappings():
            found[tuple(row[name] for name in _KEYS[mapped])] = Sums.stored(dict(row))
    return found


def _delete(session: Session, site: str, mapped: type[Base], keys: Sequence[Key]) -> None:
    for asked in _chunks(site, mapped, keys):
        session.connection().execute(sa.delete(bulk.raw(mapped)).where(*_here(mapped)), asked)


def _here(mapped: type[Base]) -> list[sa.ColumnElement[bool]]:
    """Some cells of one bucket: told pairs of both, SQLite would look through every bucket of the site."""
    table, (*prefix, _) = bulk.raw(mapped), _KEYS[mapped]
    same = [table.c[name] == sa.bindparam(name) for name in ("site", *prefix)]
    return [*same, table.c.cell.in_(sa.bindparam("cells", expanding=True))]


def _chunks(site: str, mapped: type[Base], keys: Sequence[Key]) -> Iterator[dict[str, Any]]:
    """The parameters of `_here` for these keys."""
    cells: dict[Key, list[int]] = {}
    for *prefix, cell in keys:
        cells.setdefault(tuple(prefix), []).append(cell)
    for key, some in cells.items():
        place = dict(zip(_KEYS[mapped], key, strict=False))
        for start in range(0, len(some), _MOST):
            yield {"site": site, **place, "cells": some[start : start + _MOST]}
