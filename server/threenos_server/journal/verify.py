"""Follow the chain and name the first row that is not what was written."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.journal import stored
from threenos_server.journal.model import EMPTY, Break, Head, Stored, walk
from threenos_server.journal.service import head, sites


def verify(session: Session, site: str, witnesses: Iterable[Head] = ()) -> Head | Break:
    """Follow the chain of a site from its first row: its head, or the first broken row.

    `witnesses` are heads that somebody outside remembers: a tail that was rewritten and rehashed, or cut, shows there.
    Raises NotFound for a site that has no journal.
    """
    remembered: dict[int, str] = {}
    for w in witnesses:
        # Where two remember a row differently one of them saw another journal, so no hash is the one of both.
        remembered[w.seq] = w.hash if remembered.get(w.seq, w.hash) == w.hash else ""
    last = EMPTY
    for batch in stored.batches(session, site):
        found = walk(batch, last)
        witnessed = _held_against(batch, remembered, found.seq if isinstance(found, Break) else None)
        if witnessed is not None:
            return witnessed
        if isinstance(found, Break):
            return found
        last = found
    return _end(last, head(session, site), remembered)


def verify_every(session: Session, witnesses: Mapping[str, Iterable[Head]]) -> dict[str, Head | Break]:
    """Each site with its head or its first broken row; rows of a site that does not exist are a break as well."""
    known = sites(session)
    found = {site: verify(session, site, witnesses.get(site, ())) for site in known}
    stray = session.scalars(sa.select(stored.RAW.c.site).where(stored.RAW.c.site.not_in(known)).distinct())
    found |= {site: Break(0, f"there are rows of {site!r}, which is no site") for site in stray}
    lost = [site for site in witnesses if site not in found]
    return found | {site: Break(0, f"a witness saw the journal of {site!r}, which is not there") for site in lost}


def _held_against(batch: list[Stored], remembered: dict[int, str], until: int | None) -> Break | None:
    """The first row of the batch, before the break at `until`, that a witness remembers otherwise."""
    if not remembered:
        return None
    for row in batch:
        if not isinstance(row[1], int) or (until is not None and row[1] >= until):
            return None
        if remembered.get(row[1], row[-1]) != row[-1]:
            return Break(row[1], f"row {row[1]} is not the one that a witness saw: the tail was rewritten")
    return None


def _end(last: Head, said: Head, remembered: dict[int, str]) -> Head | Break:
    """Whether the journal ends where the site's row and the witnesses say."""
    beyond = max(remembered, default=0)
    if beyond > last.seq:
        return Break(last.seq + 1, f"the journal ends at {last.seq}, but a witness saw row {beyond}: the tail was cut")
    if said != last:
        return Break(last.seq + 1, f"the journal ends at {last.seq}, but the site's row says {said.seq}")
    return last
