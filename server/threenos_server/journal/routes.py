"""The journal over HTTP: its rows in order for other systems, and whether it is whole."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from threenos_server.access import Role
from threenos_server.api import Call, Routes
from threenos_server.errors import Forbidden
from threenos_server.journal.model import Break, Row
from threenos_server.journal.service import after, head
from threenos_server.journal.verify import verify
from threenos_server.journal.witness import given_out

ROUTES = Routes("journal")
READERS = frozenset({Role.AUDITOR, Role.QUALITY_ENGINEER, Role.SUPERVISOR})


class After(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rows after `after`, at most `limit`."""

    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


class JournalEntry(msgspec.Struct, frozen=True):
    """One row as it stands. `actor` and every person in `body` is a pseudonym."""

    seq: int
    at: datetime
    occurred_at: datetime
    kind: str
    line: str | None
    station: str | None
    complaint: str | None
    actor: str | None
    event_id: str | None
    body: dict[str, Any]
    prev: str
    hash: str


class Page(msgspec.Struct, frozen=True):
    """Rows in order; ask again with `after` = `next`, which is None when these were the last for now."""

    site: str
    seq: int
    rows: list[JournalEntry]
    next: int | None


class Verdict(msgspec.Struct, frozen=True):
    """`whole` up to `seq` with `hash`; else `seq` is the first broken row and `detail` says how it shows."""

    site: str
    whole: bool
    seq: int
    hash: str | None
    detail: str | None


@ROUTES.route(
    "GET", "/journal", summary="The journal's rows in order, for other systems", allow=READERS, query=After, answer=Page
)
def rows(call: Call) -> Page:
    _may_read(call)
    with call.db.read() as session:
        found = after(session, call.site, call.query.after, call.query.limit)
        last = head(session, call.site)
    more = bool(found) and found[-1].seq < last.seq
    return Page(call.site, last.seq, [_entry(r) for r in found], found[-1].seq if more else None)


@ROUTES.route(
    "GET", "/journal/verify", summary="Follow the hash chain from its first row", allow=READERS, answer=Verdict
)
def verdict(call: Call) -> Verdict:
    _may_read(call)
    with call.db.read() as session:
        found = verify(session, call.site, given_out(session, call.site))
    if isinstance(found, Break):
        return Verdict(call.site, False, found.seq, None, found.detail)
    return Verdict(call.site, True, found.seq, found.hash, None)


def _may_read(call: Call) -> None:
    """The journal is of the whole site, so a role for one line or process only does not open it."""
    if not call.actor.may_whole(READERS, call.site):
        raise Forbidden("reading the journal needs the role for the whole site")


def _entry(row: Row) -> JournalEntry:
    return JournalEntry(
        row.seq, row.at, row.occurred_at, row.kind, row.line, row.station, row.complaint, row.actor, row.event_id,
        row.body, row.prev, row.hash,
    )  # fmt: skip
