"""Who may give which command over HTTP: roles at the place of the complaint. Admin has no power over one. Pure."""

from threenos_server.access import Actor, Role
from threenos_server.chain.model import UNCLASSIFIED
from threenos_server.complaints.decide.lines import MAY_RELEASE, MAY_RELEASE_CRITICAL
from threenos_server.complaints.life import TABLE, Command, ComplaintKind
from threenos_server.complaints.model import Complaint
from threenos_wire.events import Severity

_QUALITY = frozenset({Role.QUALITY_ENGINEER})
_OWNER = frozenset({Role.PROCESS_OWNER})
_CUSTOMER = frozenset({Role.WORKER, Role.TEAM_LEADER, Role.SUPERVISOR, Role.PROCESS_OWNER})
_VOICES = frozenset(Role) - {Role.ADMIN, Role.AUDITOR}

#: Roles by command, in the order in which one is named as the role that did it. A station's own events need none.
ROLES: dict[Command, tuple[Role, ...]] = {
    Command.ACKNOWLEDGE: (Role.TEAM_LEADER, Role.SUPERVISOR, Role.QUALITY_ENGINEER),
    Command.ARRIVE: (
        Role.TEAM_LEADER, Role.SUPERVISOR, Role.QUALITY_ENGINEER, Role.PROCESS_OWNER, Role.DIRECTOR,
    ),
    Command.CONTAIN: (Role.TEAM_LEADER, Role.SUPERVISOR, Role.QUALITY_ENGINEER),
    Command.DISPOSE: (Role.QUALITY_ENGINEER, Role.SUPERVISOR),
    Command.ANSWER: (Role.PROCESS_OWNER, Role.QUALITY_ENGINEER),
    Command.ACCEPT: (Role.WORKER, Role.TEAM_LEADER, Role.SUPERVISOR, Role.PROCESS_OWNER, Role.QUALITY_ENGINEER),
    Command.DECLINE: (Role.WORKER, Role.TEAM_LEADER, Role.SUPERVISOR, Role.PROCESS_OWNER, Role.QUALITY_ENGINEER),
    Command.REOPEN: (Role.QUALITY_ENGINEER,),
    Command.WITHDRAW: (Role.SUPERVISOR,),
    Command.DISPUTE: (Role.PROCESS_OWNER,),
    Command.RULE: (Role.QUALITY_ENGINEER,),
    Command.MERGE: (Role.QUALITY_ENGINEER,),
    Command.COMMENT: tuple(r for r in Role if r in _VOICES),
    Command.OVERRIDE: (Role.TEAM_LEADER, Role.SUPERVISOR),
    Command.RELEASE: (Role.TEAM_LEADER, Role.SUPERVISOR, Role.QUALITY_ENGINEER),
}  # fmt: skip


def role_for(
    actor: Actor, site: str, command: Command, complaint: Complaint, made_on: str | None = None
) -> Role | None:
    """The role by which the actor may give the command for this complaint, whatever its state; None when he may not.

    `made_on` is the line of made-at, where it has one: who answers for a line answers for no other.
    """
    roles = tuple(Role) if _is_served(command, complaint) else ROLES.get(command, ())
    return next((r for r in roles if _may(actor, site, command, complaint, r, made_on)), None)


def commands(actor: Actor, site: str, complaint: Complaint, made_on: str | None = None) -> list[Command]:
    """The commands that the actor may give now, in the order of the life of a complaint."""
    return [
        c
        for c in ROLES
        if (complaint.kind, complaint.state, c) in TABLE
        and _sensible(c, complaint)
        and role_for(actor, site, c, complaint, made_on) is not None
    ]


def proven_roles(actor: Actor | None, site: str, line: str, process: str) -> frozenset[Role]:
    """The roles of whoever showed a badge or PIN that reach this station."""
    if actor is None:
        return frozenset()
    return frozenset(g.role for g in actor.grants if g.covers(site, line, (process,)))


def _may(actor: Actor, site: str, command: Command, complaint: Complaint, role: Role, made_on: str | None) -> bool:
    if command in (Command.ANSWER, Command.DISPUTE):
        return _owns_it(actor, site, complaint, role, made_on)
    if command in (Command.ACCEPT, Command.DECLINE):
        return _is_customer(actor, site, complaint, role)
    if command is Command.RELEASE:
        needed = MAY_RELEASE_CRITICAL if complaint.severity == Severity.CRITICAL else MAY_RELEASE
        return role in needed and _is_at(actor, site, complaint, role)
    if _is_served(command, complaint) and _serves(actor, site, complaint, role):
        return True
    return role in ROLES[command] and _is_at(actor, site, complaint, role)


def _is_at(actor: Actor, site: str, complaint: Complaint, role: Role) -> bool:
    places = {complaint.customer, complaint.supplier, complaint.made_at or complaint.customer}
    return actor.may((role,), site=site, line=complaint.line, processes=places)


def _owns_it(actor: Actor, site: str, complaint: Complaint, role: Role, made_on: str | None) -> bool:
    """The owner of made-at; while nobody is charged, it is put to the quality engineer."""
    if complaint.made_at in (None, UNCLASSIFIED):
        return role in _QUALITY and actor.may((role,), site=site, line=complaint.line)
    return role in _OWNER and actor.may((role,), site=site, line=made_on, processes=(str(complaint.made_at),))


def _is_customer(actor: Actor, site: str, complaint: Complaint, role: Role) -> bool:
    """The customer process, never made-at; where both are one, a quality engineer."""
    if complaint.made_at == complaint.customer:
        return role in _QUALITY and actor.may((role,), site=site, line=complaint.line)
    if any(g.role in _OWNER and g.process == complaint.made_at and g.covers(site, None, ()) for g in actor.grants):
        return False
    return role in _CUSTOMER and actor.may((role,), site=site, line=complaint.line, processes=(complaint.customer,))


def _is_served(command: Command, complaint: Complaint) -> bool:
    """A call is taken by the function that was called."""
    return complaint.kind == ComplaintKind.CALL and command in (Command.ACKNOWLEDGE, Command.ARRIVE)


def _serves(actor: Actor, site: str, complaint: Complaint, role: Role) -> bool:
    own = complaint.made_at
    return role in _VOICES and any(
        g.role is role and g.process == own and g.covers(site, None, ()) for g in actor.grants
    )


def _sensible(command: Command, complaint: Complaint) -> bool:
    """What the table cannot see: the line's commands need a stop that they can end."""
    if command is Command.OVERRIDE:
        return complaint.stop is not None and complaint.stop["state"] == "pending"
    if command is Command.RELEASE:
        return complaint.stop is not None and complaint.stop["until"] is None
    return True
