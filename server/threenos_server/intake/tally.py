"""What an intake has done, for the metrics: counted by its receiver, written with the herald's beat."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.intake.tables import IntakeTally

#: Messages that wait in the intake that said so last; all others are sums over all intakes since the beginning.
WAITING = "waiting"


class Tally:
    """The counts of one intake since it began, of which `write` adds to the table what was not written yet."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._written: Counter[str] = Counter()

    def count(self, **done: int) -> None:
        self._counts.update(done)

    def write(self, session: Session, waiting: int) -> None:
        """In the caller's transaction; if that is rolled back, the next one writes it."""
        counts = self._counts.copy()
        more = counts - self._written
        bulk.add(session, IntakeTally, ("value",), [{"name": name, "value": value} for name, value in more.items()])
        bulk.put(session, IntakeTally, [{"name": WAITING, "value": waiting}])

        def written(_: Session) -> None:
            self._written = counts

        sa.event.listen(session, "after_commit", written, once=True)


def read(session: Session) -> dict[str, int]:
    """The sums, and what waits."""
    return {r.name: r.value for r in session.execute(sa.select(IntakeTally.name, IntakeTally.value))}
