"""Append to the journal and read it by sequence."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.db import to_ms
from threenos_server.errors import NotFound
from threenos_server.journal import stored
from threenos_server.journal.events import EVENTS
from threenos_server.journal.model import EMPTY, Entry, Head, Row, Stored, row_hash
from threenos_server.journal.tables import EventId, JournalRow, Site

CHANNEL = "threenos_journal"
"""The PostgreSQL channel on which every append that was committed is told, with the site."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def add_site(session: Session, site: str) -> None:
    """Begin the journal of a site."""
    session.execute(sa.insert(Site).values(id=site, seq=EMPTY.seq, hash=EMPTY.hash))


def sites(session: Session) -> list[str]:
    """The ids of all sites, sorted."""
    return list(session.scalars(sa.select(Site.id).order_by(Site.id)))


def lock(session: Session, site: str) -> Head:
    """Hold the site's row until the transaction ends; everything that writes about a site does so first.

    Returns its head; raises NotFound for an unknown site.
    """
    held: tuple[object, str, Head] | None = session.info.get(_HELD)
    if held is not None and held[:2] == (session.get_transaction(), site):
        return held[2]
    return _keep_held(session, site, _head(session, site, _LOCK))


def head(session: Session, site: str) -> Head:
    """The last row's sequence number and hash; raises NotFound for an unknown site."""
    return _head(session, site, _HEAD)


def append(session: Session, site: str, entries: Sequence[Entry], now: datetime) -> list[Row]:
    """Write `entries` in their order under the site's lock, fold them, and return them with `seq` and `hash`.

    A body is folded as it will be read back, so that a rebuild sees the same. Raises NotFound for an unknown site and
    the database's IntegrityError for an event id that was taken before.
    """
    last = lock(session, site)
    if not entries:
        return []
    return keep(session, site, _chain(site, last, entries, to_ms(now)))


def keep(session: Session, site: str, chained: Sequence[Stored]) -> list[Row]:
    """Write rows, one or more, that follow the site's last, and fold them. Who calls holds the site's lock."""
    rows = [stored.to_row(r) for r in chained]
    bulk.insert(session, JournalRow, [dict(zip(stored.COLUMNS, r, strict=True)) for r in chained])
    bulk.change(session, Site, ("seq", "hash"), [{"id": site, "seq": rows[-1].seq, "hash": rows[-1].hash}])
    _keep_held(session, site, Head(rows[-1].seq, rows[-1].hash))
    for fold in (EVENTS, *session.info["folds"]):
        fold.apply(session, rows)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_notify(CHANNEL, site)))
    return rows


def after(session: Session, site: str, seq: int, limit: int = 500) -> list[Row]:
    """Up to `limit` rows that follow `seq`, in order. Never skips a row that commits late."""
    asked = {"site": site, "seq": seq, "limit": limit}
    return [stored.to_row(tuple(r)) for r in session.connection().execute(stored.NEXT, asked)]


def of_complaint(session: Session, site: str, complaint: str) -> list[Row]:
    """The whole history of one complaint, in order."""
    raw = stored.RAW
    query = stored.SELECT.where(raw.c.complaint == complaint, raw.c.site == site).order_by(raw.c.seq)
    return [stored.to_row(tuple(r)) for r in session.execute(query)]


def every(session: Session, site: str, start: int = 0) -> Iterator[Row]:
    """All rows after `start`, streamed."""
    for row in stored.following(session, site, start):
        yield stored.to_row(row)


def known_events(session: Session, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Of these event ids those already taken, each with its row's sequence number and the digest of its body."""
    asked = (list(ids[start : start + _MOST]) for start in range(0, len(ids), _MOST))
    found = (r for some in asked for r in session.connection().execute(_KNOWN, {"ids": some}))
    return {r.id: (r.seq, r.digest) for r in found}


def _keep_held(session: Session, site: str, last: Head) -> Head:
    """Remember the head while the lock is held, when nobody else can move it; not in a savepoint, which may go back."""
    outside = not session.in_nested_transaction()
    session.info[_HELD] = (session.get_transaction(), site, last) if outside else None
    return last


def _head(session: Session, site: str, query: sa.Select[*tuple[Any, ...]]) -> Head:
    found = session.connection().execute(query, {"site": site}).one_or_none()
    if found is None:
        raise NotFound(f"there is no site {site!r}")
    return Head(found.seq, found.hash)


def _chain(site: str, last: Head, entries: Sequence[Entry], at: int) -> list[Stored]:
    """The stored rows of `entries`, each with the hash of the row before it and its own."""
    prev = last.hash
    chained: list[Stored] = []
    for seq, entry in enumerate(entries, start=last.seq + 1):
        hashed = (
            site, seq, at, to_ms(entry.occurred_at), entry.kind, entry.line, entry.station,
            entry.complaint, entry.actor, entry.event_id, _encode(entry.body).decode(),
        )  # fmt: skip
        digest = row_hash(prev, hashed)
        chained.append((*hashed, prev, digest))
        prev = digest
    return chained


#: Both databases limit how many parameters a statement may have, SQLite by how it was built.
_MOST = 5000
_HELD = "head of the site whose lock this transaction holds"
#: Built once: putting a query together costs as much as asking it.
_HEAD = sa.select(Site.seq, Site.hash).where(Site.id == sa.bindparam("site"))
_LOCK = _HEAD.with_for_update()
_KNOWN = sa.select(EventId.id, EventId.seq, EventId.digest).where(EventId.id.in_(sa.bindparam("ids", expanding=True)))
