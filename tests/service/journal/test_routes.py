"""The journal over HTTP, without the HTTP."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from threenos_server.access import Actor, Grant, Role
from threenos_server.api import Call, Keys
from threenos_server.db import Database
from threenos_server.errors import Forbidden
from threenos_server.journal.routes import ROUTES
from threenos_server.journal.service import head

AUDITOR = Actor("Lin", "p-9", (Grant(Role.AUDITOR, site="plant"),))


def call(db: Database, path: str, query: Any, actor: Actor = AUDITOR) -> Any:
    """What the route answers."""
    route = next(r for r in ROUTES.routes if r.path == path)
    keys = Keys(b"", b"")
    made = Call(
        db, datetime(2026, 11, 22, tzinfo=UTC), actor, "plant", keys, {}, msgspec.convert(query, route.query), None
    )
    return route.handler(made)


def test_rows_are_paged_in_order(journal: Database) -> None:
    """`next` leads on until there is no more."""
    first = call(journal, "/journal", {"limit": 5})
    rest = call(journal, "/journal", {"after": first.next})
    assert [row.seq for row in first.rows + rest.rows] == list(range(1, 9))
    assert (first.next, rest.next, first.seq) == (5, None, 8)
    assert first.rows[0].actor == "p-1"


def test_the_chain_is_verified(journal: Database) -> None:
    """The head when it is whole; the first broken row when it is not."""
    with journal.read() as session:
        last = head(session, "plant")
    assert call(journal, "/journal/verify", {}) == msgspec.convert(
        {"site": "plant", "whole": True, "seq": 8, "hash": last.hash, "detail": None},
        type(call(journal, "/journal/verify", {})),
    )
    with journal.write() as session:
        session.execute(sa.text("UPDATE site SET seq = 12"))
    broken = call(journal, "/journal/verify", {})
    assert (broken.whole, broken.seq) == (False, 9)
    assert "12" in broken.detail


@pytest.mark.parametrize(
    "grant",
    [Grant(Role.AUDITOR, site="other"), Grant(Role.SUPERVISOR, site="plant", line="l1"), Grant(Role.ADMIN)],
)
def test_a_narrow_role_does_not_open_the_journal(journal: Database, grant: Grant) -> None:
    """It is of the whole site."""
    with pytest.raises(Forbidden):
        call(journal, "/journal", {}, Actor("Wu", "p-2", (grant,)))
    assert [sorted(r.allow or ()) for r in ROUTES.routes] == [["auditor", "quality-engineer", "supervisor"]] * 2
