"""Whether a closed complaint was followed by the same: made-at, defect and part, within 30 days of its closing.

It is decided once those 30 days lie in days that are over (then the complaint is ripe), and again when something that
happened in them changes.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.reports.rollup import NO_KEY, Row
from threenos_server.reports.rollup_days import day_ends_utc
from threenos_server.reports.tables import Fact

WITHIN_MS = 30 * 86_400_000
_fact = bulk.raw(Fact)
_later = _fact.alias("later")
FOLLOWED = sa.exists().where(
    _later.c.site == _fact.c.site, _later.c.key == _fact.c.key,
    _later.c.at > _fact.c.closed_at, _later.c.at <= _fact.c.closed_at + WITHIN_MS,
)  # fmt: skip
_COLUMNS = [*_fact.c, FOLLOWED.label("followed")]
_ALL = sa.select(*_COLUMNS).where(_fact.c.site == sa.bindparam("site"), _fact.c.closed_at.is_not(None))
#: Written out, so that the index of those that are not ripe is seen to fit.
UNRIPE = _fact.c.ripe == sa.literal_column("0")
_NEW = _ALL.where(UNRIPE, _fact.c.closed_at <= sa.bindparam("upto"))
_BEFORE = _ALL.where(
    _fact.c.key == sa.bindparam("key"), _fact.c.at < sa.bindparam("at"),
    _fact.c.closed_at >= sa.bindparam("since"), _fact.c.closed_at < sa.bindparam("at"),
    _fact.c.closed_at <= sa.bindparam("upto"),
)  # fmt: skip


def ripe_until(closed_day: int) -> int:
    """Closed by then (in ms): 30 days of what may have followed are over."""
    return day_ends_utc(closed_day) - WITHIN_MS


def ripened(session: Session, site: str, closed_day: int) -> list[Row]:
    """The facts that have become ripe, as they are to be stored, each with what is stored now under `before`."""
    asked = {"site": site, "upto": ripe_until(closed_day)}
    return _decided(session.connection().execute(_NEW, asked).mappings())


def decided_again(session: Session, site: str, changed: Sequence[Row], closed_day: int) -> list[Row]:
    """Of the ripe facts before these, which came, went or became another's, those that are now decided otherwise."""
    upto = ripe_until(closed_day)
    found: dict[str, Row] = {}
    for row in changed:
        since = row["at"] - WITHIN_MS
        if row["key"] != NO_KEY and since <= upto:
            asked = {"site": site, "key": row["key"], "at": row["at"], "since": since, "upto": upto}
            found |= {r["complaint"]: r for r in _decided(session.connection().execute(_BEFORE, asked).mappings())}
    return list(found.values())


def _decided(rows: Iterable[RowMapping]) -> list[Row]:
    decided = []
    for stored in rows:
        before = dict(stored)
        followed = int(bool(before.pop("followed")))
        if (before["ripe"], before["recurred"]) != (1, followed):
            decided.append({**before, "ripe": 1, "recurred": followed, "before": before})
    return decided
