"""Rows of several people at once, as values."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Grant, Role
from threenos_server.people.model import Person
from threenos_server.people.tables import NoticeAddress, PersonGrant, PersonRow


def every(session: Session, ids: Sequence[str] | None = None) -> list[Person]:
    """All persons, or those of `ids`, by name."""
    wanted = sa.select(PersonRow).order_by(PersonRow.name)
    rows = list(session.scalars(wanted if ids is None else wanted.where(PersonRow.id.in_(ids))))
    known = [row.id for row in rows]
    grants = _grants(session, known)
    addresses = _addresses(session, known)
    return [
        Person(
            row.id, row.name, row.language, row.active, tuple(grants.get(row.id, ())), tuple(addresses.get(row.id, ()))
        )
        for row in rows
    ]  # fmt: skip


def grants_of(session: Session, person: str) -> tuple[Grant, ...]:
    return tuple(_grants(session, [person]).get(person, ()))


def _grants(session: Session, persons: Sequence[str]) -> dict[str, list[Grant]]:
    found: dict[str, list[Grant]] = {}
    for g in session.scalars(sa.select(PersonGrant).where(PersonGrant.person.in_(persons)).order_by(PersonGrant.id)):
        found.setdefault(g.person, []).append(Grant(Role(g.role), g.site, g.line, g.process))
    return found


def _addresses(session: Session, persons: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    query = sa.select(NoticeAddress).where(NoticeAddress.person.in_(persons)).order_by(NoticeAddress.id)
    for a in session.scalars(query):
        found.setdefault(a.person, []).append(a.url)
    return found
