"""Keep what cannot be read, and settle it: tried again as its station's event, or given up with a reason.

The same bytes from the same topic are one row that counts: a fault that repeats cannot fill the disk.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.api import Keys
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.service import take
from threenos_server.errors import Conflict, NotFound
from threenos_server.intake.tables import Quarantined
from threenos_server.journal import service as journal
from threenos_wire.decode import decode
from threenos_wire.events import Event, Malformed
from threenos_wire.topics import Address

MAX_KEPT_BYTES = 64 * 1024
_MS = timedelta(milliseconds=1)


def keep(session: Session, topic: str, address: Address | None, bad: Malformed, now: datetime) -> None:
    """Put one unreadable piece aside; of a piece over 64 KiB the beginning, with its whole length in the detail."""
    digest = hashlib.sha256(topic.encode(errors="surrogateescape") + b"\n" + bad.raw).hexdigest()
    # What was settled and comes again is to be looked at again.
    counted = {"times": Quarantined.times + 1, "at": now, "settled_at": None, "settled_how": None}
    again = sa.update(Quarantined).where(Quarantined.digest == digest).values(counted)
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


def keep_event(session: Session, topic: str, address: Address, event: Event, refused: Malformed, now: datetime) -> None:
    """Put aside an event that could be read and not be placed; its PIN is nobody's to read later."""
    raw = msgspec.json.encode(msgspec.structs.replace(event, pin=None))
    keep(session, topic, address, msgspec.structs.replace(refused, raw=raw, id=event.id), now)


def find(session: Session, named: int) -> Quarantined:
    """One row that is not settled, held until the transaction ends. Raises NotFound, and Conflict for a settled one."""
    row = session.get(Quarantined, named, with_for_update=True)
    if row is None:
        raise NotFound(f"there is nothing in quarantine under {named}")
    if row.settled_at is not None:
        raise Conflict(f"it is settled already: {row.settled_how}")
    return row


def retry(session: Session, row: Quarantined, now: datetime, keys: Keys) -> list[str]:
    """Take it as if it had been sent again now, all of it or nothing; the ids of its events.

    Raises Conflict with what is still wrong with it.
    """
    if row.site is None or row.station is None or row.site not in journal.sites(session):
        raise Conflict("it did not come from a station of a site that is here, so it is nobody's press")
    pieces = decode(row.raw)
    wrong = [p.detail for p in pieces if isinstance(p, Malformed)]
    arrivals = [Arrival(_aged(p, now - row.at), row.station, now) for p in pieces if isinstance(p, Event)]
    if not wrong and arrivals:
        wrong = _refusals(session, row.site, arrivals, now, keys)
    if wrong or not arrivals:
        raise Conflict("it still cannot be taken: " + "; ".join(wrong[:5] or ["there is no event in it"]))
    settle(row, "retried", now)
    return [a.event.id for a in arrivals]


def settle(row: Quarantined, how: str, now: datetime) -> None:
    row.settled_at, row.settled_how = now, how


def _refusals(session: Session, site: str, arrivals: Sequence[Arrival], now: datetime, keys: Keys) -> list[str]:
    return [str(outcome.detail) for outcome in take(session, site, arrivals, now, keys) if not outcome.accepted]


def _aged(event: Event, waited: timedelta) -> Event:
    """It happened when it happened; that it is taken only now makes nothing late that nobody could know of."""
    age = None if event.age_ms is None else event.age_ms + max(0, round(waited / _MS))
    return msgspec.structs.replace(event, age_ms=age, replay=True)


def _storable(text: str) -> str:
    """Text that both databases take: no NUL, no lone surrogate."""
    return text.replace("\0", "␀").encode(errors="replace").decode()
