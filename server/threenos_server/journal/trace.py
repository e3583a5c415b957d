"""What a journal row is about, without its body: enough to know who is concerned, at a tenth of the cost."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.journal import stored


@dataclass(frozen=True, slots=True)
class Trace:
    """A row of a site by its number and kind, and the line and station that it is about."""

    site: str
    seq: int
    kind: str
    line: str | None
    station: str | None


def traces(session: Session, site: str, seq: int, limit: int) -> list[Trace]:
    """Up to `limit` rows that follow `seq`, in order."""
    return [Trace(*r) for r in session.connection().execute(_TRACES, {"site": site, "seq": seq, "limit": limit})]


_C = stored.RAW.c
_TRACES = (
    sa.select(_C.site, _C.seq, _C.kind, _C.line, _C.station)
    .where(_C.site == sa.bindparam("site"), _C.seq > sa.bindparam("seq"))
    .order_by(_C.seq)
    .limit(sa.bindparam("limit"))
)
