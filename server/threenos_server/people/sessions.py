"""Sign in, stay signed in, sign out; and who stands behind a cookie or a bearer token. Knows no web framework."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from threenos_server import access
from threenos_server.access import Actor
from threenos_server.db import Database
from threenos_server.errors import PasswordEnded, Unauthenticated
from threenos_server.people import first_passwords, limits, passwords, rows, secret, tokens, unfinished
from threenos_server.people.model import sign_in_name
from threenos_server.people.second_factors import Wanted
from threenos_server.people.tables import PersonRow, PersonSession
from threenos_server.people.unfinished import Lack

#: A session unused for a shift and a break is over; none lasts longer than a working week.
IDLE = timedelta(hours=10)
ABSOLUTE = timedelta(days=7)
#: That it was used is written no more often than this.
TOUCH = timedelta(minutes=1)
#: Who signed in so lately has just shown who it is.
FRESH = timedelta(minutes=10)
#: So many characters of a session's hash name it: enough to tell one's own apart, and worth nothing to a thief.
_SHOWN = 16

log = structlog.get_logger("sign-in")


@dataclass(frozen=True, slots=True)
class Running:
    """A session as its person sees it in a list; `here` is the one that asks."""

    id: str
    begun_at: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: `token` goes into the cookie and is nowhere else. One that lacks something lets in nowhere."""

    token: str
    person: str
    lacks: Lack | None = None

    @property
    def csrf(self) -> str:
        return secret.csrf_token(self.token)


def sign_in(
    db: Database, name: str, password: str, address: str, now: datetime, wanted: Wanted = Wanted.OWN
) -> SignedIn:
    """A new session for whoever gives the right password. Raises TooMany, or Unauthenticated without saying why.

    It lacks something when the password is a first one (one that has ended raises PasswordEnded), when the person has a
    second factor, and when one is `wanted` and there is none.

    The attempt is counted in a transaction of its own, so that it counts also when it fails; the slow hash is checked
    outside any transaction.
    """
    account = sign_in_name(name)
    from_here = f"{account}\n{address}"
    with db.write() as session:
        limits.spend(session, limits.SIGN_IN_ADDRESS, address, now)
        limits.spend(session, limits.SIGN_IN_ACCOUNT, from_here, now)
        limits.spend(session, limits.SIGN_IN_ANYWHERE, account, now)
        query = sa.select(PersonRow.id, PersonRow.password).where(PersonRow.sign_in == account, PersonRow.active)
        found = session.execute(query).one_or_none()
    right = passwords.matches(password, found.password if found else None)
    if not right or found is None:
        # Not the name that was typed: it may be a password in the wrong field.
        log.warning("sign-in refused", way="password", person=found.id if found else None, address=address)
        raise Unauthenticated("the name or the password is not right")
    with db.write() as session:
        # Apart, so that rows of other people are kept no longer than it takes to drop them.
        limits.sweep(session, now)
        _sweep(session, now)
    with db.write() as session:
        rows.held(session, found.id)
        # Meanwhile the person may have been made inactive or got another password.
        still = sa.select(PersonRow.id).where(PersonRow.id == found.id, PersonRow.active)
        if session.execute(still.where(PersonRow.password == found.password)).first() is None:
            raise Unauthenticated("the name or the password is not right")
        _check_not_ended(session, found.id, now)
        limits.clear(session, limits.SIGN_IN_ACCOUNT, from_here)
        limits.clear(session, limits.SIGN_IN_ANYWHERE, account)
        fresh = enter(session, found.id, now, wanted)
    if fresh.lacks is None:
        log.info("signed in", way="password", person=found.id, address=address)
    else:
        log.info("on the way in", way="password", person=found.id, address=address, lacks=fresh.lacks)
    return fresh


def enter(session: Session, person: str, now: datetime, wanted: Wanted, given: Lack | None = None) -> SignedIn:
    """A session for whoever gave the password and all that is asked for up to `given`; it says what it still lacks."""
    lack = unfinished.next_lack(session, person, given, wanted)
    if lack is None:
        return begin(session, person, now)
    return SignedIn(unfinished.begin(session, person, lack, now), person, lack)


def begin(session: Session, person: str, now: datetime) -> SignedIn:
    """A session with a token of its own, never one that the browser had before."""
    token = secret.new_token()
    session.add(PersonSession(token=secret.digest(token), person=person, created_at=now, seen_at=now))
    session.flush()
    return SignedIn(token, person)


