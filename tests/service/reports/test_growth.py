"""The upkeep of the figures asks by keys: no statement of it looks through what grows with the years."""

import re
from typing import Any

import sqlalchemy as sa
from service.complaints.works import ALL, KEYS, SITE, begin

from threenos_server.access import arrival_code
from threenos_server.complaints import giving
from threenos_server.complaints.bodies import Release
from threenos_server.db import Database

GROWING = {"report_fact", "report_day", "report_month", "report_part", "report_output", "report_alarm"}


def test_no_question_of_the_upkeep_grows(sqlite_db: Database) -> None:
    """A life of a complaint, stops, a late ruling, and days that end: each plan goes by more than the site."""
    works, asked = begin(sqlite_db), dict[str, Any]()

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        asked.setdefault(statement, parameters[0] if many and parameters else parameters)

    sa.event.listen(works.db.engine, "before_cursor_execute", note)
    first = works.press("mill-1", defect="porosity", part="P-1", qty=1)
    works.press("mill-1", defect="porosity", part="P-1", qty=1)
    stop = works.press("mill-2", "stop")
    for named in (first, stop):
        works.give(named, "arrive", code=arrival_code(KEYS.arrival, named))
        works.give(named, "contain", what="all", where="cage 3")
    with works.db.write() as session:
        giving.release(session, SITE, "housing", Release(complaint=stop), ALL, works.now)
    works.give(first, "answer")
    works.give(first, "accept", rating=4)
    works.wait(days=40)
    works.press("mill-1", "catch", defect="porosity")
    works.give(first, "rule", reason="measured", made_at="trimming")
    works.give(first, "rule", reason="measured", made_at=None)
    sa.event.remove(works.db.engine, "before_cursor_execute", note)
    about = {s: p for s, p in asked.items() if "report_" in s and not s.startswith(("PRAGMA", "EXPLAIN"))}
    assert len(about) > 12
    assert [line for s, p in about.items() for line in _looks_through(sqlite_db, s, p)] == []


def _looks_through(db: Database, statement: str, parameters: Any) -> list[str]:
    with db.read() as session:
        plan = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
    bad = []
    for _, _, _, step in plan:
        found = re.match(r"(SCAN|SEARCH) (\w+)[^(]*(?:\((.*)\))?", step)
        if found and found[2] in GROWING and (found[1] == "SCAN" or found[3] == "site=?"):
            bad.append(f"{step}: {statement}")
    return bad
