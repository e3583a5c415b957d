"""The retained `state` document of a station: its line, its complaints that are not over, what was refused late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import arrival_code
from threenos_server.board.model import public
from threenos_server.board.service import line_now
from threenos_server.chain.model import Chain
from threenos_server.complaints.model import Complaint, document
from threenos_server.complaints.service import count_live_at, live_at
from threenos_server.journal.tables import JournalRow
from threenos_wire.events import Reason
from threenos_wire.instants import format_instant
from threenos_wire.messages import Refusal

#: A station shows its newest; nobody reads further, and in a storm every one of them is written again and again.
SHOWN = 12


def state_of(
    session: Session, chain: Chain, station: str, seq: int, now: datetime, key: bytes, refused: Sequence[Refusal]
) -> dict[str, Any]:
    """What the tablet draws. `key` makes the three digits that the station tells a responder's phone."""
    known = chain.stations[station]
    line = chain.lines[known.line]
    shown = live_at(session, chain.site.id, station, SHOWN)
    more = count_live_at(session, chain.site.id, station) - len(shown) if len(shown) == SHOWN else 0
    return {
        "v": 1,
        "at": format_instant(now),
        "seq": seq,
        "line": {"id": line.id, "name": line.name.as_dict(), **line_now(session, chain.site.id, chain, line.id)},
        "complaints": [_shown(c, key) for c in shown],
        "more": more,
        "refused": list(refused),
    }


def _shown(complaint: Complaint, key: bytes) -> dict[str, Any]:
    return public(document(complaint)) | {"code": arrival_code(key, complaint.id), "answer": complaint.answer}


def late_refusals(session: Session, site: str, seqs: Sequence[int]) -> list[tuple[str, Refusal]]:
    """Of these rows of kind `refused` those about an event that was accepted before: its station, and why."""
    if not seqs:
        return []
    columns = sa.select(JournalRow.station, JournalRow.body)
    rows = session.execute(columns.where(JournalRow.site == site, JournalRow.seq.in_(seqs)).order_by(JournalRow.seq))
    found = ((station, msgspec.json.decode(body)) for station, body in rows)
    return [(s, Refusal(b["of"], Reason(b["reason"]), b.get("detail") or "")) for s, b in found if s and "of" in b]
