"""The outbox: an event stays here from the moment it is pressed until the server has recorded it.

Rows leave only by the server's own acknowledgement; MQTT's means nothing here. What the server refuses stays, parked,
where everybody sees it. Which rows are on their way is the link's business and not kept: after a restart all go again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from threenos_station.errors import IdReused
from threenos_station.press import Press, body_digest
from threenos_station.store import Store
from threenos_station.ticks import Tick
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

#: So many recorded events are remembered by id, so that a tablet that asks again does not press twice.
REMEMBERED = 5000
_ROW = "n, id, station, boot, seq, kind, body, at, scope, ticks, state, reason, detail"


@dataclass(frozen=True, slots=True)
class Row:
    """An event in the outbox. `state` is waiting or parked; `reason` and `detail` say why it is parked."""

    n: int
    id: str
    station: str
    boot: str
    seq: int
    kind: str
    body: bytes
    at: str
    tick: Tick
    state: str
    reason: str | None
    detail: str | None


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """A press as the tablet lists it: saved here, and whether the server has recorded it."""

    id: str
    kind: str
    at: str
    saved: bool = True
    recorded: bool
    defect: str | None
    supplier: str | None


class Refusal(msgspec.Struct, frozen=True):
    """As on the wire, but open to reasons that a newer server may give."""

    id: str | None
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits, since when (RFC 3339), and how much is parked."""

    waiting: int
    oldest_at: str | None
    parked: int


@dataclass(frozen=True, slots=True)
class Fate:
    """What has become of an event: it waits, is recorded, or is parked with a reason."""

    waiting: bool
    recorded: bool
    reason: str | None = None
    detail: str | None = None


