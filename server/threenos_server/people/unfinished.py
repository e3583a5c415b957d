"""Somebody on the way in: the right password was given, and something is still lacking.

Such a session is no session: it stands in a table of its own, which nobody reads who looks for sessions, so that no
route and no socket can forget to ask. What it lacks is given by routes that look here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.errors import Unfinished
from threenos_server.people import first_passwords, rows, second_factors, secret
from threenos_server.people.second_factors import Wanted
from threenos_server.people.tables import PersonRow, UnfinishedSession


class Lack(StrEnum):
    """What a sign-in can lack, in the order in which it is asked for."""

    CODE = "code"
    OWN_PASSWORD = "own-password"
    SECOND_FACTOR = "second-factor"


#: A code is at hand; to think of a password, or to set a telephone up, takes its time.
ENDS = {
    Lack.CODE: timedelta(minutes=5),
    Lack.OWN_PASSWORD: timedelta(minutes=15),
    Lack.SECOND_FACTOR: timedelta(minutes=15),
}
_CURES = {
    Lack.CODE: "give the code of your second factor first: POST /session/code",
    Lack.OWN_PASSWORD: "choose a password of your own first: POST /session/password",
    Lack.SECOND_FACTOR: "set a second factor up first: POST /session/second-factor",
}


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Who is on the way in, and what is asked for next."""

    person: str
    lacks: Lack


def next_lack(session: Session, person: str, given: Lack | None, wanted: Wanted) -> Lack | None:
    """What the person still lacks after `given` (None: after the password); None when nothing."""
    asked = tuple(Lack)
    rest = asked if given is None else asked[asked.index(given) + 1 :]
    return next((lack for lack in rest if _is_lacking(session, person, lack, wanted)), None)


def begin(session: Session, person: str, lack: Lack, now: datetime) -> str:
    """The token of somebody on the way in."""
    token = secret.new_token()
    session.add(UnfinishedSession(token=secret.digest(token), person=person, lacks=lack, created_at=now))
    session.flush()
    return token


def find(session: Session, token: str, now: datetime) -> OnTheWay | None:
    """Who brings that token, while there is time."""
    query = sa.select(UnfinishedSession.person, UnfinishedSession.lacks).join(PersonRow)
    query = query.where(UnfinishedSession.token == secret.digest(token), PersonRow.active, sa.not_(_over(now)))
    found = session.execute(query).one_or_none()
    return None if found is None else OnTheWay(found.person, Lack(found.lacks))


def refuse(on_the_way: OnTheWay) -> Unfinished:
    """What somebody on the way in is told at every other door."""
    return Unfinished(_CURES[on_the_way.lacks], on_the_way.lacks)


def take(session: Session, token: str, lack: Lack) -> bool:
    """What was lacking is given now: the token is good for nothing more. False when somebody else was faster."""
    mine = sa.delete(UnfinishedSession).where(UnfinishedSession.token == secret.digest(token))
    taken = mine.where(UnfinishedSession.lacks == lack).returning(UnfinishedSession.token)
    return session.execute(taken).first() is not None


def end(session: Session, token: str) -> None:
    session.execute(sa.delete(UnfinishedSession).where(UnfinishedSession.token == secret.digest(token)))


def end_all(session: Session, person: str) -> None:
    """Wherever the person is on the way in."""
    session.execute(sa.delete(UnfinishedSession).where(UnfinishedSession.person == person))


def sweep(session: Session, now: datetime) -> None:
    """Drop those whose time is over."""
    rows.drop(session, UnfinishedSession.token, _over(now))


def _is_lacking(session: Session, person: str, lack: Lack, wanted: Wanted) -> bool:
    has = second_factors.standing(session, person).since is not None
    match lack:
        case Lack.CODE:
            return has
        case Lack.OWN_PASSWORD:
            return first_passwords.until(session, person) is not None
        case Lack.SECOND_FACTOR:
            return not has and second_factors.is_wanted(session, person, wanted)


def _over(now: datetime) -> sa.ColumnElement[bool]:
    row = UnfinishedSession
    return sa.or_(*(sa.and_(row.lacks == lack, row.created_at <= now - ends) for lack, ends in ENDS.items()))
