"""Fire what is due: claimed under the site's lock, looked at again there, journalled and told in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from threenos_server import access
from threenos_server.chain.model import Chain
from threenos_server.chain.service import current
from threenos_server.complaints.load import stored
from threenos_server.complaints.model import Complaint
from threenos_server.escalation import decide, fold
from threenos_server.escalation.model import DeadlineClock, DeadlineState
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.journal.model import Entry
from threenos_server.journal.service import append, lock
from threenos_server.notify import service as notices
from threenos_server.notify.model import Draft
from threenos_server.people.rosters import AtWork

#: So many complaints are fired in one transaction: an intake that waits for the lock waits a few milliseconds.
BATCH = 100

log = structlog.get_logger("escalation")


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
    scene = _scene(session, current(session, site), now, key)
    deadlines = fold.load(session, site, complaints)
    documents = {named: found for named, (_, found) in stored(session, site, complaints).items()}
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


def begin(session: Session, chain: Chain, opened: Sequence[Complaint], now: datetime, key: bytes) -> list[Entry]:
    """Climb the first step of the ladders of complaints that are being opened, so that nobody waits for the clock.

    Writes the notices and returns the rows, to be appended after those that open the complaints, in one transaction.
    What goes wrong with one of them leaves its step to the clock.
    """
    scene = _scene(session, chain, now, key)
    entries: list[Entry] = []
    drafts: list[Draft] = []
    for complaint in opened:
        try:
            fired = decide.begin(scene, complaint)
        except sa.exc.SQLAlchemyError:
            raise
        except Exception:  # the first step of this complaint
            log.exception("first step left to the clock", complaint=complaint.id)
            continue
        entries += fired.entries
        drafts += fired.drafts
    notices.write(session, chain.site.id, drafts, now)
    return entries


def _scene(session: Session, chain: Chain, now: datetime, key: bytes) -> decide.Scene:
    site = chain.site.id
    present = AtWork(session, site, now)
    return decide.Scene(chain, cache(present.holding), lambda person: access.pseudonym(key, site, person), now)
