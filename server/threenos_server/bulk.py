"""Many rows at once by their raw columns, in either database. Instants are milliseconds here.

A statement is compiled once and handed to the driver with its rows as they are: what SQLAlchemy does for each row of an
executemany costs more than the row does.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from threenos_server.db import Base

Values = Sequence[Mapping[str, Any]]
_Shape = Callable[[Mapping[str, Any]], Any]


@cache
def raw(mapped: type[Base]) -> sa.TableClause:
    """The table without its types: what is handed in is what is stored."""
    table = Base.metadata.tables[mapped.__tablename__]
    return sa.table(table.name, *(sa.column(c.name) for c in table.columns))


def insert(session: Session, mapped: type[Base], rows: Values) -> None:
    """Insert rows that are not there. Each has all columns of the table."""
    _run(session, "insert", mapped, (), rows)


def put(session: Session, mapped: type[Base], rows: Values) -> None:
    """Insert rows, or overwrite those that are there. Each has all columns of the table."""
    _run(session, "put", mapped, (), rows)


def add(session: Session, mapped: type[Base], columns: tuple[str, ...], rows: Values) -> None:
    """Insert rows, or add to these columns of those that are there."""
    _run(session, "add", mapped, columns, rows)


def change(session: Session, mapped: type[Base], columns: tuple[str, ...], rows: Values) -> None:
    """Set these columns of rows that are there, by their key. Each row has the key and these columns."""
    _run(session, "change", mapped, columns, rows)


def _run(session: Session, how: str, mapped: type[Base], columns: tuple[str, ...], rows: Values) -> None:
    if not rows:
        return
    connection = session.connection()
    text, shape = _compiled(how, mapped, columns, connection.dialect.name)
    connection.exec_driver_sql(text, [shape(row) for row in rows])


@cache
def _compiled(how: str, mapped: type[Base], columns: tuple[str, ...], dialect: str) -> tuple[str, _Shape]:
    """The text of a statement, and how a row becomes its parameters."""
    # Only how the driver writes parameters is asked of these dialects: psycopg by name, sqlite3 by position.
    chosen: Any = postgresql.psycopg.dialect() if dialect == "postgresql" else sqlite.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's
    compiled = _statement(how, mapped, columns, postgresql if dialect == "postgresql" else sqlite).compile(
        dialect=chosen
    )
    return str(compiled), itemgetter(*compiled.positiontup) if compiled.positional else dict


def _statement(how: str, mapped: type[Base], columns: tuple[str, ...], dialect: Any) -> Any:
    table = raw(mapped)
    key, rest = _columns(mapped)
    if how == "change":
        here = [table.c[k] == sa.bindparam(k) for k in key]
        return sa.update(table).where(*here).values({c: sa.bindparam(c) for c in columns})
    new = dialect.insert(table).values({c.name: sa.bindparam(c.name) for c in table.c})
    if how == "put":
        return new.on_conflict_do_update(index_elements=key, set_={c: new.excluded[c] for c in rest})
    if how == "add":
        sums = {c: table.c[c] + new.excluded[c] for c in columns}
        return new.on_conflict_do_update(index_elements=key, set_=sums)
    return new


def _columns(mapped: type[Base]) -> tuple[list[str], list[str]]:
    table = Base.metadata.tables[mapped.__tablename__]
    key = [c.name for c in table.primary_key]
    return key, [c.name for c in table.columns if c.name not in key]
