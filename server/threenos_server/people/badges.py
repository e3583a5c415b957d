"""Badges and PINs: who stands at a station, checked by the server."""

import hmac
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import access
from threenos_server.access import Actor
from threenos_server.chain import service as chain_service
from threenos_server.clock import Now
from threenos_server.errors import Conflict, Fault, Invalid, NotFound
from threenos_server.people import limits, rows, secret
from threenos_server.people.tables import PersonRow, Pin, PseudonymRow

Who = Callable[[Session, str, str | None, str | None, str], Actor | None]


def checker(key: bytes, now: Now) -> Who:
    """`who` with the pseudonym key and the clock built in: (session, site, badge, pin, station) -> Actor | None."""

    def ask(session: Session, site: str, badge: str | None, pin: str | None, station: str) -> Actor | None:
        return who(session, site, badge, pin, station, key=key, now=now())

    return ask


def who(
    session: Session, site: str, badge: str | None, pin: str | None, station: str, *, key: bytes, now: datetime
) -> Actor | None:
    """Whose badge or PIN that is, if the person has a role at that station; given both, both must be the person's.

    Whether the role suffices is for the caller. None also after too many wrong ones at that station; wrong ones are
    counted in the caller's transaction.
    """
    place = chain_service.current(session, site).stations.get(station)
    if place is None or (badge is None and pin is None):
        return None
    if limits.exhausted(session, limits.STATION_PIN, f"{site}/{station}", now):
        return None
    person = _holder(session, key, site, badge, pin)
    grants = rows.grants_of(session, person) if person else ()
    if person is None or not any(g.covers(site, place.line, (place.process,)) for g in grants):
        limits.spend(session, limits.STATION_PIN, f"{site}/{station}", now)
        return None
    name = session.scalars(sa.select(PersonRow.name).where(PersonRow.id == person)).one()
    return Actor(name, access.pseudonym(key, site, badge or person), grants)


def give_badge(session: Session, key: bytes, site: str, person: str, badge: str, now: datetime) -> str:
    """Let that badge number mean that person at the site; its pseudonym. Raises Conflict when it is somebody else's."""
    badge = badge.strip()
    if not 1 <= len(badge) <= 64:
        raise Invalid("a badge number has 1 to 64 characters", Fault("/badge", "1 to 64 characters"))
    pseudonym = access.pseudonym(key, site, badge)
    row = session.get(PseudonymRow, (site, pseudonym))
    if row is not None and row.person != person:
        # Also a forgotten person's: what was pressed with it must never come to mean somebody else.
        raise Conflict("that badge number belongs to somebody else, or did; issue one that was never used")
    if row is None:
        row = PseudonymRow(site=site, pseudonym=pseudonym, person=person, badge=True, since=now)
        session.add(row)
    row.revoked_at = None
    session.flush()
    return pseudonym


def badges_of(session: Session, site: str, person: str) -> list[str]:
    """The pseudonyms of the badges that work for a person; the numbers themselves are not kept."""
    query = sa.select(PseudonymRow.pseudonym).where(
        PseudonymRow.site == site, PseudonymRow.person == person, PseudonymRow.badge, PseudonymRow.revoked_at.is_(None)
    )
    return list(session.scalars(query.order_by(PseudonymRow.since)))


def revoke_badge(session: Session, site: str, person: str, pseudonym: str, now: datetime) -> None:
    """A lost badge opens nothing any more; what was pressed with it stays its holder's. Raises NotFound."""
    row = session.get(PseudonymRow, (site, pseudonym))
    if row is None or row.person != person or not row.badge:
        raise NotFound("there is no such badge")
    row.revoked_at = row.revoked_at or now
    session.flush()


def give_pin(session: Session, key: bytes, person: str, now: datetime) -> str:
    """A new PIN for a person, in plain for this one time; the old one is void."""
    session.execute(sa.delete(Pin).where(Pin.person == person))
    pin = secret.new_pin()
    while session.scalar(sa.select(Pin.person).where(Pin.hash == secret.pin_digest(key, pin))) is not None:
        pin = secret.new_pin()
    session.add(Pin(person=person, hash=secret.pin_digest(key, pin), since=now))
    session.flush()
    return pin


def take_pin(session: Session, person: str) -> None:
    """The person has no PIN any more."""
    session.execute(sa.delete(Pin).where(Pin.person == person))


def _holder(session: Session, key: bytes, site: str, badge: str | None, pin: str | None) -> str | None:
    """The active person behind the badge, or the PIN, or both."""
    query: sa.Select[str | None]
    if badge is None:
        query = sa.select(sa.cast(Pin.person, sa.String)).where(Pin.hash == secret.pin_digest(key, pin or ""))
    else:
        query = sa.select(PseudonymRow.person).where(
            PseudonymRow.site == site,
            PseudonymRow.pseudonym == access.pseudonym(key, site, badge),
            PseudonymRow.badge,
            PseudonymRow.revoked_at.is_(None),
        )
    person = session.scalar(query)
    if person is None or not session.scalar(sa.select(PersonRow.active).where(PersonRow.id == person)):
        return None
    if badge is not None and pin is not None and not _pin_is(session, key, person, pin):
        return None
    return person


def _pin_is(session: Session, key: bytes, person: str, pin: str) -> bool:
    kept = session.scalar(sa.select(Pin.hash).where(Pin.person == person))
    return kept is not None and hmac.compare_digest(kept, secret.pin_digest(key, pin))
