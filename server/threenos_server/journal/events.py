"""The fold that keeps every event id once: what makes a repeated delivery harmless. It belongs to every append."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.journal.folding import Fold
from threenos_server.journal.model import Row
from threenos_server.journal.tables import EventId

_TABLE = EventId.metadata.tables["event_id"]


def _apply(session: Session, rows: Sequence[Row]) -> None:
    taken = [
        {"id": r.event_id, "site": r.site, "seq": r.seq, "digest": r.body["digest"]}
        for r in rows
        if r.event_id is not None
    ]
    bulk.insert(session, EventId, taken)


EVENTS = Fold("events", _apply, (_TABLE,))
