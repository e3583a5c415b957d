"""GET /notices: what the outbox sent, holds, and could not send."""

from datetime import datetime
from typing import Annotated

import msgspec
import sqlalchemy as sa
from msgspec import Meta

from threenos_server.access import Role
from threenos_server.api import Call, Routes
from threenos_server.errors import Forbidden
from threenos_server.notify.model import NoticeState, Reason
from threenos_server.notify.tables import Notice
from threenos_wire.instants import format_instant

ROUTES = Routes("notices")
_SEE = frozenset({Role.SUPERVISOR, Role.AUDITOR})


class NoticeQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`cursor` is the `next` of the page before."""

    state: NoticeState | None = None
    complaint: str | None = None
    line: str | None = None
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class NoticeView(msgspec.Struct, frozen=True):
    """A notice as the desk shows it. `person` is the id of a person, None when nobody held `role`."""

    id: str
    person: str | None
    role: str | None
    kind: str
    complaint: str | None
    line: str | None
    created_at: str
    next_try_at: str | None
    sent_at: str | None
    attempts: int
    state: NoticeState
    reason: Reason
    error: str | None


class NoticePage(msgspec.Struct, frozen=True):
    notices: list[NoticeView]
    next: str | None


@ROUTES.route(
    "GET",
    "/notices",
    summary="The outbox, newest first: sent, waiting, and what could not be delivered and why.",
    allow=_SEE,
    query=NoticeQuery,
    answer=NoticePage,
)
def notices(call: Call) -> NoticePage:
    query: NoticeQuery = call.query
    if not call.actor.may(_SEE, site=call.site, line=query.line):
        raise Forbidden("the outbox is for supervisors and auditors of the place")
    found = sa.select(Notice).where(Notice.site == call.site)
    lines = _lines(call)
    if lines is not None:
        found = found.where(Notice.line.in_(lines))
    for column, wanted in ((Notice.state, query.state), (Notice.complaint, query.complaint), (Notice.line, query.line)):
        if wanted is not None:
            found = found.where(column == wanted)
    if query.cursor is not None:
        found = found.where(Notice.id < query.cursor)
    with call.db.read() as session:
        rows = list(session.scalars(found.order_by(Notice.id.desc()).limit(query.limit + 1)))
        page = [_view(n) for n in rows[: query.limit]]
    return NoticePage(page, page[-1].id if len(rows) > query.limit else None)


def _lines(call: Call) -> frozenset[str] | None:
    """The lines whose notices the caller sees; None is all."""
    seen = {g.line for g in call.actor.grants if g.role in _SEE and g.site in (None, call.site)}
    return None if None in seen else frozenset(line for line in seen if line is not None)


def _view(n: Notice) -> NoticeView:
    waiting = n.state in (NoticeState.WAITING, NoticeState.SENDING)
    return NoticeView(
        n.id,
        n.person,
        n.role,
        n.kind,
        n.complaint,
        n.line,
        format_instant(n.created_at),
        _text(n.next_try_at) if waiting else None,
        _text(n.sent_at),
        n.attempts,
        NoticeState(n.state),
        Reason(n.reason),
        n.error,
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)
