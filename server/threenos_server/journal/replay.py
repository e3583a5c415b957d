"""Take rows of an archive back into the journal just as they were, and say in the journal that it was restored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.db import from_ms
from threenos_server.errors import Invalid
from threenos_server.journal import stored
from threenos_server.journal.model import Break, Entry, Head, Stored, walk
from threenos_server.journal.service import add_site, append, keep, lock, sites
from threenos_server.journal.witness import Witnessed
from threenos_wire.instants import parse_instant

KIND = "restored"


@dataclass(frozen=True, slots=True)
class Restored:
    """That at `at` the journal was taken back: row `seq` says so, in the place of what had stood from there on."""

    seq: int
    at: datetime


def replay(session: Session, site: str, rows: Sequence[Stored]) -> Head:
    """Write rows of one site behind its last one, as they stand, and fold them; the head that they make.

    Raises Invalid for the first that does not follow from the one before it; then none is written. A site that is not
    there begins with them.
    """
    if site not in sites(session):
        add_site(session, site)
    found = walk(rows, lock(session, site))
    if isinstance(found, Break):
        raise Invalid(f"the archive of {site} does not continue this journal: {found.detail}")
    keep(session, site, rows)
    return found


def note(session: Session, site: str, what: dict[str, object], now: datetime) -> Restored:
    """Write into the journal that it was restored, and from `what`: nobody can take it back without its being seen."""
    (row,) = append(session, site, [Entry(KIND, {"restored": what, "then": {}}, now)], now)
    return Restored(row.seq, row.at)


def restores(session: Session, site: str) -> list[Restored]:
    """Every time that the journal was restored, in order."""
    raw = stored.RAW.c
    query = sa.select(raw.seq, raw.at).where(raw.site == site, raw.kind == KIND).order_by(raw.seq)
    return [Restored(r.seq, from_ms(r.at)) for r in session.execute(query)]


def left_behind(seen: Witnessed, known: Iterable[Restored]) -> bool:
    """Whether a witness saw a row of what the journal was before a restore, and is no more since."""
    at = parse_instant(seen.at)
    return any(seen.seq >= restored.seq and at < restored.at for restored in known)
