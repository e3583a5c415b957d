"""Recompute every derived table from the journal, and say where the live ones differ from that."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.journal.events import EVENTS
from threenos_server.journal.folding import Fold, Folds
from threenos_server.journal.service import after, lock

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a derived table that is not what the journal says. None stands for a row that is not there."""

    table: str
    key: tuple[Any, ...]
    live: dict[str, Any] | None
    rebuilt: dict[str, Any] | None

    def __str__(self) -> str:
        if self.live is None or self.rebuilt is None:
            return f"{self.table} {self.key}: {'missing' if self.live is None else 'too much'}"
        changed = sorted(c for c in self.live if self.live[c] != self.rebuilt[c])
        return f"{self.table} {self.key}: " + ", ".join(
            f"{c} is {self.live[c]!r}, by the journal {self.rebuilt[c]!r}" for c in changed
        )


def rebuild(session: Session, site: str, folds: Folds) -> int:
    """Empty the folds' tables for the site and fold its whole journal again; the number of rows folded.

    Holds the site's lock until the transaction ends. Raises NotFound for an unknown site, LookupError for a table
    that does not say its site.
    """
    lock(session, site)
    every = (EVENTS, *folds)
    for table in reversed(_tables(every)):
        session.execute(sa.delete(table).where(_site(table) == site))
    seq = 0
    while rows := after(session, site, seq, _BATCH):
        for fold in every:
            fold.apply(session, rows)
        seq = rows[-1].seq
    return seq


def compare(session: Session, site: str, folds: Folds, limit: int = 20) -> list[Difference]:
    """Up to `limit` rows where the live tables of the site differ from the journal. Nothing is kept of the rebuild."""
    tables = _tables((EVENTS, *folds))
    copies = {table: _copy(session, table, site) for table in tables}
    found: list[Difference] = []
    try:
        with session.begin_nested() as savepoint:
            rebuild(session, site, folds)
            for table, copy in copies.items():
                found += _differences(session, table, copy, site, limit - len(found))
            savepoint.rollback()
    finally:
        with suppress(sa.exc.InvalidRequestError):  # a transaction that failed takes its temporary tables along
            for copy in copies.values():
                copy.drop(session.connection())
    return found


def _tables(folds: Sequence[Fold]) -> list[sa.Table]:
    return list(dict.fromkeys(table for fold in folds for table in fold.tables))


def _site(table: sa.Table) -> sa.Column[Any]:
    if "site" not in table.c:
        raise LookupError(f"the derived table {table.name} has no column `site`, so it cannot be rebuilt for one")
    return table.c.site


def _copy(session: Session, table: sa.Table, site: str) -> sa.Table:
    """A temporary table with the live rows of the site."""
    columns = [sa.Column(c.name, c.type, primary_key=c.primary_key, autoincrement=False) for c in table.c]
    copy = sa.Table(f"live_{table.name}", sa.MetaData(), *columns, prefixes=["TEMPORARY"])
    copy.create(session.connection())
    names = [c.name for c in table.c]
    session.execute(sa.insert(copy).from_select(names, sa.select(table).where(_site(table) == site)))
    return copy


def _differences(session: Session, table: sa.Table, copy: sa.Table, site: str, limit: int) -> list[Difference]:
    live = _ordered(session, copy, site)
    rebuilt = _ordered(session, table, site)
    found: list[Difference] = []
    for key, left, right in _merged(live, rebuilt):
        if len(found) >= limit:
            break
        if left != right:
            found.append(Difference(table.name, key, left, right))
    return found


_Keyed = tuple[tuple[Any, ...], dict[str, Any]]


def _ordered(session: Session, table: sa.Table, site: str) -> Iterator[_Keyed]:
    keys = [c.name for c in table.primary_key]
    # Compared in Python, so ordered as Python orders: a database's collation may put texts otherwise.
    order = [sa.collate(table.c[k], _binary(session)) if _text(table.c[k]) else table.c[k] for k in keys]
    for row in session.execute(sa.select(table).where(_site(table) == site).order_by(*order)).mappings():
        yield tuple(row[k] for k in keys), dict(row)


def _binary(session: Session) -> str:
    return "BINARY" if session.get_bind().dialect.name == "sqlite" else "C"


def _text(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.String)


def _merged(
    live: Iterator[_Keyed], rebuilt: Iterator[_Keyed]
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any] | None, dict[str, Any] | None]]:
    """Both, side by side, by their keys."""
    left, right = next(live, None), next(rebuilt, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None
            yield left[0], left[1], None
            left = next(live, None)
        elif left is None or right[0] < left[0]:
            yield right[0], None, right[1]
            right = next(rebuilt, None)
        else:
            yield left[0], left[1], right[1]
            left, right = next(live, None), next(rebuilt, None)
