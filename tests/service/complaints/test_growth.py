"""Nothing that a press, a command or the clock asks looks through what grows with the years."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from service.complaints.works import KEYS, SITE, Works, begin

from threenos_server.board import service as board
from threenos_server.db import Base, Database
from threenos_server.escalation import service as escalation
from threenos_server.journal import service as journal

#: Tables whose rows stay; in an index with a WHERE there is only what is going on.
GROWING = {
    "journal", "event_id", "press", "complaint", "board_card", "deadline", "station_boot", "stop", "catch", "notice",
}  # fmt: skip
PARTIAL = {
    index.name
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}


@pytest.fixture
def works(sqlite_db: Database) -> Works:
    """On SQLite, whose plans are read here."""
    return begin(sqlite_db)


@pytest.fixture
def asked(works: Works) -> Iterator[list[tuple[str, Any]]]:
    """Every statement, with its parameters."""
    found: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        found.append((statement, parameters[0] if many and parameters else parameters))

    sa.event.listen(works.db.engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(works.db.engine, "before_cursor_execute", note)


def looks_through(works: Works, statement: str, parameters: Any) -> list[str]:
    """Where the plan of a statement goes through a table that grows, or through all of one site's part of it."""
    with works.db.read() as session:
        plan = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
    bad = []
    for _, _, _, step in plan:
        found = re.match(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+)| USING \w+ KEY)?(?: \((.*)\))?", step)
        if found and found[2] in GROWING and found[3] not in PARTIAL and (found[1] == "SCAN" or found[4] == "site=?"):
            bad.append(f"{step}: {statement}")
    return bad


def test_no_question_grows(works: Works, asked: list[tuple[str, Any]]) -> None:
    """A life of a complaint, stops, repeats, details, the clock and a board: each asks by a key."""
    first = works.press("mill-1", defect="porosity")
    works.press("mill-1", defect="porosity")
    works.press("mill-1", "catch", defect="porosity")
    works.press("mill-1", "detail", complaint=first, note="seen")
    works.press("mill-1", "arrive", complaint=first)
    works.give(first, "contain", what="all", where="cage 3")
    works.give(first, "answer")
    stop = works.press("mill-2", "stop")
    works.press("mill-2", "withdraw", complaint=stop, reason="a mistake")
    works.press("mill-2", "stop")
    works.wait(hours=1)
    works.tick()
    with works.db.write() as session:
        due = escalation.due(session, SITE, works.now)
        assert escalation.fire(session, SITE, due.complaints, works.now, KEYS.pseudonym)
        journal.after(session, SITE, 3)
        board.snapshot(session, SITE, works.now)
    assert len(asked) > 50
    assert [line for question in dict(asked).items() for line in looks_through(works, *question)] == []