def end(session: Session, token: str) -> None:
    """Sign out."""
    session.execute(sa.delete(PersonSession).where(PersonSession.token == secret.digest(token)))
    unfinished.end(session, token)


def every(session: Session, person: str, token: str, now: datetime) -> list[Running]:
    """The sessions of a person that run, the last used first; `token` is that of whoever asks."""
    query = sa.select(PersonSession).where(PersonSession.person == person, sa.not_(_over(now)))
    rows = session.scalars(query.order_by(PersonSession.seen_at.desc(), PersonSession.token))
    return [Running(r.token[:_SHOWN], r.created_at, r.seen_at, r.token == secret.digest(token)) for r in rows]


def end_others(session: Session, person: str, token: str, named: str | None = None) -> None:
    """End the session of that id, or all but the one of `token`."""
    rows.held(session, person)
    mine = sa.delete(PersonSession).where(PersonSession.person == person)
    others = PersonSession.token != secret.digest(token)
    session.execute(mine.where(others if named is None else PersonSession.token.startswith(named, autoescape=True)))


def is_fresh(session: Session, token: str, now: datetime) -> bool:
    """Whether that session began so lately that its person need not show again who it is."""
    fresh = sa.select(PersonSession.token).where(
        PersonSession.token == secret.digest(token), PersonSession.created_at > now - FRESH
    )
    return session.scalar(fresh) is not None


def person_of(session: Session, token: str, now: datetime) -> str | None:
    """The id of the active person whose session this is, while it runs. Raises Unfinished as `authenticate` does."""
    found = _found(session, token, now)
    return found.person if found else None


def authenticate(
    db: Database,
    key: bytes,
    site: str,
    now: datetime,
    *,
    cookie: str | None = None,
    bearer: str | None = None,
    touch: bool = True,
) -> Actor | None:
    """Who asks, known by the pseudonym of that site (`key` is the pseudonym key); None for nobody.

    Raises Unfinished for somebody on the way in, so that whoever asks lets them in nowhere.

    A bearer token comes before a cookie and is a board token, good for its own site only. `touch=False` leaves the
    idle time running: for asking again, on behalf of an open socket, whether its session still stands.
    """
    with db.read() as session:
        if bearer is not None:
            return tokens.holder(session, site, bearer)
        found = _found(session, cookie, now) if cookie else None
        if found is None:
            return None
        actor = _actor(session, key, site, found.person, found.name)
    if touch and now - found.seen_at >= TOUCH:
        with db.write() as session:
            seen = sa.update(PersonSession).where(PersonSession.token == found.token)
            session.execute(seen.values(seen_at=now))
    return actor


def _actor(session: Session, key: bytes, site: str, person: str, name: str) -> Actor:
    return Actor(name, access.pseudonym(key, site, person), rows.grants_of(session, person))


def _found(session: Session, token: str, now: datetime) -> sa.Row[str, str, str, datetime] | None:
    """The session of that token. The one place where a session that lacks something is turned away."""
    found = session.execute(_running(token, now)).one_or_none()
    if found is None and (on_the_way := unfinished.find(session, token, now)) is not None:
        raise unfinished.refuse(on_the_way)
    return found


def _check_not_ended(session: Session, person: str, now: datetime) -> None:
    until = first_passwords.until(session, person)
    if until is not None and until <= now:
        log.warning("sign-in refused", way="password", person=person, why="first password has ended")
        raise PasswordEnded("this first password was not used in time; an administrator gives you another")


def _running(token: str, now: datetime) -> sa.Select[str, str, str, datetime]:
    return (
        sa.select(PersonSession.token, PersonSession.person, PersonRow.name, PersonSession.seen_at)
        .join(PersonRow, PersonRow.id == PersonSession.person)
        .where(
            PersonSession.token == secret.digest(token),
            PersonSession.seen_at > now - IDLE,
            PersonSession.created_at > now - ABSOLUTE,
            PersonRow.active,
        )
    )


def _over(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(PersonSession.seen_at <= now - IDLE, PersonSession.created_at <= now - ABSOLUTE)


def _sweep(session: Session, now: datetime) -> None:
    rows.drop(session, PersonSession.token, _over(now))
    unfinished.sweep(session, now)
