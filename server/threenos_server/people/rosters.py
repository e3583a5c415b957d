"""Rosters: who holds a role at a place in a shift, with substitutes."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Role
from threenos_server.chain import service as chain_service
from threenos_server.chain.calendar import shift_at
from threenos_server.errors import Fault, Invalid, NotFound
from threenos_server.people import rows
from threenos_server.people.model import Duty, Person, on_duty, was_granted
from threenos_server.people.tables import PersonGrant, PersonRow, RosterRow
from threenos_wire.ids import new_id


class AtWork:
    """Who is on duty at a site at one instant. What concerns a role is read when it is first asked for, and once."""

    def __init__(self, session: Session, site: str, at: datetime) -> None:
        chain = chain_service.current(session, site)
        worked = shift_at(at, chain.calendar, chain.tz)
        self._session, self._site = session, site
        self._on = worked.date if worked else at.astimezone(chain.tz).date()
        self._shift = worked.shift.id if worked else None
        self._of_role: dict[Role | None, tuple[list[Duty], dict[str, Person]]] = {}

    def holding(self, role: Role | None, line: str | None, process: str | None) -> list[Person]:
        """The active persons who hold the role at that line or process, substitutes in place of the absent.

        `role` None: everybody on duty at that process, as a call of a function asks. Between shifts only duties without
        a shift count. Where no roster was ever made for that role and place, whoever was granted the role there is
        meant, so that a plant without rosters is told all the same. Empty when nobody is; the caller then goes to the
        next level.
        """
        if role not in self._of_role:
            self._of_role[role] = self._read(role)
        planned, active = self._of_role[role]
        if not any(d.plans(role, line, process) for d in planned):
            return [p for p in active.values() if was_granted(p, role, self._site, line, process)]
        duties = [d for d in planned if d.person in active]
        found = on_duty(duties, role, line, process, self._on, self._shift)
        return [active[person] for person in found if person in active]

    def _read(self, role: Role | None) -> tuple[list[Duty], dict[str, Person]]:
        """The duties of that role (None: all), and the active persons who have it by a duty or by right."""
        asked = {"site": self._site, "role": role and role.value}
        connection = self._session.connection()
        planned = [_duty(r) for r in connection.execute(_PLANNED if role else _PLANNED_AT_ALL, asked)]
        named = None
        if role is not None:
            named = {*connection.scalars(_GRANTED, asked), *(d.person for d in planned)}
        return planned, {p.id: p for p in rows.every(self._session, named) if p.active}


def on_roster(
    session: Session, site: str, role: Role | None, line: str | None, process: str | None, at: datetime
) -> list[Person]:
    """Those who hold one role at one place at that instant."""
    return AtWork(session, site, at).holding(role, line, process)


def every(session: Session, site: str, on: date | None = None) -> list[Duty]:
    """The site's duties, or those that run on a local date."""
    query = sa.select(RosterRow).where(RosterRow.site == site).order_by(RosterRow.from_on, RosterRow.id)
    if on is not None:
        query = query.where(RosterRow.from_on <= on, sa.or_(RosterRow.to_on.is_(None), RosterRow.to_on >= on))
    return [_duty(row) for row in session.scalars(query)]


def get(session: Session, site: str, duty: str) -> Duty:
    """That duty. Raises NotFound."""
    return _duty(_row(session, site, duty))


def put(session: Session, site: str, duty: Duty) -> Duty:
    """Write a duty; one with an empty id is new. Raises Invalid when it names what the chain does not have."""
    _check(session, site, duty)
    if duty.id:
        row = _row(session, site, duty.id)
    else:
        row = RosterRow(id=new_id(), site=site)
        session.add(row)
    for field in ("person", "line", "process", "shift", "from_on", "to_on", "stands_in_for"):
        setattr(row, field, getattr(duty, field))
    row.role = duty.role.value
    session.flush()
    return _duty(row)


def remove(session: Session, site: str, duty: str) -> None:
    """Take a duty off the roster. Raises NotFound."""
    session.delete(_row(session, site, duty))
    session.flush()


def _row(session: Session, site: str, duty: str) -> RosterRow:
    row = session.get(RosterRow, duty)
    if row is None or row.site != site:
        raise NotFound(f"there is no duty {duty!r}")
    return row


def _check(session: Session, site: str, duty: Duty) -> None:
    """Names what is wrong with a duty, all of it at once."""
    chain = chain_service.current(session, site)
    shifts = {s.id for s in chain.calendar.shifts}
    people = set(session.scalars(sa.select(PersonRow.id)))
    faults = [
        Fault(f"/{field}", f"there is no {field.replace('_', ' ')} {value!r}")
        for field, value, known in (
            ("person", duty.person, people),
            ("stands_in_for", duty.stands_in_for, people),
            ("line", duty.line, chain.lines),
            ("process", duty.process, chain.processes),
            ("shift", duty.shift, shifts),
        )
        if value is not None and value not in known
    ]
    if duty.to_on is not None and duty.to_on < duty.from_on:
        faults.append(Fault("/to_on", "it ends before it begins"))
    if duty.stands_in_for == duty.person:
        faults.append(Fault("/stands_in_for", "nobody stands in for themselves"))
    if faults:
        raise Invalid("this duty cannot be", *faults)


def _duty(row: Any) -> Duty:
    return Duty(
        row.id, row.person, Role(row.role), row.line, row.process, row.shift, row.from_on, row.to_on, row.stands_in_for
    )


_duty_columns = RosterRow.__table__.c
#: Built once: this is asked within the transaction of every press that opens a complaint.
_PLANNED_AT_ALL = sa.select(*_duty_columns).where(RosterRow.site == sa.bindparam("site")).order_by(RosterRow.id)
_PLANNED = _PLANNED_AT_ALL.where(RosterRow.role == sa.bindparam("role"))
_GRANTED = sa.select(PersonGrant.person).where(PersonGrant.role == sa.bindparam("role"))
