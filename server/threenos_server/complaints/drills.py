"""Drills of a line, and the units that an MES counted: what else is journalled about a line or a process over HTTP."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Actor, Role
from threenos_server.chain.service import current
from threenos_server.complaints import load
from threenos_server.complaints.decide.lines import drill
from threenos_server.complaints.tables import PeriodCount
from threenos_server.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry
from threenos_wire.instants import format_instant

MAY_DRILL = frozenset({Role.SUPERVISOR})
MAY_COUNT = frozenset({Role.SUPERVISOR, Role.PROCESS_OWNER, Role.QUALITY_ENGINEER})


class Drill(msgspec.Struct, frozen=True):
    """A line on which a drill is armed."""

    line: str


class Counted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units that a process handed on in a period, which begins at `since` and ends before `until`."""

    process: str
    since: datetime
    until: datetime
    units: float


def drills(session: Session, site: str) -> list[Drill]:
    """The lines of a site on which a drill is armed."""
    return [Drill(line) for line, now in sorted(load.lines(session, site).items()) if now.drill]


def arm_drill(session: Session, site: str, line: str, actor: Actor, now: datetime) -> None:
    """From now on presses that say they are a drill count as one. Raises NotFound, Forbidden, Conflict."""
    _set_drill(session, site, line, actor, now, armed=True)


def end_drill(session: Session, site: str, line: str, actor: Actor, now: datetime) -> None:
    """From now on every press is real. Raises NotFound, Forbidden, Conflict."""
    _set_drill(session, site, line, actor, now, armed=False)


def record_count(session: Session, site: str, counted: Counted, actor: Actor, now: datetime) -> None:
    """What an MES counted. The same process and period again replaces what was said, and the same again is nothing new.

    Raises Invalid and Forbidden.
    """
    journal.lock(session, site)
    processes = current(session, site).processes
    _check_count(processes, counted)
    if not actor.may(MAY_COUNT, site=site, line=processes[counted.process].line, processes=(counted.process,)):
        raise Forbidden(f"none of your roles may count for {counted.process!r}")
    before = session.execute(
        sa.select(PeriodCount.units, PeriodCount.until).where(
            PeriodCount.site == site, PeriodCount.process == counted.process, PeriodCount.since == counted.since
        )
    ).one_or_none()
    if before is not None and (before.units, before.until) == (counted.units, counted.until):
        return
    said: dict[str, Any] = {
        "process": counted.process,
        "station": None,
        "units": (round(counted.units * 1000) - round((before.units if before else 0.0) * 1000)) / 1000,
        "from": format_instant(counted.since),
        "to": format_instant(counted.until),
        "total": counted.units,
    }
    entry = Entry("count", {"command": {"name": "count"}, "then": {"counts": [said]}}, now, actor=actor.pseudonym)
    journal.append(session, site, [entry], now)


def _check_count(processes: Any, counted: Counted) -> None:
    if counted.process not in processes:
        raise Invalid(f"there is no process {counted.process!r}", Fault("/process", "not in the chain"))
    if counted.since.tzinfo is None or counted.until.tzinfo is None:
        raise Invalid("an instant has an offset", Fault("/since", "write it as UTC with a Z"))
    if counted.since >= counted.until:
        raise Invalid("a period ends after it begins", Fault("/until", "not after `since`"))
    if not 0 <= counted.units <= 1e9:
        raise Invalid("units are 0 to 1e9", Fault("/units", "out of range"))


def _set_drill(session: Session, site: str, line: str, actor: Actor, now: datetime, *, armed: bool) -> None:
    journal.lock(session, site)
    if line not in current(session, site).lines:
        raise NotFound(f"there is no line {line!r}")
    if not actor.may(MAY_DRILL, site=site, line=line):
        raise Forbidden(f"a supervisor of line {line!r} arms and ends its drills")
    present = load.lines(session, site).get(line)
    if (present is not None and present.drill) is armed:
        raise Conflict(f"a drill of line {line!r} is {'armed already' if armed else 'not armed'}")
    decision = drill(line, armed=armed)
    body = {"command": {"name": decision.kind, "line": line}, "then": dict(decision.then)}
    journal.append(session, site, [Entry(decision.kind, body, now, line=line, actor=actor.pseudonym)], now)
