"""People over HTTP: who there is, their roles, badges and PINs, and the look-up of who acted."""

import structlog

from threenos_server import access, addresses
from threenos_server.access import Grant, Role
from threenos_server.api import Answer, Call, Routes
from threenos_server.errors import Forbidden, NotFound
from threenos_server.people import badges, lookups, second_factors, service
from threenos_server.people.model import SEE_NAMES, Person, may_manage, may_see
from threenos_server.people.views import (
    BadgeView,
    FactorView,
    LookedUp,
    LookUp,
    NewBadge,
    NewPerson,
    PeoplePage,
    PeopleQuery,
    PersonPatch,
    PersonView,
    PinView,
)  # fmt: skip

ROUTES = Routes("people")
ADMIN = frozenset({Role.ADMIN})
SEE = SEE_NAMES | {Role.TEAM_LEADER}

log = structlog.get_logger("people")


@ROUTES.route(
    "GET", "/people", summary="The people whom one may know by name", allow=SEE, query=PeopleQuery, answer=PeoplePage,
    needs_site=False,
)  # fmt: skip
def people(call: Call) -> PeoplePage:
    q = call.query
    with call.db.read() as session:
        found = [p for p in service.every(session) if may_see(call.actor, call.site, p) and _fits(p, q, call.site)]
    page = found[q.cursor : q.cursor + q.limit]
    more = len(found) > q.cursor + q.limit
    return PeoplePage([_view(call, p) for p in page], q.cursor + q.limit if more else None)


@ROUTES.route("GET", "/people/{person}", summary="One person", allow=SEE, answer=PersonView, needs_site=False)
def one(call: Call) -> PersonView:
    with call.db.read() as session:
        person = service.get(session, call.path["person"])
    if not may_see(call.actor, call.site, person):
        raise NotFound(f"there is no person {person.id!r}")
    return _view(call, person)


@ROUTES.route(
    "POST", "/people", summary="Add a person", allow=ADMIN, body=NewPerson, answer=PersonView, status=201,
    needs_site=False,
)  # fmt: skip
def add(call: Call) -> PersonView:
    new: NewPerson = call.body
    grants = [r.grant() for r in new.roles]
    _check_hands_out(call, grants)
    addresses.check(new.addresses, call.hosts)
    with call.db.write() as session:
        person = service.add(
            session, new.name, call.now, grants=grants, password=new.password, first=True, language=new.language
        )  # fmt: skip
        service.set_addresses(session, person.id, new.addresses)
        return _view(call, service.get(session, person.id))


@ROUTES.route(
    "PATCH", "/people/{person}", summary="Change a person", allow=ADMIN, body=PersonPatch, answer=PersonView,
    needs_site=False,
)  # fmt: skip
def change(call: Call) -> PersonView:
    patch: PersonPatch = call.body
    grants = None if patch.roles is None else [r.grant() for r in patch.roles]
    addresses.check(patch.addresses or (), call.hosts)
    with call.db.write() as session:
        person = _managed(call, service.get(session, call.path["person"]))
        if _is_me(call, person) and (grants is not None or patch.active is not None):
            raise Forbidden("nobody changes the roles or the standing of their own account; ask another administrator")
        if _is_me(call, person) and patch.password is not None:
            raise Forbidden("nobody needs an administrator for their own password: PATCH /session, by the present one")
        if grants is not None:
            _check_hands_out(call, grants)
        service.change(
            session, person.id, name=patch.name, language=patch.language, active=patch.active, grants=grants
        )  # fmt: skip
        if patch.password is not None:
            service.set_password(session, person.id, patch.password, call.now, first=True)
        if patch.addresses is not None:
            service.set_addresses(session, person.id, patch.addresses)
        return _view(call, service.get(session, person.id))


@ROUTES.route(
    "DELETE", "/people/{person}/sessions", summary="Sign a person out everywhere", allow=ADMIN, needs_site=False
)
def sign_out(call: Call) -> None:
    with call.db.write() as session:
        service.sign_out_everywhere(session, _managed(call, service.get(session, call.path["person"])).id)


@ROUTES.route("DELETE", "/people/{person}", summary="Forget a person for good", allow=ADMIN, needs_site=False)
def forget(call: Call) -> None:
    with call.db.write() as session:
        person = _managed(call, service.get(session, call.path["person"]))
        if _is_me(call, person):
            raise Forbidden("nobody forgets themselves; ask another administrator")
        service.forget(session, person.id)


