"""Who is there: stations say so every ten seconds; thirty seconds of silence is offline, will or no will."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from threenos_server.escalation.tables import StationPresence
from threenos_server.journal.model import Entry
from threenos_server.journal.service import append, lock
from threenos_wire.instants import format_instant
from threenos_wire.messages import Presence

SILENT_AFTER = timedelta(seconds=30)


def heard(session: Session, site: str, station: str, said: Presence, now: datetime) -> None:
    """Keep what a station said of itself. A goodbye (or its will) does not count as being heard."""
    values: dict[str, Any] = {
        "online": said.online,
        "boot": said.boot.replace("\0", "")[:36],
        "version": said.version.replace("\0", "")[:64],
        "outbox": min(max(said.outbox, 0), 2**53),
    }
    if said.online:
        values["heard_at"] = now
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(StationPresence).values(site=site, station=station, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["site", "station"], set_=values))


def judge(session: Session, site: str, now: datetime) -> int:
    """Write a row for each station that fell silent or is heard again; how many. Takes the site's lock when there are.

    Called in a write: whether a station is silent already is looked at under the lock, so that two clocks say it once.
    """
    if not _changed(session, site, now):
        return 0
    lock(session, site)
    entries: list[Entry] = []
    for station in _changed(session, site, now):
        silent = station.silent_since is None
        station.silent_since = station.heard_at if silent else None
        since = format_instant(station.silent_since) if station.silent_since else None
        entries.append(
            Entry(
                "station-silent" if silent else "station-heard",
                {"then": {"stations": {station.station: {"silent_since": since}}}},
                now,
                station=station.station,
            )
        )
    session.flush()
    append(session, site, entries, now)
    return len(entries)


def set_back(session: Session, site: str, now: datetime) -> None:
    """The clock was ahead: a station that was heard after `now` was heard now, so that its silence counts from here."""
    ahead = (StationPresence.site == site, StationPresence.heard_at > now)
    session.execute(sa.update(StationPresence).where(*ahead).values(heard_at=now))


def changed(session: Session, site: str, now: datetime) -> bool:
    """Whether `judge` would write something: to be asked in a read, four times a second."""
    return bool(_changed(session, site, now))


def _changed(session: Session, site: str, now: datetime) -> list[StationPresence]:
    limit = now - SILENT_AFTER
    fell_silent = sa.and_(StationPresence.silent_since.is_(None), StationPresence.heard_at <= limit)
    is_back = sa.and_(StationPresence.silent_since.is_not(None), StationPresence.heard_at > limit)
    query = sa.select(StationPresence).where(StationPresence.site == site, sa.or_(fell_silent, is_back))
    return list(session.scalars(query.order_by(StationPresence.station).execution_options(populate_existing=True)))
