"""Complaints over HTTP."""

from collections.abc import Callable
from typing import Any

import msgspec

from threenos_server.access import EVERYBODY, Role
from threenos_server.api import Answer, Call, Routes, may_read
from threenos_server.complaints import drills, giving
from threenos_server.complaints.bodies import BODIES, Body, Override, Release
from threenos_server.complaints.idempotency import answered, digest_of, remember
from threenos_server.complaints.life import Command
from threenos_server.complaints.model import Complaint, document
from threenos_server.complaints.queries import Filter, Page, listed, whole
from threenos_server.complaints.rights import ROLES
from threenos_server.errors import Fault, Invalid
from threenos_server.journal import service as journal

ROUTES = Routes("complaints")
_READERS = EVERYBODY


class Arm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line on which a drill is armed."""

    line: str


@ROUTES.route("GET", "/complaints", summary="Complaints, newest first", allow=_READERS, query=Filter, answer=Page)
def complaints(call: Call) -> Page:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        return listed(session, call.site, call.query)


@ROUTES.route(
    "GET", "/complaints/{id}", summary="One complaint with its whole history", allow=_READERS, answer=dict[str, Any]
)
def complaint(call: Call) -> Answer:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        found = whole(session, call.site, call.path["id"], call.actor)
    return Answer(found, version=found["version"])


def _command(command: Command) -> Callable[[Call], Answer]:
    def handler(call: Call) -> Answer:
        if call.version is None and command is not Command.COMMENT:
            raise Invalid("say which version you saw", Fault("If-Match", "the ETag of the complaint is missing"))
        return _once(
            call,
            str(command),
            lambda session: giving.command(
                session, call.site, call.path["id"], command, call.body, call.actor, call.version, call.now, call.keys
            ),
        )

    return handler


def _declare(command: Command, body: type[Body]) -> None:
    # A call is taken by anybody of the function that was called: the handler looks at the complaint.
    served = command in (Command.ACKNOWLEDGE, Command.ARRIVE)
    allow = EVERYBODY - {Role.ADMIN, Role.AUDITOR} if served else frozenset(ROLES[command])
    summary = (body.__doc__ or "").splitlines()[0] if command is not Command.REOPEN else "Closed too early."
    ROUTES.route("POST", f"/complaints/{{id}}/{command}", summary=summary, allow=allow, body=body, answer=Complaint)(
        _command(command)
    )


for _name, _body in BODIES.items():
    _declare(_name, _body)


@ROUTES.route(
    "POST", "/lines/{line}/override", summary="During the grace the line runs on",
    allow=ROLES[Command.OVERRIDE], body=Override, answer=Complaint,
)  # fmt: skip
def override(call: Call) -> Answer:
    line = call.path["line"]
    return _once(
        call, "override", lambda s: giving.override(s, call.site, line, call.body, call.actor, call.now, call.version)
    )


@ROUTES.route(
    "POST", "/lines/{line}/release", summary="The line runs again, as far as this complaint goes",
    allow=ROLES[Command.RELEASE], body=Release, answer=Complaint,
)  # fmt: skip
def release(call: Call) -> Answer:
    line = call.path["line"]
    return _once(
        call, "release", lambda s: giving.release(s, call.site, line, call.body, call.actor, call.now, call.version)
    )


@ROUTES.route(
    "GET", "/drills", summary="The lines on which a drill is armed", allow=_READERS, answer=list[drills.Drill]
)
def armed(call: Call) -> list[drills.Drill]:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        return drills.drills(session, call.site)


@ROUTES.route(
    "POST", "/drills", summary="Arm a drill", allow=drills.MAY_DRILL, body=Arm, answer=drills.Drill, status=201
)
def arm(call: Call) -> drills.Drill:
    with call.db.write() as session:
        drills.arm_drill(session, call.site, call.body.line, call.actor, call.now)
    return drills.Drill(call.body.line)


@ROUTES.route("DELETE", "/drills/{line}", summary="End a drill", allow=drills.MAY_DRILL, status=204)
def end(call: Call) -> None:
    with call.db.write() as session:
        drills.end_drill(session, call.site, call.path["line"], call.actor, call.now)


@ROUTES.route(
    "POST", "/counts", summary="Units that a process handed on in a period", allow=drills.MAY_COUNT,
    body=drills.Counted, answer=drills.Counted,
)  # fmt: skip
def counts(call: Call) -> drills.Counted:
    counted: drills.Counted = call.body
    with call.db.write() as session:
        drills.record_count(session, call.site, counted, call.actor, call.now)
    return counted


def _once(call: Call, name: str, give: Callable[[Any], Complaint]) -> Answer:
    """Give a command; one with an Idempotency-Key is given once, however often it is sent."""
    key = call.idempotency_key
    digest = digest_of(name, dict(call.path), call.body)
    with call.db.write() as session:
        # Of two requests with one key at once the second must see what the first was answered.
        journal.lock(session, call.site)
        before = answered(session, call.site, call.actor, key, digest, call.now) if key else None
        if before is not None:
            return Answer(before, version=before["version"])
        done = document(give(session))
        if key:
            remember(session, call.site, call.actor, key, digest, done, call.now)
    return Answer(done, version=done["version"])
