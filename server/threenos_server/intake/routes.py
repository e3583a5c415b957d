"""The quarantine over HTTP: look at what could not be taken, try it again, or give it up with a reason.

Both ways of settling are journalled, so that nothing is made to disappear in silence.
"""

import re
from datetime import datetime
from typing import Annotated

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.orm import Session

from threenos_server.access import Role
from threenos_server.api import Call, Routes
from threenos_server.errors import Forbidden, NotFound
from threenos_server.intake import quarantine
from threenos_server.intake.tables import Quarantined
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry

ROUTES = Routes("quarantine")
SETTLE = frozenset({Role.ADMIN, Role.SUPERVISOR})
LOOK = SETTLE | {Role.AUDITOR}
#: So many characters tell what it was.
SHOWN = 2000
#: A badge or PIN in what a station sent is a person's, and a look at the quarantine is no look-up of persons.
_PERSONAL = re.compile(r'("(?:operator|pin)"\s*:\s*)"[^"]*"?')


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not settled, newest first, or (`settled`) what is; `cursor` is the `next` of the page before."""

    settled: bool = False
    station: str | None = None
    cursor: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Piece(msgspec.Struct, frozen=True):
    """Something that was refused unread, last at `at` and `times` in all; `text` are its first bytes as far as text."""

    id: int
    site: str | None
    station: str | None
    topic: str
    reason: str
    detail: str
    text: str
    size: int
    at: datetime
    times: int
    settled_at: datetime | None
    settled_how: str | None


class Page(msgspec.Struct, frozen=True):
    items: list[Piece]
    next: int | None


class Discard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(min_length=1, max_length=400)]


class Retried(msgspec.Struct, frozen=True):
    """The events that are recorded now."""

    accepted: list[str]


@ROUTES.route("GET", "/quarantine", summary="What could not be taken", allow=LOOK, query=Look, answer=Page)
def look(call: Call) -> Page:
    asked: Look = call.query
    q = Quarantined
    with call.db.read() as session:
        query = sa.select(q).where(_mine(call, journal.sites(session)), q.settled_at.is_not(None) == asked.settled)
        if asked.station is not None:
            query = query.where(q.station == asked.station)
        if asked.cursor is not None:
            query = query.where(q.id < asked.cursor)
        found = list(session.scalars(query.order_by(q.id.desc()).limit(asked.limit + 1)))
        items = [_piece(row) for row in found[: asked.limit]]
    return Page(items, items[-1].id if len(found) > asked.limit else None)


@ROUTES.route(
    "POST", "/quarantine/{id}/retry", summary="Take it as if it were sent again now", allow=SETTLE, answer=Retried
)
def retry(call: Call) -> Retried:
    with call.db.write() as session:
        journal.lock(session, call.site)
        row = _row(call, session)
        accepted = quarantine.retry(session, row, call.now, call.keys)
        _journal(call, session, row, {"accepted": accepted})
    return Retried(accepted)


@ROUTES.route("POST", "/quarantine/{id}/discard", summary="Give it up, with a reason", allow=SETTLE, body=Discard)
def discard(call: Call) -> None:
    with call.db.write() as session:
        journal.lock(session, call.site)
        row = _row(call, session)
        quarantine.settle(row, f"discarded: {call.body.reason}", call.now)
        _journal(call, session, row, {"reason": call.body.reason})


def _row(call: Call, session: Session) -> Quarantined:
    named = call.path["id"]
    if not (named.isascii() and named.isdigit() and len(named) < 16):
        raise NotFound(f"there is nothing in quarantine under {named!r}")
    mine = sa.select(Quarantined.id).where(Quarantined.id == int(named), _mine(call, journal.sites(session)))
    if session.scalar(mine) is None:
        raise NotFound(f"there is nothing in quarantine under {named!r}")
    return quarantine.find(session, int(named))


def _mine(call: Call, sites: list[str]) -> sa.ColumnElement[bool]:
    """The site's; and, for a role in the whole installation, what came from no site that is here."""
    held = {g.site for g in call.actor.grants if g.role in LOOK and g.line is None and g.process is None}
    if not held & {None, call.site}:
        raise Forbidden("the quarantine is for roles that reach the whole site")
    here = Quarantined.site == call.site
    if None not in held:
        return here
    return sa.or_(here, Quarantined.site.is_(None), Quarantined.site.not_in(sites))


def _journal(call: Call, session: Session, row: Quarantined, more: dict[str, object]) -> None:
    how = "quarantine-retried" if "accepted" in more else "quarantine-discarded"
    said = {"name": how, "id": row.id, "topic": row.topic, "why": row.reason, **more}
    station = row.station if row.site == call.site else None
    entry = Entry(how, {"command": said, "then": {}}, call.now, station=station, actor=call.actor.pseudonym)
    journal.append(session, call.site, [entry], call.now)


def _piece(row: Quarantined) -> Piece:
    text = _PERSONAL.sub(r'\1"…"', row.raw.decode(errors="replace"))[:SHOWN]
    return Piece(
        row.id, row.site, row.station, row.topic, row.reason, row.detail, text, len(row.raw), row.at, row.times,
        row.settled_at, row.settled_how,
    )  # fmt: skip
