"""The move: all tables in one transaction of the target, which commits only after everything was compared there."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.db import Database
from threenos_server.errors import Conflict, ThreenosError
from threenos_server.folds import FOLDS
from threenos_server.journal.model import Break, Head
from threenos_server.journal.rebuild import compare
from threenos_server.journal.verify import verify_every
from threenos_server.migrations import metadata, newest, upgrade_on, version
from threenos_server.moving.copying import continue_numbers, copy, difference

Tell = Callable[[str], None]
"""Told what is done just now, in words."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows each table has, and the head of each site's journal."""

    rows: dict[str, int]
    heads: dict[str, Head]


def move(source: sa.Connection, target: Database, tell: Tell = lambda _: None) -> Moved:
    """Bring everything from a SQLite file that nobody else uses into an empty PostgreSQL database.

    Until this returns nobody sees anything of it in the target, whatever ends it. Raises Conflict for a source of
    another version and a target that is not empty, ThreenosError for what is not whole or does not arrive whole.
    """
    if version(source) != newest():
        raise Conflict("the database is of another version; call `threenos db upgrade` first")
    with Session(source) as session:
        heads = _whole(session, "the file")
    with target.write(patient=True) as session:
        connection = session.connection()
        _refuse_what_is_there(connection)
        upgrade_on(connection)
        rows = _copy_all(source, connection, tell)
        _compare_all(source, connection, tell)
        _look(session, heads, tell)
    return Moved(rows, heads)


def _refuse_what_is_there(connection: sa.Connection) -> None:
    there = sa.inspect(connection).get_table_names()
    if there:
        raise Conflict(
            f"the target is not empty: it has {len(there)} tables, such as {min(there)}. Make a new database for the "
            "move. (What a move that was cut off leaves is empty. One whose file was not renamed any more has all: "
            "where `threenos journal verify` ends there with the row with which it ends here, rename the file yourself "
            "to threenos.db.moved.)"
        )


def _copy_all(source: sa.Connection, target: sa.Connection, tell: Tell) -> dict[str, int]:
    """Tables that others refer to come first."""
    rows: dict[str, int] = {}
    for table in metadata().sorted_tables:
        rows[table.name] = copy(table, source, target)
        continue_numbers(table, target)
        if rows[table.name]:
            tell(f"{table.name}: {rows[table.name]} rows copied")
    # Without it the database does not know yet how large its tables are.
    target.exec_driver_sql("ANALYZE")
    return rows


def _compare_all(source: sa.Connection, target: sa.Connection, tell: Tell) -> None:
    for table in metadata().sorted_tables:
        found = difference(table, source, target)
        if found is not None:
            raise ThreenosError(f"what arrived is not what was sent: {found} is another one there")
    tell("every value compared")


def _look(session: Session, heads: dict[str, Head], tell: Tell) -> None:
    if _whole(session, "what arrived") != heads:
        raise ThreenosError("the journals that arrived do not end where those of the file do")
    tell("the journals are whole")
    for site in heads:
        wrong = compare(session, site, FOLDS)
        if wrong:
            raise ThreenosError(
                f"the tables of {site} are not what its journal says, such as {wrong[0]}; "
                "on the file, `threenos journal rebuild` makes them so"
            )
        tell(f"{site}: the tables are what the journal says")


def _whole(session: Session, where: str) -> dict[str, Head]:
    """The head of every site's journal; raises ThreenosError for one that is broken."""
    heads: dict[str, Head] = {}
    for site, end in verify_every(session, {}).items():
        if isinstance(end, Break):
            raise ThreenosError(f"{where}: the journal of {site} is broken at row {end.seq}: {end.detail}")
        heads[site] = end
    return heads