@ROUTES.route(
    "POST", "/people/{person}/badges", summary="Give a person a badge", allow=ADMIN, body=NewBadge, answer=BadgeView,
    status=201,
)  # fmt: skip
def give_badge(call: Call) -> BadgeView:
    with call.db.write() as session:
        person = _managed(call, service.get(session, call.path["person"]))
        key = call.keys.pseudonym
        return BadgeView(badges.give_badge(session, key, call.site, person.id, call.body.badge, call.now))


@ROUTES.route(
    "GET", "/people/{person}/badges", summary="A person's badges, by pseudonym", allow=ADMIN, answer=list[BadgeView]
)
def badges_of(call: Call) -> list[BadgeView]:
    with call.db.read() as session:
        person = _managed(call, service.get(session, call.path["person"]))
        return [BadgeView(p) for p in badges.badges_of(session, call.site, person.id)]


@ROUTES.route("DELETE", "/people/{person}/badges/{pseudonym}", summary="Void a badge", allow=ADMIN)
def revoke_badge(call: Call) -> None:
    with call.db.write() as session:
        person = _managed(call, service.get(session, call.path["person"]))
        badges.revoke_badge(session, call.site, person.id, call.path["pseudonym"], call.now)


@ROUTES.route(
    "POST", "/people/{person}/pin", summary="A new PIN, shown once", allow=ADMIN, answer=PinView, status=201,
    needs_site=False,
)  # fmt: skip
def give_pin(call: Call) -> PinView:
    with call.db.write() as session:
        person = _managed(call, service.get(session, call.path["person"]))
        return PinView(badges.give_pin(session, call.keys.pseudonym, person.id, call.now))


@ROUTES.route("DELETE", "/people/{person}/pin", summary="Take a person's PIN", allow=ADMIN, needs_site=False)
def take_pin(call: Call) -> None:
    with call.db.write() as session:
        badges.take_pin(session, _managed(call, service.get(session, call.path["person"])).id)


@ROUTES.route(
    "GET", "/people/{person}/second-factor", summary="Whether a person has a second factor", allow=ADMIN,
    answer=FactorView, needs_site=False,
)  # fmt: skip
def second_factor(call: Call) -> FactorView:
    with call.db.read() as session:
        person = _managed(call, service.get(session, call.path["person"]))
        return FactorView(second_factors.standing(session, person.id).since)


@ROUTES.route(
    "DELETE", "/people/{person}/second-factor", summary="Take the second factor of a person who lost the telephone",
    allow=ADMIN, needs_site=False,
)  # fmt: skip
def take_second_factor(call: Call) -> None:
    with call.db.write() as session:
        person = _managed(call, service.get(session, call.path["person"]))
        if _is_me(call, person):
            raise Forbidden("one's own is turned off by the present password: POST /session/second-factor/end")
        service.take_second_factor(session, person.id)
    log.info("second factor taken", person=person.id, actor=call.actor.pseudonym)


@ROUTES.route(
    "POST", "/people/lookups", summary="Who acted in a row of the journal; the question itself is journalled",
    allow=lookups.LOOK_UP | {Role.TEAM_LEADER}, body=LookUp, answer=LookedUp,
)  # fmt: skip
def look_up(call: Call) -> Answer:
    seq, reason = call.body.seq, call.body.reason
    name = lookups.look_up(call.db, call.keys.pseudonym, call.site, call.actor, seq, reason, call.now)
    return Answer(LookedUp(seq, name))


def _view(call: Call, person: Person) -> PersonView:
    return PersonView.of(person, with_addresses=may_manage(call.actor, person.grants))


def _fits(person: Person, query: PeopleQuery, site: str) -> bool:
    return (query.q is None or query.q.casefold() in person.name.casefold()) and (
        (query.role is None and query.line is None)
        or any(
            g.role == (query.role or g.role) and g.covers(site or None, query.line, ()) for g in person.grants
        )
    )  # fmt: skip


def _managed(call: Call, person: Person) -> Person:
    """The person, if the caller administers every place where that person has a role."""
    if not may_manage(call.actor, person.grants):
        raise Forbidden("this person also has roles where you are not the administrator")
    return person


def _check_hands_out(call: Call, grants: list[Grant]) -> None:
    if not may_manage(call.actor, grants):
        raise Forbidden("an administrator of one site gives roles at that site only")


def _is_me(call: Call, person: Person) -> bool:
    return access.pseudonym(call.keys.pseudonym, call.site, person.id) == call.actor.pseudonym
