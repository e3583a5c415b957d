"""Fire what is due: claimed under the site's lock, looked at again there, journalled and told in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import access
from threenos_server.access import Role
from threenos_server.chain.service import current
from threenos_server.complaints.model import Complaint, from_text
from threenos_server.complaints.tables import ComplaintRow
from threenos_server.escalation import decide, fold
from threenos_server.escalation.model import DeadlineClock, DeadlineState
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.journal.model import Entry
from threenos_server.journal.service import append, lock
from threenos_server.notify import service as notices
from threenos_server.notify.model import Draft
from threenos_server.people.rosters import on_roster

#: So many complaints are fired in one transaction: an intake that waits for the lock waits a few milliseconds.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Due:
    """What is due at a site: complaints, the one that waits longest first, and whether the grace of a line is over."""

    complaints: tuple[str, ...] = ()
    grace: bool = False


def due(session: Session, site: str, now: datetime, without: Collection[str] = ()) -> Due:
    """What is due, `without` the complaints that failed lately. To be asked in a read; `fire` looks again."""
    query = (
        sa.select(DeadlineRow.complaint, DeadlineRow.clock)
        .where(DeadlineRow.site == site, DeadlineRow.state == DeadlineState.OPEN, DeadlineRow.due_at <= now)
        .order_by(DeadlineRow.due_at, DeadlineRow.complaint)
        .limit(10 * BATCH + 10 * len(without))
    )
    found = [tuple(r) for r in session.execute(query)]
    ids = dict.fromkeys(c for c, clock in found if clock != DeadlineClock.GRACE and c not in without)
    return Due(tuple(ids)[:BATCH], any(clock == DeadlineClock.GRACE for _, clock in found))


def fire(session: Session, site: str, complaints: Sequence[str], now: datetime, key: bytes) -> int:
    """Fire what is due of these complaints; the number of rows written. `key` makes pseudonyms.

    Whoever comes second finds under the lock that nothing is open any more.
    """
    lock(session, site)
    chain = current(session, site)
    people: dict[tuple[Role | None, str | None, str | None], Sequence[decide.Told]] = {}

    def roster(role: Role | None, line: str | None, process: str | None) -> Sequence[decide.Told]:
        place = (role, line, process)
        if place not in people:
            people[place] = on_roster(session, site, role, line, process, now)
        return people[place]

    scene = decide.Scene(chain, roster, lambda person: access.pseudonym(key, site, person), now)
    deadlines = fold.load(session, site, complaints)
    documents = documents_of(session, site, complaints)
    entries: list[Entry] = []
    drafts: list[Draft] = []
    for complaint in complaints:
        if complaint not in documents:
            raise LookupError(f"complaint {complaint} has deadlines but is not there")
        fired = decide.fire(scene, documents[complaint], deadlines.get(complaint, {}))
        entries += fired.entries
        drafts += fired.drafts
    append(session, site, entries, now)
    notices.write(session, site, drafts, now)
    return len(entries)


def documents_of(session: Session, site: str, complaints: Sequence[str]) -> dict[str, Complaint]:
    """The complaints as they stand."""
    query = sa.select(ComplaintRow.id, ComplaintRow.doc).where(
        ComplaintRow.site == site, ComplaintRow.id.in_(complaints)
    )
    return {r.id: from_text(r.doc) for r in session.execute(query)}
