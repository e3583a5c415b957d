"""Actions and 8D over HTTP."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from threenos_server.access import EVERYBODY
from threenos_server.api import Answer, Call, Routes, may_read
from threenos_server.reports import actions_service as service
from threenos_server.reports.actions import Action, ActionPatch, ActionState, NewAction, Verification
from threenos_server.reports.eight_d import Effect, EightD, NewEightD, Sections, missing

ROUTES = Routes("actions")


class AskedActions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which actions."""

    state: list[ActionState] = []
    complaint: str | None = None
    eight_d: str | None = None


class AskedEightD(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which 8Ds; `complaint` is the first that one is about."""

    state: list[Literal["open", "closed"]] = []
    complaint: str | None = None


class WholeEightD(msgspec.Struct, frozen=True):
    """An 8D with its actions, and what keeps it from closing, as pointers."""

    eight_d: EightD
    actions: list[Action]
    missing: list[str]


@ROUTES.route(
    "GET", "/actions", summary="Actions, the next due first", allow=EVERYBODY, query=AskedActions, answer=list[Action]
)
def actions(call: Call) -> list[Action]:
    may_read(call.actor, call.site)
    asked: AskedActions = call.query
    with call.db.read() as session:
        found = service.listed_actions(
            session, call.site, state=asked.state, complaint=asked.complaint, eight_d=asked.eight_d
        )
    return [service.shown(call.actor, call.site, a) for a in found]


@ROUTES.route(
    "POST", "/actions", summary="Begin an action", allow=service.MAY_ACT, body=NewAction, answer=Action, status=201
)
def begin(call: Call) -> Answer:
    with call.db.write() as session:
        found = service.open_action(session, call.site, call.body, call.actor, call.now)
    return _answer(call, found, 201)


@ROUTES.route("GET", "/actions/{id}", summary="One action", allow=EVERYBODY, answer=Action)
def action(call: Call) -> Answer:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        return _answer(call, service.one_action(session, call.site, call.path["id"]))


@ROUTES.route(
    "PATCH", "/actions/{id}", summary="Change an action", allow=service.MAY_ACT, body=ActionPatch, answer=Action
)
def change(call: Call) -> Answer:
    return _change(call, service.change_action)


@ROUTES.route(
    "POST", "/actions/{id}/verify", summary="Say whether an action worked; never its owner", allow=service.MAY_VERIFY,
    body=Verification, answer=Action,
)  # fmt: skip
def verify(call: Call) -> Answer:
    return _change(call, service.verify_action)


@ROUTES.route(
    "GET", "/eight-d", summary="8Ds, the newest first", allow=EVERYBODY, query=AskedEightD, answer=list[EightD]
)
def eights(call: Call) -> list[EightD]:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        found = service.listed_eight_d(session, call.site, state=call.query.state, complaint=call.query.complaint)
    return [service.shown(call.actor, call.site, e) for e in found]


@ROUTES.route(
    "POST", "/eight-d", summary="Begin an 8D for a complaint or a cluster", allow=service.MAY_ACT, body=NewEightD,
    answer=EightD, status=201,
)  # fmt: skip
def begin_eight(call: Call) -> Answer:
    with call.db.write() as session:
        found = service.open_eight_d(session, call.site, call.body, call.actor, call.now)
    return _answer(call, found, 201)


@ROUTES.route(
    "GET", "/eight-d/{id}", summary="One 8D, its actions, and what keeps it from closing", allow=EVERYBODY,
    answer=WholeEightD,
)  # fmt: skip
def eight(call: Call) -> Answer:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        found = service.one_eight_d(session, call.site, call.path["id"])
        acts = service.listed_actions(session, call.site, eight_d=found.id)
    kept = [service.shown(call.actor, call.site, a) for a in acts]
    whole = WholeEightD(service.shown(call.actor, call.site, found), kept, missing(found, acts))
    return Answer(whole, version=found.version)


@ROUTES.route(
    "PATCH", "/eight-d/{id}", summary="Write sections of an 8D", allow=service.MAY_ACT, body=Sections, answer=EightD
)
def change_eight(call: Call) -> Answer:
    return _change(call, service.change_eight_d)


@ROUTES.route(
    "POST", "/eight-d/{id}/verify", summary="Say what was measured after it; never who opened it",
    allow=service.MAY_VERIFY, body=Effect, answer=EightD,
)  # fmt: skip
def verify_eight(call: Call) -> Answer:
    return _change(call, service.verify_eight_d)


@ROUTES.route(
    "POST", "/eight-d/{id}/close", summary="Close an 8D whose causes, actions and effect are verified",
    allow=service.MAY_CLOSE, answer=EightD,
)  # fmt: skip
def close_eight(call: Call) -> Answer:
    with call.db.write() as session:
        found = service.close_eight_d(session, call.site, call.path["id"], call.actor, call.version, call.now)
    return _answer(call, found)


def _change(call: Call, give: Callable[..., Any]) -> Answer:
    with call.db.write() as session:
        found = give(session, call.site, call.path["id"], call.body, call.actor, call.version, call.now)
    return _answer(call, found)


def _answer(call: Call, found: Any, status: int = 200) -> Answer:
    return Answer(service.shown(call.actor, call.site, found), status, found.version)
