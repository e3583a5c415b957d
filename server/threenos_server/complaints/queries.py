"""Reading complaints for people: lists by filter, and one with its whole history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.orm import Session

from threenos_server.access import Actor, Role
from threenos_server.board.model import public
from threenos_server.chain.service import current
from threenos_server.complaints import service
from threenos_server.complaints.life import ComplaintKind, State
from threenos_server.complaints.model import document, from_text
from threenos_server.complaints.rights import commands
from threenos_server.complaints.tables import ComplaintRow
from threenos_server.errors import Fault, Invalid
from threenos_server.journal import service as journal
from threenos_server.journal.model import Row
from threenos_wire.instants import format_instant

#: Who may look up a person, and so is shown the pseudonym to look up.
MAY_LOOK_UP = frozenset({Role.TEAM_LEADER, Role.SUPERVISOR, Role.QUALITY_ENGINEER, Role.AUDITOR})


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What is asked for; each narrows. `from` and `to` are of the time it happened; `q` is looked for in all texts."""

    line: str | None = None
    station: str | None = None
    state: list[State] = []
    kind: list[ComplaintKind] = []
    supplier: str | None = None
    customer: str | None = None
    made_at: str | None = None
    defect: str | None = None
    from_: datetime | None = None
    to: datetime | None = None
    q: str | None = None
    cursor: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    limit: int = 50


class Page(msgspec.Struct, frozen=True):
    """Complaints, newest first; `next` is the cursor of those that follow, null when there are none."""

    items: list[dict[str, Any]]
    next: int | None


class Happened(msgspec.Struct, frozen=True, omit_defaults=True):
    """One journal row of a complaint: what was said, and which fields it changed."""

    seq: int
    at: str
    occurred_at: str
    kind: str
    said: dict[str, Any]
    changed: dict[str, Any]
    role: str | None = None
    actor: str | None = None
    reason: str | None = None
    detail: str | None = None
    clock_skew_ms: int | None = None


class Attributed(msgspec.Struct, frozen=True):
    """Who was charged from an instant on, and why; all that ever were, the first one first."""

    at: str
    made_at: str | None
    basis: str
    attribution: str


def listed(session: Session, site: str, asked: Filter) -> Page:
    """One page of the complaints that a filter leaves. Raises Invalid."""
    if not 1 <= asked.limit <= 200:
        raise Invalid("limit is 1 to 200", Fault("?limit", "out of range"))
    c = ComplaintRow
    query = sa.select(c.seq, c.doc).where(c.site == site)
    for name in ("line", "station", "supplier", "customer", "made_at", "defect"):
        wanted = getattr(asked, name)
        if wanted is not None:
            query = query.where(getattr(c, name) == wanted)
    if asked.state:
        query = query.where(c.state.in_([str(s) for s in asked.state]))
    if asked.kind:
        query = query.where(c.kind.in_([str(k) for k in asked.kind]))
    query = _in_period(query, asked)
    if asked.q:
        query = query.where(c.doc.icontains(_as_written(asked.q), autoescape=True))
    if asked.cursor is not None:
        query = query.where(c.seq < asked.cursor)
    found = session.execute(query.order_by(c.seq.desc()).limit(asked.limit + 1)).all()
    more = len(found) > asked.limit
    found = found[: asked.limit]
    return Page([public(document(from_text(r.doc))) for r in found], found[-1].seq if more else None)


def whole(session: Session, site: str, named: str, actor: Actor) -> dict[str, Any]:
    """A complaint with its history, everybody it was ever charged to, and the commands that the actor may give now.

    Raises NotFound.
    """
    complaint = service.find(session, site, named)
    rows = journal.of_complaint(session, site, complaint.id)
    made_at = current(session, site).processes.get(complaint.made_at or "")
    made_on = made_at.line if made_at else None
    shows_actor = actor.may(MAY_LOOK_UP, site=site, line=complaint.line)
    return {
        **document(complaint),
        "history": [_happened(row, shows_actor) for row in rows],
        "attributions": _attributions(complaint.id, rows),
        "commands": [str(c) for c in commands(actor, site, complaint, made_on)],
    }


def _in_period(query: sa.Select[int, str], asked: Filter) -> sa.Select[int, str]:
    for name, at in (("from", asked.from_), ("to", asked.to)):
        if at is None:
            continue
        if at.tzinfo is None:
            raise Invalid("an instant has an offset", Fault(f"?{name}", "write it as UTC with a Z"))
        column = ComplaintRow.occurred_at
        query = query.where(column >= at if name == "from" else column < at)
    return query


def _as_written(text: str) -> str:
    """The text as it stands in a JSON string."""
    return msgspec.json.encode(text).decode()[1:-1]


def _happened(row: Row, shows_actor: bool) -> Happened:
    body = row.body
    said = dict(body.get("event") or body.get("command") or {})
    said.pop("operator", None)
    patch = body.get("then", {}).get("complaints", {}).get(row.complaint, {})
    return Happened(
        row.seq,
        format_instant(row.at),
        format_instant(row.occurred_at),
        row.kind,
        said,
        {} if "id" in patch else patch,
        body.get("role"),
        row.actor if shows_actor else None,
        body.get("reason"),
        body.get("detail"),
        body.get("clock_skew_ms"),
    )


def _attributions(named: str, rows: list[Row]) -> list[Attributed]:
    found: list[Attributed] = []
    now: Mapping[str, Any] = {}
    for row in rows:
        patch = row.body.get("then", {}).get("complaints", {}).get(named, {})
        if not patch.keys() & {"made_at", "basis", "attribution"}:
            continue
        now = {**now, **patch}
        found.append(Attributed(format_instant(row.at), now["made_at"], now["basis"], now["attribution"]))
    return found
