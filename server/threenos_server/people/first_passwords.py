"""A password that somebody else has set lets its person in once, to choose an own one, and ends when it is not used."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.db import Database
from threenos_server.errors import Fault, Invalid
from threenos_server.people import passwords
from threenos_server.people.tables import FirstPassword, PersonRow

#: A weekend in between does no harm.
LASTS = timedelta(hours=72)


def mark(session: Session, person: str, kept: str, now: datetime) -> None:
    """From now on `kept`, the hash of the person's password, is that of a first one."""
    session.add(FirstPassword(person=person, password=kept, until=now + LASTS))
    session.flush()


def clear(session: Session, person: str) -> None:
    """The person's password is the own one."""
    session.execute(sa.delete(FirstPassword).where(FirstPassword.person == person))


def until(session: Session, person: str) -> datetime | None:
    """When the person's password ends, if it is a first one."""
    same = sa.and_(PersonRow.id == FirstPassword.person, PersonRow.password == FirstPassword.password)
    query = sa.select(FirstPassword.until).join(PersonRow, same).where(FirstPassword.person == person)
    return session.scalar(query)


def check_another(db: Database, person: str, password: str) -> None:
    """Raises Invalid when the password is the one that the person has; takes as long as a sign-in."""
    with db.read() as session:
        kept = session.scalar(sa.select(PersonRow.password).where(PersonRow.id == person))
    if passwords.matches(password, kept):
        detail = "somebody else knows this password; choose another"
        raise Invalid(detail, Fault("/password", detail))
