"""Keep what cannot be read.

The same bytes from the same topic are one row that counts: a fault that repeats cannot fill the disk.
"""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.intake.tables import Quarantined
from threenos_wire.events import Malformed
from threenos_wire.topics import Address

MAX_KEPT_BYTES = 64 * 1024


def keep(session: Session, topic: str, address: Address | None, bad: Malformed, now: datetime) -> None:
    """Put one unreadable piece aside; of a piece over 64 KiB the beginning, with its whole length in the detail."""
    digest = hashlib.sha256(topic.encode(errors="surrogateescape") + b"\n" + bad.raw).hexdigest()
    again = sa.update(Quarantined).where(Quarantined.digest == digest).values(times=Quarantined.times + 1, at=now)
    if session.execute(again).rowcount:  # type: ignore[attr-defined] # an UPDATE gives a CursorResult
        return
    cut = f" (the first {MAX_KEPT_BYTES} of {len(bad.raw)} bytes)" if len(bad.raw) > MAX_KEPT_BYTES else ""
    session.add(
        Quarantined(
            site=address.site if address else None,
            station=address.station if address else None,
            topic=_storable(topic)[:500],
            raw=bad.raw[:MAX_KEPT_BYTES],
            reason=bad.reason,
            detail=_storable(bad.detail)[:1000] + cut,
            at=now,
            digest=digest,
        )
    )
    session.flush()


def _storable(text: str) -> str:
    """Text that both databases take: no NUL, no lone surrogate."""
    return text.replace("\0", "␀").encode(errors="replace").decode()
