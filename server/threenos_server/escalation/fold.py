"""The fold from journal rows to deadlines. A press that only adds to a complaint costs nothing here."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

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
_KEY_CHUNK = 400

_INSERT = sa.insert(_TABLE)
_UPDATE = (
    sa.update(_TABLE)
    .where(
        _TABLE.c.site == sa.bindparam("of_site"),
        _TABLE.c.complaint == sa.bindparam("of_complaint"),
        _TABLE.c.round == sa.bindparam("of_round"),
        _TABLE.c.clock == sa.bindparam("of_clock"),
        _TABLE.c.level == sa.bindparam("of_level"),
    )
    .values({name: sa.bindparam(name) for name in ("due_at", "role", "state", "fired_at")})
)


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
    for i in range(0, len(complaints), _KEY_CHUNK):
        named = complaints[i : i + _KEY_CHUNK]
        query = sa.select(_TABLE).where(_TABLE.c.site == site, _TABLE.c.complaint.in_(named))
        for r in session.execute(query):
            deadline = Deadline(r.due_at, r.role, DeadlineState(r.state), r.fired_at)
            found.setdefault(r.complaint, {})[r.round, r.clock, r.level] = deadline
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
        for key, d in deadlines.items():
            values = {"due_at": d.due_at, "role": d.role, "state": d.state.value, "fired_at": d.fired_at}
            if key not in known:
                place = {"site": site, "complaint": complaint, "round": key[0], "clock": key[1], "level": key[2]}
                inserts.append(place | values)
            elif known[key] != d:
                of = {"of_site": site, "of_complaint": complaint}
                updates.append(of | {"of_round": key[0], "of_clock": key[1], "of_level": key[2]} | values)
    if inserts:
        session.execute(_INSERT, inserts)
    if updates:
        session.execute(_UPDATE, updates)


FOLD = Fold("escalation", apply, (_TABLE,))
