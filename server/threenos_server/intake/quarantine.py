"""Keep what cannot be read, and settle it: tried again as its station's event, or given up with a reason.

The same bytes from the same topic are one row that counts: a fault that repeats cannot fill the disk. Nor can one
that never repeats: of each station only so much is kept, and one row counts what is beyond.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

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
#: So many different pieces of a station are kept at once, and from then on one in so many seconds.
ROOM, EVERY_S = 200, 60.0
_MS = timedelta(milliseconds=1)


class Room:
    """How many more pieces of each station may be kept. `tick` is a monotonic clock in seconds."""

    def __init__(self, tick: Callable[[], float] = monotonic) -> None:
        self._tick = tick
        self._left: dict[str, tuple[float, float]] = {}

    def left(self, station: str) -> int:
        """For how many more there is room."""
        left, since = self._left.get(station, (float(ROOM), self._tick()))
        return int(min(float(ROOM), left + (self._tick() - since) / EVERY_S))

    def take(self, station: str) -> None:
        """One more is kept."""
        now = self._tick()
        left, since = self._left.get(station, (float(ROOM), now))
        self._left[station] = (min(float(ROOM), left + (now - since) / EVERY_S) - 1, now)


class Aside:
    """What one transaction puts aside. Of a station without room only the number is written, once for each reason."""

    def __init__(self, session: Session, room: Room) -> None:
        self._session, self._room = session, room
        self._rest: dict[tuple[str, str], _Rest] = {}

    def keep(self, topic: str, address: Address | None, bad: Malformed, now: datetime) -> None:
        """Put one piece aside."""
        station = address.station if address else ""
        if self._room.left(station):
            if keep(self._session, topic, address, bad, now):
                self._room.take(station)
            return
        # Topics that are no station's may all be different.
        topic = topic if address else "many topics"
        rest = self._rest.setdefault((topic, bad.reason), _Rest(topic, address, bad, now))
        rest.times += 1

    def keep_event(self, topic: str, address: Address, event: Event, refused: Malformed, now: datetime) -> None:
        """Put aside an event that could be read and not be placed; its PIN is nobody's to read later."""
        self.keep(topic, address, _of_event(event, refused), now)

    def close(self) -> None:
        """Write the numbers."""
        for rest in self._rest.values():
            detail = f"many different ones; the first are kept, this one counts the rest, such as: {rest.bad.detail}"
            bad = msgspec.structs.replace(rest.bad, raw=b"", detail=detail)
            digest = _digest(f"{rest.topic}\n{bad.reason}", b"")
            if not _counted(self._session, digest, rest.now, rest.times):
                _insert(self._session, rest.topic, rest.address, bad, rest.now, digest, rest.times)


@dataclass
class _Rest:
    topic: str
    address: Address | None
    bad: Malformed
    now: datetime
    times: int = 0


def keep(session: Session, topic: str, address: Address | None, bad: Malformed, now: datetime) -> bool:
    """Put one unreadable piece aside; of a piece over 64 KiB the beginning, with its whole length in the detail.

    Whether it is a new one, and no more of one that was there.
    """
    digest = _digest(topic, bad.raw)
    if _counted(session, digest, now):
        return False
    _insert(session, topic, address, bad, now, digest)
    return True


def _digest(topic: str, raw: bytes) -> str:
    return hashlib.sha256(topic.encode(errors="surrogateescape") + b"\n" + raw).hexdigest()


def _counted(session: Session, digest: str, now: datetime, times: int = 1) -> bool:
    """Whether it is there already, which is so many times more now."""
    # What was settled and comes again is to be looked at again.
    counted = {"times": Quarantined.times + times, "at": now, "settled_at": None, "settled_how": None}
    again = sa.update(Quarantined).where(Quarantined.digest == digest).values(counted)
    return bool(session.execute(again).rowcount)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult


def _insert(
    session: Session, topic: str, address: Address | None, bad: Malformed, now: datetime, digest: str, times: int = 1
) -> None:  # fmt: skip
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
            times=times,
        )
    )
    session.flush()


def _of_event(event: Event, refused: Malformed) -> Malformed:
    raw = msgspec.json.encode(msgspec.structs.replace(event, pin=None))
    return msgspec.structs.replace(refused, raw=raw, id=event.id)


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
