"""The fold from journal rows to deadlines. A press that only adds to a complaint costs nothing here."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.db import from_ms, to_ms
from threenos_server.escalation.model import (
    FOLLOWED,
    Deadline,
    Deadlines,
    DeadlineState,
    Key,
    follow,
    key_from,
    mark,
)
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.journal.folding import Fold
from threenos_server.journal.model import Row

_TABLE: sa.Table = DeadlineRow.__table__  # type: ignore[assignment]  # SQLAlchemy types it as FromClause
_raw = bulk.raw(DeadlineRow).c
# Made once: what SQLAlchemy does to build a statement costs more than the statement.
_LOAD = sa.select(
    _raw.complaint, _raw.round, _raw.clock, _raw.level, _raw.due_at, _raw.role, _raw.state, _raw.fired_at
).where(_raw.site == sa.bindparam("site"), _raw.complaint.in_(sa.bindparam("named", expanding=True)))
_CHANGED = ("due_at", "role", "state", "fired_at")
#: Both databases limit how many parameters a statement may have.
_MOST = 5000


@dataclass(frozen=True, slots=True)
class _Change:
    """What one row says of one complaint: a patch of it, or (with a key) of one of its deadlines."""

    complaint: str
    patch: dict[str, Any]
    at: datetime
    key: Key | None = None

    @property
    def opens(self) -> bool:
        return self.key is None and "received_at" in self.patch


def apply(session: Session, rows: Sequence[Row]) -> None:
    """Insert, meet, fire and cancel deadlines as the rows say, in few statements for the whole batch."""
    changes = list(_changes(rows))
    if not changes:
        return
    site = rows[0].site
    opened = {change.complaint for change in changes if change.opens}
    stored = load(session, site, sorted({change.complaint for change in changes} - opened))
    after = {complaint: {key: copy(d) for key, d in deadlines.items()} for complaint, deadlines in stored.items()}
    for change in changes:
        deadlines = after.setdefault(change.complaint, {})
        if change.key is None:
            follow(deadlines, change.patch, change.at)
        else:
            mark(deadlines, change.key, change.patch, change.at)
    _write(session, site, stored, after)


def load(session: Session, site: str, complaints: Sequence[str]) -> dict[str, Deadlines]:
    """The deadlines of these complaints, in whatever state."""
    found: dict[str, Deadlines] = {}
    for i in range(0, len(complaints), _MOST):
        for r in session.execute(_LOAD, {"site": site, "named": complaints[i : i + _MOST]}):
            fired_at = None if r[7] is None else from_ms(r[7])
            found.setdefault(r[0], {})[r[1], r[2], r[3]] = Deadline(from_ms(r[4]), r[5], DeadlineState(r[6]), fired_at)
    return found


def _changes(rows: Iterable[Row]) -> Iterator[_Change]:
    for row in rows:
        then = row.body.get("then")
        if not then:
            continue
        # What fired is marked before a new round, which the same row may begin, cancels what was open.
        for name, patch in then.get("deadlines", {}).items():
            complaint, key = key_from(name)
            yield _Change(complaint, patch, row.at, key)
        for complaint, patch in then.get("complaints", {}).items():
            if not FOLLOWED.isdisjoint(patch):
                yield _Change(complaint, patch, row.at)


def _write(session: Session, site: str, before: dict[str, Deadlines], after: dict[str, Deadlines]) -> None:
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    for complaint, deadlines in after.items():
        known = before.get(complaint, {})
        for key, deadline in deadlines.items():
            was = known.get(key)
            if was is None:
                inserts.append(_stored(site, complaint, key, deadline))
            elif was != deadline:
                updates.append(_stored(site, complaint, key, deadline))
    bulk.insert(session, DeadlineRow, inserts)
    bulk.change(session, DeadlineRow, _CHANGED, updates)


def _stored(site: str, complaint: str, key: Key, d: Deadline) -> dict[str, Any]:
    """A row by its raw columns."""
    return {
        "site": site,
        "complaint": complaint,
        "round": key[0],
        "clock": str(key[1]),
        "level": key[2],
        "due_at": to_ms(d.due_at),
        "role": d.role,
        "state": str(d.state),
        "fired_at": None if d.fired_at is None else to_ms(d.fired_at),
    }


FOLD = Fold("escalation", apply, (_TABLE,))
