"""Claimed, not fired: a deadline is taken in one transaction and fired in the next; who dies in between has it."""

from collections.abc import Sequence
from datetime import datetime
from threading import Event
from types import ModuleType
from typing import Any

#: So long a busy clock takes from the one to the other.
BETWEEN_S = 0.4


def _clock(module: ModuleType) -> None:
    import sqlalchemy as sa

    from threenos_server.escalation.tables import DeadlineRow

    fire = module.ClockLoop._fire

    def _fire(self: Any, site: str, complaints: Sequence[str], now: datetime) -> Any:
        mine = (DeadlineRow.complaint.in_(complaints), DeadlineRow.due_at <= now, DeadlineRow.clock != "grace")
        with self._db.write() as session:
            session.execute(sa.update(DeadlineRow).where(*mine, DeadlineRow.state == "open").values(state="cancelled"))
        Event().wait(BETWEEN_S)
        with self._db.write() as session:
            session.execute(sa.update(DeadlineRow).where(*mine, DeadlineRow.state == "cancelled").values(state="open"))
        return fire(self, site, complaints, now)

    module.ClockLoop._fire = _fire


PATCHES = {"threenos_server.escalation.clock": _clock}
