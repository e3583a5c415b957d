"""The fold that keeps every event id once: what makes a repeated delivery harmless. It belongs to every append."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.journal.folding import Fold
from threenos_server.journal.model import Row
from threenos_server.journal.tables import EventId

_TABLE = EventId.metadata.tables["event_id"]
_INSERT = sa.insert(sa.table("event_id", *(sa.column(name) for name in ("id", "site", "seq", "digest"))))


def _apply(session: Session, rows: Sequence[Row]) -> None:
    taken = [
        {"id": r.event_id, "site": r.site, "seq": r.seq, "digest": r.body["digest"]}
        for r in rows
        if r.event_id is not None
    ]
    if taken:
        session.execute(_INSERT, taken)


EVENTS = Fold("events", _apply, (_TABLE,))
