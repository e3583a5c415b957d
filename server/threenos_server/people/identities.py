"""Which person of ours stands behind an account of the plant's provider. Roles are ours alone."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.errors import NotFound, Unauthenticated
from threenos_server.people import rows, service
from threenos_server.people.model import Person, sign_in_name
from threenos_server.people.tables import PersonIdentity

_NOBODY = "nobody here belongs to this account; an administrator adds the person by that name"


def person_of(
    session: Session, issuer: str, subject: str, name: str, now: datetime, *, adds_unknown: bool = False
) -> str:
    """The id of the active person behind an account; at its first sign-in the person who signs in by that name here.

    From then on the account's own `subject` counts and not the name, which the provider may give to somebody else. With
    `adds_unknown` somebody of an unknown name is added, without any role. Raises Unauthenticated.
    """
    found = _known(session, issuer, subject) or _named(session, name, now, adds_unknown).id
    rows.held(session, found)
    person, known = service.get(session, found), _known(session, issuer, subject)
    mine = sign_in_name(person.name) == sign_in_name(name) if known is None else known == found
    if not person.active or not mine:
        raise Unauthenticated(_NOBODY)
    if known is None:
        taken = sa.select(PersonIdentity).where(PersonIdentity.issuer == issuer, PersonIdentity.person == person.id)
        if session.scalar(taken) is not None:
            raise Unauthenticated("this name belongs to another account of the provider; an administrator sorts it out")
        session.add(PersonIdentity(issuer=issuer, subject=subject, person=person.id, since=now))
        session.flush()
    return person.id


def forget(session: Session, person: str) -> None:
    """The next account that comes with the person's name will be the person's."""
    session.execute(sa.delete(PersonIdentity).where(PersonIdentity.person == person))


def _known(session: Session, issuer: str, subject: str) -> str | None:
    query = sa.select(PersonIdentity.person).where(PersonIdentity.issuer == issuer, PersonIdentity.subject == subject)
    return session.scalar(query)


def _named(session: Session, name: str, now: datetime, adds_unknown: bool) -> Person:
    try:
        return service.named(session, name)
    except NotFound:
        if not adds_unknown:
            raise Unauthenticated(_NOBODY) from None
        return service.add(session, name, now)
