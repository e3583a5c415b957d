"""Rows of several people at once, as values."""

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Grant, Role
from threenos_server.people.model import Person
from threenos_server.people.tables import NoticeAddress, PersonGrant, PersonRow


def every(session: Session, ids: Collection[str] | None = None) -> list[Person]:
    """All persons, or those of `ids`, by name."""
    if ids is None:
        people = session.connection().execute(_PEOPLE).all()
    else:
        people = session.connection().execute(_PEOPLE_NAMED, {"ids": list(ids)}).all() if ids else []
    known = [row.id for row in people]
    grants = _grants(session, known)
    addresses = _addresses(session, known)
    return [
        Person(
            row.id, row.name, row.language, row.active, tuple(grants.get(row.id, ())), tuple(addresses.get(row.id, ()))
        )
        for row in people
    ]  # fmt: skip


def held(session: Session, person: str) -> None:
    """Whatever lets the person in or keeps them out waits for the end of this transaction, and then sees what it did.

    Called before anything is read that it decides by. SQLite's writes wait for each other anyway.
    """
    session.execute(sa.select(PersonRow.id).where(PersonRow.id == person).with_for_update(key_share=True))


def drop(session: Session, key: sa.orm.InstrumentedAttribute[str], over: sa.ColumnElement[bool]) -> None:
    """Delete what is over, by its key, but for what somebody has just in hand, who may be waiting for us."""
    free = sa.select(key).where(over).with_for_update(skip_locked=True)
    session.execute(sa.delete(key.class_).where(key.in_(free)))


def grants_of(session: Session, person: str) -> tuple[Grant, ...]:
    return tuple(_grants(session, [person]).get(person, ()))


def _grants(session: Session, persons: Sequence[str]) -> dict[str, list[Grant]]:
    found: dict[str, list[Grant]] = {}
    for some in _parts(persons):
        for g in session.connection().execute(_GRANTS, {"persons": some}):
            found.setdefault(g.person, []).append(Grant(Role(g.role), g.site, g.line, g.process))
    return found


def _addresses(session: Session, persons: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for some in _parts(persons):
        for a in session.connection().execute(_ADDRESSES, {"persons": some}):
            found.setdefault(a.person, []).append(a.url)
    return found


def _parts(persons: Sequence[str]) -> Iterator[Sequence[str]]:
    return (persons[start : start + _MOST] for start in range(0, len(persons), _MOST))


#: Both databases limit how many parameters a statement may have.
_MOST = 5000
# Built once: putting a query together costs as much as asking it, and the roster is asked for every new complaint.
_PEOPLE = sa.select(PersonRow.id, PersonRow.name, PersonRow.language, PersonRow.active).order_by(PersonRow.name)
_PEOPLE_NAMED = _PEOPLE.where(PersonRow.id.in_(sa.bindparam("ids", expanding=True)))
_NAMED: sa.BindParameter[str] = sa.bindparam("persons", expanding=True)
_GRANTS = (
    sa.select(PersonGrant.person, PersonGrant.role, PersonGrant.site, PersonGrant.line, PersonGrant.process)
    .where(PersonGrant.person.in_(_NAMED))
    .order_by(PersonGrant.id)
)
_ADDRESSES = (
    sa.select(NoticeAddress.person, NoticeAddress.url)
    .where(NoticeAddress.person.in_(_NAMED))
    .order_by(NoticeAddress.id)
)
