"""GET /deadlines: what is due next, for the queue at the desk."""

from typing import Annotated

import msgspec
import sqlalchemy as sa
from msgspec import Meta

from threenos_server.access import EVERYBODY
from threenos_server.api import Call, Routes
from threenos_server.complaints.tables import ComplaintRow
from threenos_server.escalation.model import DeadlineClock, DeadlineState
from threenos_server.escalation.tables import DeadlineRow
from threenos_wire.instants import format_instant

ROUTES = Routes("deadlines")


class DeadlineQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`complaint` shows all deadlines of one, in whatever state; without it what is open, the next due first."""

    complaint: str | None = None
    line: str | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class DeadlineView(msgspec.Struct, frozen=True):
    """One deadline. `role` is whom a step of the ladder tells."""

    complaint: str
    line: str
    round: int
    clock: DeadlineClock
    level: int
    role: str | None
    due_at: str
    state: DeadlineState
    fired_at: str | None


class DeadlineList(msgspec.Struct, frozen=True):
    deadlines: list[DeadlineView]


@ROUTES.route(
    "GET",
    "/deadlines",
    summary="What is due next, or every deadline of one complaint.",
    allow=EVERYBODY,
    query=DeadlineQuery,
    answer=DeadlineList,
)
def deadlines(call: Call) -> DeadlineList:
    query: DeadlineQuery = call.query
    found = (
        sa.select(DeadlineRow, ComplaintRow.line)
        .join(ComplaintRow, ComplaintRow.id == DeadlineRow.complaint)
        .where(DeadlineRow.site == call.site)
        .order_by(DeadlineRow.due_at, DeadlineRow.complaint, DeadlineRow.clock, DeadlineRow.level)
        .limit(query.limit)
    )
    if query.complaint is not None:
        found = found.where(DeadlineRow.complaint == query.complaint)
    else:
        found = found.where(DeadlineRow.state == DeadlineState.OPEN)
    if query.line is not None:
        found = found.where(ComplaintRow.line == query.line)
    with call.db.read() as session:
        return DeadlineList([_view(row, line) for row, line in session.execute(found)])


def _view(row: DeadlineRow, line: str) -> DeadlineView:
    return DeadlineView(
        row.complaint,
        line,
        row.round,
        DeadlineClock(row.clock),
        row.level,
        row.role,
        format_instant(row.due_at),
        DeadlineState(row.state),
        None if row.fired_at is None else format_instant(row.fired_at),
    )
