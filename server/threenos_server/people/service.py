"""Users and their grants: add, change, list, forget. What others need of `people` is named here."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Grant, Role
from threenos_server.errors import Conflict, Fault, Invalid, NotFound
from threenos_server.people import first_passwords, passwords, second_factors, unfinished
from threenos_server.people.badges import who
from threenos_server.people.model import LANGUAGES, Person, check_name, sign_in_name
from threenos_server.people.rosters import on_roster
from threenos_server.people.rows import every, held
from threenos_server.people.sessions import authenticate
from threenos_server.people.tables import NoticeAddress, PersonGrant, PersonRow, PersonSession
from threenos_wire.ids import new_id


def add(
    session: Session,
    name: str,
    now: datetime,
    *,
    grants: Collection[Grant] = (),
    password: str | None = None,
    first: bool = False,
    language: str = "en",
) -> Person:
    """Add a person. Without a password nobody signs in by that name; a badge or PIN may do at a station.

    `first`: the password was chosen by somebody else, and is good for choosing another only.
    Raises Invalid for a bad name, language or password, Conflict when the name is taken.
    """
    name = check_name(name)
    _check_language(language)
    if _find(session, name) is not None:
        raise Conflict(f"there is somebody called {name!r} already; add a letter or a number")
    kept = None if password is None else passwords.hashed(password, name)
    row = PersonRow(
        id=new_id(), name=name, sign_in=sign_in_name(name), language=language, active=True, password=kept,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    if first and kept is not None:
        first_passwords.mark(session, row.id, kept, now)
    _write_grants(session, row.id, grants)
    return get(session, row.id)


def get(session: Session, person: str) -> Person:
    """That person. Raises NotFound."""
    found = every(session, [person])
    if not found:
        raise NotFound(f"there is no person {person!r}")
    return found[0]


def named(session: Session, name: str) -> Person:
    """The person who signs in by that name. Raises NotFound."""
    found = _find(session, name)
    if found is None:
        raise NotFound(f"there is nobody called {name!r}")
    return get(session, found)


def change(
    session: Session,
    person: str,
    *,
    name: str | None = None,
    language: str | None = None,
    active: bool | None = None,
    grants: Collection[Grant] | None = None,
) -> Person:
    """Change what is given. Whoever gets other rights, or is made inactive, is signed out everywhere."""
    held(session, person)
    row = session.get(PersonRow, person, populate_existing=True)
    if row is None:
        raise NotFound(f"there is no person {person!r}")
    if name is not None and sign_in_name(name) != row.sign_in and _find(session, name) is not None:
        raise Conflict(f"there is somebody called {name!r} already")
    if name is not None:
        row.name, row.sign_in = check_name(name), sign_in_name(name)
    if language is not None:
        row.language = _check_language(language)
    if active is not None:
        row.active = active
    session.flush()
    if grants is not None:
        session.execute(sa.delete(PersonGrant).where(PersonGrant.person == person))
        _write_grants(session, person, grants)
    if grants is not None or active is False:
        sign_out_everywhere(session, person)
    return get(session, person)


def set_password(session: Session, person: str, password: str, now: datetime, *, first: bool = False) -> None:
    """Give a person another password, which signs the person out everywhere. `first` as in `add`."""
    held(session, person)
    row = session.get(PersonRow, person, populate_existing=True)
    if row is None:
        raise NotFound(f"there is no person {person!r}")
    row.password = passwords.hashed(password, row.name)
    session.flush()
    first_passwords.clear(session, person)
    if first:
        first_passwords.mark(session, person, row.password, now)
    sign_out_everywhere(session, person)


def take_second_factor(session: Session, person: str) -> None:
    """The person has no second factor any more, and is signed out everywhere."""
    held(session, person)
    second_factors.take(session, person)
    sign_out_everywhere(session, person)


def set_addresses(session: Session, person: str, urls: Sequence[str]) -> None:
    """Where the person is told: Apprise URLs, in order."""
    session.execute(sa.delete(NoticeAddress).where(NoticeAddress.person == person))
    session.add_all(NoticeAddress(person=person, url=url) for url in dict.fromkeys(urls))
    session.flush()


def forget(session: Session, person: str) -> None:
    """Drop everything that says who a person was. The journal keeps its pseudonyms, behind which nobody stands now.

    Badges stay as numbers of nobody, so that they never come to mean somebody else. Raises NotFound.
    """
    get(session, person)
    # The foreign keys take grants, sessions, addresses, PIN and roster along, and empty the pseudonyms.
    session.execute(sa.delete(PersonRow).where(PersonRow.id == person))
    session.expire_all()


def sign_out_everywhere(session: Session, person: str) -> None:
    """Also where somebody is just coming in: they wait, and find that they are out."""
    held(session, person)
    session.execute(sa.delete(PersonSession).where(PersonSession.person == person))
    unfinished.end_all(session, person)


def has_administrator(session: Session) -> bool:
    """Whether somebody can sign in who may add others."""
    query = sa.select(PersonRow.id).join(PersonGrant, PersonGrant.person == PersonRow.id)
    query = query.where(PersonGrant.role == Role.ADMIN, PersonRow.active, PersonRow.password.is_not(None))
    return session.execute(query.limit(1)).first() is not None


def _find(session: Session, name: str) -> str | None:
    return session.scalar(sa.select(PersonRow.id).where(PersonRow.sign_in == sign_in_name(name)))


def _check_language(language: str) -> str:
    if language not in LANGUAGES:
        raise Invalid("an unknown language", Fault("/language", f"one of {', '.join(LANGUAGES)}"))
    return language


def _write_grants(session: Session, person: str, grants: Iterable[Grant]) -> None:
    session.add_all(
        PersonGrant(person=person, role=g.role, site=g.site, line=g.line, process=g.process)
        for g in dict.fromkeys(grants)
    )
    session.flush()


__all__ = [
    "add", "authenticate", "change", "every", "forget", "get", "has_administrator", "named", "on_roster",
    "set_addresses", "set_password", "sign_out_everywhere", "take_second_factor", "who",
]  # fmt: skip