class Outbox:
    """The events of all stations of this agent, in the order in which they were pressed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def forget_old_boots(self) -> None:
        """Counters of boots that have nothing left to send."""
        with self._store.write() as db:
            db.execute("DELETE FROM boots WHERE boot NOT IN (SELECT boot FROM events)")

    def append(self, station: str, boot: str, press: Press) -> bool:
        """Save `press` with the next sequence number of `boot`; on the disk when this returns.

        False when it had been saved before. IdReused when its id belongs to another press.
        """
        with self._store.write() as db:
            known = self._known(press.id)
            if known is not None:
                if known != (station, press.digest):
                    raise IdReused("id-reused", f"{press.id} is the id of another press", "id")
                return False
            db.execute(
                "INSERT INTO boots VALUES (?, ?, 1) ON CONFLICT (boot) DO UPDATE SET last_seq = last_seq + 1",
                (boot, station),
            )
            db.execute(
                "INSERT INTO events (id, station, boot, seq, kind, body, at, scope, ticks)"
                " SELECT ?, ?, boot, last_seq, ?, ?, ?, ?, ? FROM boots WHERE boot = ?",
                (press.id, station, press.kind, press.body, format_instant(press.at),
                 press.tick.scope, press.tick.ns, boot),
            )  # fmt: skip
        return True

    def _known(self, event_id: str) -> tuple[str, str] | None:
        waiting = self._store.read("SELECT station, body FROM events WHERE id = ?", event_id)
        if waiting:
            return waiting[0][0], body_digest(waiting[0][1])
        recorded = self._store.read("SELECT station, digest FROM recorded WHERE id = ?", event_id)
        return (recorded[0][0], recorded[0][1]) if recorded else None

    def waiting(self, station: str, after: int, limit: int) -> list[Row]:
        """Up to `limit` waiting events of `station` whose number is above `after`, oldest first."""
        sql = f"SELECT {_ROW} FROM events WHERE station = ? AND state = 'waiting' AND n > ? ORDER BY n LIMIT ?"
        return [_row(r) for r in self._store.read(sql, station, after, limit)]

    def one(self, n: int) -> Row | None:
        """The waiting event of that number, or None when it has left."""
        found = self._store.read(f"SELECT {_ROW} FROM events WHERE n = ? AND state = 'waiting'", n)
        return _row(found[0]) if found else None

    def fate(self, event_id: str) -> Fate:
        """What has become of the event of that id; one that is not here at all was given up."""
        here = self._store.read("SELECT state, reason, detail FROM events WHERE id = ?", event_id)
        if here:
            return Fate(here[0][0] == "waiting", False, here[0][1], here[0][2])
        recorded = self._store.read("SELECT 1 FROM recorded WHERE id = ?", event_id)
        return Fate(False, bool(recorded), None if recorded else "discarded")

    def parked(self, station: str) -> list[Row]:
        sql = f"SELECT {_ROW} FROM events WHERE station = ? AND state = 'parked' ORDER BY n LIMIT 100"
        return [_row(r) for r in self._store.read(sql, station)]

    def depth(self, station: str) -> Depth:
        sql = (
            "SELECT coalesce(sum(state = 'waiting'), 0), min(CASE WHEN state = 'waiting' THEN at END),"
            " coalesce(sum(state = 'parked'), 0) FROM events WHERE station = ?"
        )
        return Depth(*self._store.read(sql, station)[0])

    def accepted(self, station: str, ids: Sequence[str]) -> int:
        """The server has recorded these: they leave. Ids of other stations or unknown ones change nothing."""
        with self._store.write() as db:
            where, values = "station = ? AND id IN (SELECT value FROM json_each(?))", (station, _json(ids))
            rows = db.execute(f"SELECT id, n, station, kind, at, body FROM events WHERE {where}", values)
            told = [(*row[:5], *_shown(row[5]), body_digest(row[5])) for row in rows.fetchall()]
            db.executemany("INSERT OR REPLACE INTO recorded VALUES (?, ?, ?, ?, ?, ?, ?, ?)", told)
            db.execute(f"DELETE FROM events WHERE {where}", values)
            db.execute(
                "DELETE FROM recorded WHERE station = ? AND n <="
                " (SELECT n FROM recorded WHERE station = ? ORDER BY n DESC LIMIT 1 OFFSET ?)",
                (station, station, REMEMBERED),
            )
        return len(told)

    def refused(self, station: str, refusals: Iterable[Refusal]) -> int:
        """The server (or the link) will not take these: they are parked with the reason, and stay."""
        values = [(r.reason, r.detail, station, r.id) for r in refusals if r.id is not None]
        with self._store.write() as db:
            sql = "UPDATE events SET state = 'parked', reason = ?, detail = ? WHERE station = ? AND id = ?"
            return db.executemany(sql, values).rowcount

    def retry(self, station: str, event_id: str | None) -> int:
        """Let one parked event (all of the station when None) wait again."""
        return self._parked_one("UPDATE events SET state = 'waiting', reason = NULL, detail = NULL", station, event_id)

    def discard(self, station: str, event_id: str | None) -> int:
        """Give up one parked event (all of the station when None) for good."""
        return self._parked_one("DELETE FROM events", station, event_id)

    def _parked_one(self, sql: str, station: str, event_id: str | None) -> int:
        where = " WHERE state = 'parked' AND station = ? AND (? IS NULL OR id = ?)"
        with self._store.write() as db:
            return db.execute(sql + where, (station, event_id, event_id)).rowcount

    def recent(self, station: str, limit: int) -> list[Recent]:
        """The last presses, newest first: those still here and those recorded."""
        sql = (
            "SELECT n, id, kind, at, 0, body, NULL, NULL FROM events WHERE station = ?1 AND n IN"
            " (SELECT n FROM events WHERE station = ?1 ORDER BY n DESC LIMIT ?2)"
            " UNION ALL SELECT * FROM (SELECT n, id, kind, at, 1, NULL, defect, supplier FROM recorded"
            " WHERE station = ?1 ORDER BY n DESC LIMIT ?2) ORDER BY n DESC LIMIT ?2"
        )
        return [_recent(row) for row in self._store.read(sql, station, limit)]


def new_boot() -> str:
    """A boot begins with each start of the agent, for each station; its events count from 1."""
    return new_id()


def _recent(row: Any) -> Recent:
    _, event_id, kind, at, recorded, body, defect, supplier = row
    if body is not None:
        defect, supplier = _shown(body)
    return Recent(id=event_id, kind=kind, at=at, recorded=bool(recorded), defect=defect, supplier=supplier)


def _json(ids: Sequence[str]) -> str:
    return msgspec.json.encode(ids).decode()


def _shown(body: bytes) -> tuple[str | None, str | None]:
    event = msgspec.json.decode(body)
    return event.get("defect"), event.get("supplier")


def _row(columns: Any) -> Row:
    n, event_id, station, boot, seq, kind, body, at, scope, ticks, state, reason, detail = columns
    return Row(n, event_id, station, boot, seq, kind, body, at, Tick(scope, ticks), state, reason, detail)
