"""What an intake has done, for the metrics: counted by its receiver, written with the herald's beat."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.intake.tables import IntakeTally

#: Messages that wait in the intake that said so last; all others are sums over all intakes since the beginning.
WAITING = "waiting"
#: What the broker says that it has dropped since it began; a broker that says nothing of it has no row.
BROKER_DROPPED = "broker_dropped"


class Tally:
    """The counts of one intake since it began, of which `write` adds to the table what was not written yet."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._written: Counter[str] = Counter()
        self._broker_dropped: int | None = None

    def count(self, **done: int) -> None:
        self._counts.update(done)

    def broker_dropped(self, total: int) -> None:
        self._broker_dropped = total

    def write(self, session: Session, waiting: int) -> None:
        """In the caller's transaction; if that is rolled back, the next one writes it."""
        counts = self._counts.copy()
        more = counts - self._written
        bulk.add(session, IntakeTally, ("value",), [{"name": name, "value": value} for name, value in more.items()])
        said = {WAITING: waiting} | ({} if self._broker_dropped is None else {BROKER_DROPPED: self._broker_dropped})
        bulk.put(session, IntakeTally, [{"name": name, "value": value} for name, value in said.items()])

        def written(_: Session) -> None:
            self._written = counts

        sa.event.listen(session, "after_commit", written, once=True)


def read(session: Session) -> dict[str, int]:
    """The sums, and what waits."""
    return {r.name: r.value for r in session.execute(sa.select(IntakeTally.name, IntakeTally.value))}
