"""The outbox as the desk sees it."""

from datetime import UTC, datetime, timedelta

import pytest

from threenos_server.access import Actor, Grant, Role
from threenos_server.api import Call, Keys
from threenos_server.db import Database
from threenos_server.errors import Forbidden
from threenos_server.notify import service
from threenos_server.notify.model import Draft, NoticeKind, NoticeState
from threenos_server.notify.routes import NoticePage, NoticeQuery, notices
from threenos_wire.instants import format_instant

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def outbox(db: Database) -> Database:
    """Five notices, of two lines, one of them for nobody."""
    for n in range(5):
        line, person = ("l1", "ann") if n % 2 == 0 else ("l2", None)
        with db.write() as session:
            draft = Draft(person, NoticeKind.STOP, {}, "team-leader", f"c{n}", line)
            service.write(session, "plant", [draft], NOW + timedelta(seconds=n))
    return db


def ask(db: Database, query: NoticeQuery, grant: Grant) -> NoticePage:
    call = Call(db, NOW, Actor("Sue", "p-sue", (grant,)), "plant", Keys(b"", b""), {}, query, None)
    page: NoticePage = notices(call)
    return page


EVERYWHERE = Grant(Role.SUPERVISOR)


def test_the_newest_come_first_in_pages(outbox: Database) -> None:
    """The cursor leads on; the last page has none."""
    first = ask(outbox, NoticeQuery(limit=3), EVERYWHERE)
    second = ask(outbox, NoticeQuery(limit=3, cursor=first.next), EVERYWHERE)
    assert [n.complaint for n in (*first.notices, *second.notices)] == ["c4", "c3", "c2", "c1", "c0"]
    assert second.next is None


def test_what_reaches_nobody_can_be_asked_for(outbox: Database) -> None:
    """Its state says so."""
    page = ask(outbox, NoticeQuery(state=NoticeState.NO_ADDRESS), EVERYWHERE)
    assert [(n.complaint, n.reason) for n in page.notices] == [
        ("c3", "nobody-on-the-roster"),
        ("c1", "nobody-on-the-roster"),
    ]


def test_a_supervisor_of_a_line_sees_that_line(outbox: Database) -> None:
    """And asking for another is refused."""
    own = Grant(Role.SUPERVISOR, line="l2")
    assert {n.line for n in ask(outbox, NoticeQuery(), own).notices} == {"l2"}
    with pytest.raises(Forbidden):
        ask(outbox, NoticeQuery(line="l1"), own)


def test_a_notice_that_waits_says_until_when(outbox: Database) -> None:
    """And one that was written for nobody does not."""
    page = ask(outbox, NoticeQuery(), EVERYWHERE)
    assert [n.next_try_at for n in page.notices[:2]] == [format_instant(NOW + timedelta(seconds=4)), None]
