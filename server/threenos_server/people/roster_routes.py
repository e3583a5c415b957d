"""Rosters over HTTP. An administrator writes all of them, a supervisor those of the own lines."""

from threenos_server.access import EVERYBODY, Role
from threenos_server.api import Call, Routes
from threenos_server.errors import Forbidden
from threenos_server.people import rosters, service
from threenos_server.people.model import Duty, Person, may_see
from threenos_server.people.views import DutyView, NewDuty, OnDutyQuery, PersonView, RosterQuery

ROUTES = Routes("rosters")
WRITERS = frozenset({Role.ADMIN, Role.SUPERVISOR})


@ROUTES.route(
    "GET", "/rosters", summary="Who holds which role where and when", allow=EVERYBODY - {Role.WORKER},
    query=RosterQuery, answer=list[DutyView],
)  # fmt: skip
def duties(call: Call) -> list[DutyView]:
    with call.db.read() as session:
        people = {p.id: p for p in service.every(session)}
        return [_view(call, d, people) for d in rosters.every(session, call.site, call.query.on)]


@ROUTES.route(
    "GET", "/rosters/now", summary="Who is on duty there now", allow=EVERYBODY - {Role.WORKER},
    query=OnDutyQuery, answer=list[PersonView],
)  # fmt: skip
def on_duty(call: Call) -> list[PersonView]:
    q = call.query
    with call.db.read() as session:
        found = rosters.on_roster(session, call.site, q.role, q.line, q.process, call.now)
    return [PersonView.of(p, with_addresses=False) for p in found if may_see(call.actor, call.site, p)]


@ROUTES.route(
    "POST", "/rosters", summary="Put somebody on the roster", allow=WRITERS, body=NewDuty, answer=DutyView, status=201
)
def add(call: Call) -> DutyView:
    return _put(call, call.body.duty())


@ROUTES.route("PUT", "/rosters/{duty}", summary="Change a duty", allow=WRITERS, body=NewDuty, answer=DutyView)
def change(call: Call) -> DutyView:
    with call.db.read() as session:
        _check(call, rosters.get(session, call.site, call.path["duty"]))
    return _put(call, call.body.duty(call.path["duty"]))


@ROUTES.route("DELETE", "/rosters/{duty}", summary="Take a duty off the roster", allow=WRITERS)
def remove(call: Call) -> None:
    with call.db.write() as session:
        _check(call, rosters.get(session, call.site, call.path["duty"]))
        rosters.remove(session, call.site, call.path["duty"])


def _put(call: Call, duty: Duty) -> DutyView:
    _check(call, duty)
    with call.db.write() as session:
        kept = rosters.put(session, call.site, duty)
        return _view(call, kept, {p.id: p for p in service.every(session)})


def _check(call: Call, duty: Duty) -> None:
    """A duty without a line is about all lines, so it needs a role that is not limited to one; likewise a process."""
    for g in call.actor.grants:
        wide_enough = g.line in (None, duty.line) and g.process in (None, duty.process)
        if g.role in WRITERS and g.site in (None, call.site) and wide_enough:
            return
    raise Forbidden("your role does not reach that line")


def _view(call: Call, duty: Duty, people: dict[str, Person]) -> DutyView:
    def name(person: str | None) -> str | None:
        known = people.get(person or "")
        return known.name if known and may_see(call.actor, call.site, known) else None

    return DutyView(
        duty.id, duty.person, name(duty.person), duty.role, duty.line, duty.process, duty.shift, duty.from_on,
        duty.to_on, duty.stands_in_for, name(duty.stands_in_for),
    )  # fmt: skip
