"""The credentials of stations: enrol, list, revoke. Plain secrets leave once, at enrolment."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.chain import service as chain_service
from threenos_server.chain.model import Station
from threenos_server.errors import Conflict, NotFound
from threenos_server.people import broker_passwords, secret
from threenos_server.people.tables import StationCredential


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a station needs to speak; shown this one time."""

    station: str
    site: str
    password: str
    upload_token: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A station of the chain (or one that is gone from it: `station` None) and when it got and lost its credentials."""

    id: str
    site: str
    station: Station | None
    enrolled_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """A station that a broker lets in, of which site it may speak, and what the password file holds for it."""

    station: str
    site: str
    verifier: str


def enroll(session: Session, site: str, station: str, now: datetime) -> Enrolment:
    """Give a station new credentials; its old ones are void. The broker's password file must be written again.

    Raises NotFound for a station that the chain does not have, Conflict when another site has one of that id.
    """
    if station not in chain_service.current(session, site).stations:
        raise NotFound(f"there is no station {station!r} in the chain")
    row = session.get(StationCredential, station)
    if row is not None and row.site != site and row.revoked_at is None:
        raise Conflict(f"the site {row.site!r} has a station {station!r}; ids are unique in the installation")
    enrolment = Enrolment(station, site, broker_passwords.new_password(), secret.new_token())
    if row is None:
        row = StationCredential(station=station)
        session.add(row)
    row.site, row.enrolled_at, row.revoked_at = site, now, None
    row.password = broker_passwords.verifier(enrolment.password)
    row.upload = secret.digest(enrolment.upload_token)
    session.flush()
    return enrolment


def every(session: Session, site: str) -> list[Enrolled]:
    """The stations of the chain in its order, then those that have credentials but are gone from it."""
    chain = chain_service.current(session, site)
    query = sa.select(StationCredential).where(StationCredential.site == site)
    rows = {row.station: row for row in session.scalars(query.order_by(StationCredential.station))}
    return [
        Enrolled(
            station, site, chain.stations.get(station),
            row.enrolled_at if (row := rows.get(station)) else None,
            row.revoked_at if row else None,
        )
        for station in dict.fromkeys([*chain.stations, *rows])
    ]  # fmt: skip


def revoke(session: Session, site: str, station: str, now: datetime) -> None:
    """Take a station's credentials. The broker's password file must be written again. Raises NotFound."""
    row = session.get(StationCredential, station)
    if row is None or row.site != site:
        raise NotFound(f"the station {station!r} is not enrolled")
    row.revoked_at = row.revoked_at or now
    session.flush()


def speakers(session: Session) -> list[Speaker]:
    """Every station that may speak, by its id."""
    query = sa.select(StationCredential.station, StationCredential.site, StationCredential.password)
    found = session.execute(query.where(StationCredential.revoked_at.is_(None)).order_by(StationCredential.station))
    return [Speaker(row.station, row.site, row.password) for row in found]


def broker_users(session: Session) -> dict[str, str]:
    """Every station that may speak, with what the broker's password file holds for it."""
    return {speaker.station: speaker.verifier for speaker in speakers(session)}


def uploader(session: Session, site: str, token: str) -> str | None:
    """The enrolled station whose upload token that is."""
    query = sa.select(StationCredential.station).where(
        StationCredential.upload == secret.digest(token),
        StationCredential.site == site,
        StationCredential.revoked_at.is_(None),
    )
    return session.scalar(query)
