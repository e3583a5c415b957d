"""How well each station is heard: presence, holes in its sequences, and its clock at its last event."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.complaints.order import Boot
from threenos_server.complaints.tables import StationBoot
from threenos_server.escalation.tables import StationPresence
from threenos_server.journal.tables import JournalRow, Site

#: A clock that was wrong longer ago than so many rows of the journal says nothing about today.
LATELY_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Heard:
    """`at` is when it was last heard in any way; `missing` counts the numbers that never came, in all its boots."""

    online: bool | None = None
    at: datetime | None = None
    silent_since: datetime | None = None
    outbox: int | None = None
    version: str | None = None
    missing: int = 0
    clock_skew_ms: int | None = None


NEVER = Heard()


def heard(session: Session, site: str, now: datetime) -> dict[str, Heard]:
    """Every station that ever said anything, by its id."""
    found = {
        p.station: Heard(
            p.online and p.silent_since is None and p.heard_at is not None,
            p.heard_at, p.silent_since, p.outbox, p.version,
        )
        for p in session.scalars(sa.select(StationPresence).where(StationPresence.site == site))
    }  # fmt: skip
    for station, missing, at in session.execute(_boots(site)):
        before = found.get(station, NEVER)
        found[station] = replace(before, missing=int(missing), at=max(filter(None, (before.at, at))))
    for station, missing in _open_holes(session, site, now):
        found[station] = replace(found[station], missing=found[station].missing + missing)
    for station, skew in _skews(session, site).items():
        found[station] = replace(found.get(station, NEVER), clock_skew_ms=skew)
    return found


def _boots(site: str) -> sa.Select[str, int, datetime]:
    at = sa.func.max(StationBoot.heard_at)
    query = sa.select(StationBoot.station, sa.func.sum(StationBoot.missing), at)
    return query.where(StationBoot.site == site).group_by(StationBoot.station)


def _open_holes(session: Session, site: str, now: datetime) -> Iterator[tuple[str, int]]:
    """What nobody waits for any more, though nothing came since: the journal gives it up by its next row."""
    boot = StationBoot
    held = sa.select(boot.station, boot.upto, boot.beyond).where(boot.site == site, boot.beyond != "{}")
    for station, upto, beyond in session.execute(held):
        known = Boot(upto, {int(seq): at for seq, at in json.loads(beyond).items()})
        known.give_up(now)
        yield station, known.missing


def _skews(session: Session, site: str) -> dict[str, int]:
    """By how much each station's clock was ahead at the last of its events, as the journal has marked it."""
    since = sa.select(Site.seq - LATELY_ROWS).where(Site.id == site).scalar_subquery()
    last = (
        sa.select(sa.func.max(JournalRow.seq))
        .where(
            JournalRow.site == site,
            JournalRow.seq > since,
            JournalRow.event_id.is_not(None),
            JournalRow.station.is_not(None),
        )
        .group_by(JournalRow.station)
    )
    rows = sa.select(JournalRow.station, JournalRow.body).where(JournalRow.site == site, JournalRow.seq.in_(last))
    return {str(station): int(json.loads(body).get("clock_skew_ms", 0)) for station, body in session.execute(rows)}
