"""Who stands behind a pseudonym: readable only with a role and a reason, and written down before it is answered."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import access
from threenos_server.access import Actor, Role
from threenos_server.db import Database
from threenos_server.errors import Fault, Forbidden, Invalid, NotFound
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry, Row
from threenos_server.people import limits
from threenos_server.people.model import own_lines
from threenos_server.people.tables import PersonRow, PseudonymRow

#: Whoever may see the names of a whole site; a team leader only what happened on the own line.
LOOK_UP = frozenset({Role.SUPERVISOR, Role.QUALITY_ENGINEER, Role.AUDITOR})
MIN_REASON = 8


def look_up(db: Database, key: bytes, site: str, actor: Actor, seq: int, reason: str, now: datetime) -> str | None:
    """The name of who acted in that row of the journal; None when nobody is known behind it (any more).

    The look-up is committed to the journal as `person-looked-up` before the name is read. Raises Forbidden,
    NotFound for a row that does not exist or that nobody signed, Invalid without a real reason, TooMany.
    """
    reason = " ".join(reason.split())
    if len(reason) < MIN_REASON:
        detail = f"say why, in at least {MIN_REASON} characters; it is written down"
        raise Invalid(detail, Fault("/reason", detail))
    with db.write() as session:
        limits.spend(session, limits.LOOK_UP, actor.pseudonym, now)
    with db.write() as session:
        asked = _row(session, site, seq)
        _check(actor, site, asked)
        body = {"command": {"kind": "look-up", "seq": seq, "pseudonym": asked.actor, "reason": reason}, "then": {}}
        entry = Entry(
            "person-looked-up", body, now, line=asked.line, complaint=asked.complaint, actor=actor.pseudonym
        )  # fmt: skip
        journal.append(session, site, [entry], now)
    with db.write() as session:
        return name_of(session, key, site, asked.actor or "", now)


def name_of(session: Session, key: bytes, site: str, pseudonym: str, now: datetime) -> str | None:
    """The name behind a pseudonym, without a word to the journal: for look_up, which has written it down."""
    _complete(session, key, site, now)
    return session.scalar(
        sa.select(PersonRow.name)
        .join(PseudonymRow, PseudonymRow.person == PersonRow.id)
        .where(PseudonymRow.site == site, PseudonymRow.pseudonym == pseudonym)
    )


def _complete(session: Session, key: bytes, site: str, now: datetime) -> None:
    """Every person's own pseudonym at the site (a badge's was written when it was given) stands in the table."""
    here = sa.select(PseudonymRow.person).where(PseudonymRow.site == site, PseudonymRow.badge.is_(False))
    missing = sa.select(PersonRow.id).where(PersonRow.id.not_in(here.where(PseudonymRow.person.is_not(None))))
    session.add_all(
        PseudonymRow(
            site=site, pseudonym=access.pseudonym(key, site, person), person=person, badge=False, since=now
        )
        for person in session.scalars(missing).all()
    )  # fmt: skip
    session.flush()


def _row(session: Session, site: str, seq: int) -> Row:
    found = journal.after(session, site, seq - 1, 1)
    if not found or found[0].seq != seq:
        raise NotFound(f"the journal has no row {seq}")
    if found[0].actor is None:
        raise NotFound(f"row {seq} of the journal was signed by nobody: a press needs no badge")
    return found[0]


def _check(actor: Actor, site: str, asked: Row) -> None:
    if any(g.role in LOOK_UP and g.site in (None, site) and g.line in (None, asked.line) for g in actor.grants):
        return
    lines = own_lines(actor, site)
    if lines is not None and asked.line not in lines:
        raise Forbidden("who has a role for a line sees the names of that line only")
