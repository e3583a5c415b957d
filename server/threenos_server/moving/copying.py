"""One table, from SQLite into PostgreSQL by COPY, and the comparison of the two, value by value."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from threenos_server.db import Instant

_BATCH = 5000
#: What both drivers give and take alike.
_ALIKE = (sa.String, sa.Integer, sa.Float, sa.LargeBinary, Instant)
#: What SQLite has no type for, and how its value becomes the other's.
_MADE: dict[type[Any], Callable[[Any], Any]] = {sa.Boolean: bool, sa.Date: date.fromisoformat}

Values = tuple[Any, ...]


def copy(table: sa.Table, source: sa.Connection, target: sa.Connection) -> int:
    """Put every row of the source's table into the target's, which is empty, in the target's transaction; how many."""
    count = 0
    raw: Any = target.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({_columns(table)}) FROM STDIN') as into:
        for row in _of_sqlite(table, source):
            into.write_row(row)
            count += 1
    return count


def continue_numbers(table: sa.Table, target: sa.Connection) -> None:
    """Let a number that PostgreSQL gives go on after the highest that is there."""
    column = table.autoincrement_column
    if column is None:
        return
    highest = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
    sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
    target.execute(sa.select(sa.func.setval(sequence, highest, False)))


def difference(table: sa.Table, source: sa.Connection, target: sa.Connection) -> str | None:
    """The first row that is not the same on both sides, by its key; None when all are."""
    keys = [i for i, column in enumerate(table.c) if column.primary_key]
    for ours, theirs in zip_longest(_of_sqlite(table, source), _of_postgresql(table, target)):
        if ours != theirs:
            row = ours or theirs or ()
            return f"{table.name} {tuple(row[i] for i in keys)}"
    return None


def _of_sqlite(table: sa.Table, source: sa.Connection) -> Iterator[Values]:
    makers = [(i, maker) for i, column in enumerate(table.c) if (maker := _maker(column)) is not None]
    for row in _rows(source, table, "BINARY"):
        if not makers:
            yield row
            continue
        made = list(row)
        for i, maker in makers:
            if made[i] is not None:
                made[i] = maker(made[i])
        yield tuple(made)


def _of_postgresql(table: sa.Table, target: sa.Connection) -> Iterator[Values]:
    return _rows(target, table, '"C"')


def _rows(connection: sa.Connection, table: sa.Table, collation: str) -> Iterator[Values]:
    """Every row as the driver gives it, in the order of the key as bytes, which is the same in both databases."""
    order = ", ".join(
        f'"{c.name}" COLLATE {collation}' if isinstance(c.type, sa.String) else f'"{c.name}"' for c in table.primary_key
    )
    text = f'SELECT {_columns(table)} FROM "{table.name}" ORDER BY {order}'
    streamed = {"stream_results": True, "max_row_buffer": _BATCH}
    with connection.exec_driver_sql(text, execution_options=streamed) as result:
        while found := result.fetchmany(_BATCH):
            yield from (tuple(row) for row in found)


def _columns(table: sa.Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.c)


def _maker(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    """How a value of SQLite becomes PostgreSQL's. Raises LookupError for a type that nobody has thought of here."""
    for kind, maker in _MADE.items():
        if isinstance(column.type, kind):
            return maker
    if not isinstance(column.type, _ALIKE):
        raise LookupError(f"{column.table.name}.{column.name}: how is {column.type!r} moved?")
    return None
