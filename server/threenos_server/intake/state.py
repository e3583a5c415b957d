"""The retained `state` document of a station: its line, its complaints that are not over, what was refused late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from threenos_server.access import arrival_code
from threenos_server.board.service import line_now
from threenos_server.chain.model import Chain
from threenos_server.complaints.model import Complaint, card
from threenos_server.complaints.service import live_at
from threenos_wire.instants import format_instant
from threenos_wire.messages import Refusal

#: A station shows its newest; a message has a limit, and nobody reads further.
SHOWN = 40


def state_of(
    session: Session, chain: Chain, station: str, seq: int, now: datetime, key: bytes, refused: Sequence[Refusal]
) -> dict[str, Any]:
    """What the tablet draws. `key` makes the three digits that the station tells a responder's phone."""
    known = chain.stations[station]
    line = chain.lines[known.line]
    complaints = live_at(session, chain.site.id, station)
    return {
        "v": 1,
        "at": format_instant(now),
        "seq": seq,
        "line": {"id": line.id, "name": line.name.as_dict(), **line_now(session, chain.site.id, chain, line.id)},
        "complaints": [_shown(c, key) for c in complaints[:SHOWN]],
        "more": max(0, len(complaints) - SHOWN),
        "refused": list(refused),
    }


def _shown(complaint: Complaint, key: bytes) -> dict[str, Any]:
    return card(complaint) | {"code": arrival_code(key, complaint.id), "answer": complaint.answer}
