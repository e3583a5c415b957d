"""Commands over HTTP: one transaction each, under the site's lock, judged against the version that the person saw."""

import hmac
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from threenos_server.access import Actor, Role, arrival_code
from threenos_server.api import Keys
from threenos_server.chain.service import current
from threenos_server.complaints import load
from threenos_server.complaints.bodies import Arrive, Body, Merge, Override, Release, kept
from threenos_server.complaints.decide.decision import By, Decision
from threenos_server.complaints.decide.desk import give
from threenos_server.complaints.decide.lines import override as decide_override
from threenos_server.complaints.decide.lines import release as decide_release
from threenos_server.complaints.decide.station import Verdict
from threenos_server.complaints.life import Command, Refused
from threenos_server.complaints.model import Complaint, document
from threenos_server.complaints.rights import proven_roles, role_for
from threenos_server.complaints.view import Plant
from threenos_server.errors import Conflict, Forbidden, NotFound
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry
from threenos_server.people import limits


def command(
    session: Session,
    site: str,
    complaint_id: str,
    command: Command,
    body: Body,
    actor: Actor,
    seen_version: int | None,
    now: datetime,
    keys: Keys,
) -> Complaint:
    """Give one command of the life of a complaint; the complaint as it stands after it.

    Raises NotFound, Forbidden, TooMany after too many wrong codes, and Conflict with the complaint as it stands: when
    the version that was seen is stale, and when the command is refused, which is journalled and committed before.
    """
    named = [complaint_id, body.into] if isinstance(body, Merge) else [complaint_id]
    plant, complaint = _open(session, site, named)
    made_at = plant.chain.processes.get(complaint.made_at or "")
    role = _role(actor, site, command, complaint, made_at.line if made_at else None)
    _check_version(complaint, seen_version)
    if isinstance(body, Arrive):
        _check_code(session, body.code, complaint, actor, now, keys)

    def decide() -> Verdict:
        return give(plant, complaint, command, body, By(role, now))

    return _settle(session, site, plant, complaint, command, body, actor, role, now, decide)


def override(
    session: Session,
    site: str,
    line: str,
    body: Override,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Complaint:
    """During the grace: the line runs on. Raises as `command` does."""
    plant, complaint = _open(session, site, [body.complaint])
    role = _on_line(actor, site, line, Command.OVERRIDE, complaint)
    _check_version(complaint, seen_version)

    def decide() -> Verdict:
        return decide_override(plant, complaint, By(role, now))

    return _settle(session, site, plant, complaint, Command.OVERRIDE, body, actor, role, now, decide)


def release(
    session: Session,
    site: str,
    line: str,
    body: Release,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Complaint:
    """The line may run again, as far as this complaint goes. Raises as `command` does."""
    plant, complaint = _open(session, site, [body.complaint])
    role = _on_line(actor, site, line, Command.RELEASE, complaint)
    _check_version(complaint, seen_version)

    def decide() -> Verdict:
        roles = proven_roles(actor, site, complaint.line, complaint.customer)
        return decide_release(plant, complaint, roles, now)

    return _settle(session, site, plant, complaint, Command.RELEASE, body, actor, role, now, decide)


def _open(session: Session, site: str, named: list[str]) -> tuple[Plant, Complaint]:
    """The plant as far as a command can touch it, and the complaint that is named first: a merged one as it stands."""
    journal.lock(session, site)
    plant = Plant(current(session, site))
    load.add_stops(session, site, plant)
    load.add_named(session, site, plant, named)
    press = plant.presses.get(named[0])
    complaint = plant.complaints.get(press.complaint if press else named[0])
    if complaint is None:
        raise NotFound(f"there is no complaint {named[0]!r}")
    return plant, complaint


def _role(actor: Actor, site: str, command: Command, complaint: Complaint, made_on: str | None = None) -> Role:
    role = role_for(actor, site, command, complaint, made_on)
    if role is None:
        raise Forbidden(f"none of your roles may {command} this complaint")
    return role


def _on_line(actor: Actor, site: str, line: str, command: Command, complaint: Complaint) -> Role:
    if complaint.line != line:
        raise NotFound(f"complaint {complaint.id!r} is not of line {line!r}")
    return _role(actor, site, command, complaint)


def _check_version(complaint: Complaint, seen: int | None) -> None:
    if seen is not None and seen != complaint.version:
        detail = f"somebody was faster: you saw version {seen}, it is at {complaint.version} now"
        raise Conflict(detail, document(complaint))


def _check_code(session: Session, code: str, complaint: Complaint, actor: Actor, now: datetime, keys: Keys) -> None:
    """Three digits are soon guessed by who may try them all: wrong ones are counted, each person's for herself."""
    who = f"{actor.pseudonym}/{complaint.id}"
    right = hmac.compare_digest(code, arrival_code(keys.arrival, complaint.id))
    if right and not limits.exhausted(session, limits.ARRIVAL_CODE, who, now):
        return
    limits.spend(session, limits.ARRIVAL_CODE, who, now)
    # Raising would take the count back with the caller's transaction.
    session.commit()
    raise Forbidden("that is not the code that the station shows")


def _settle(
    session: Session,
    site: str,
    plant: Plant,
    complaint: Complaint,
    command: Command,
    body: Body,
    actor: Actor,
    role: Role,
    now: datetime,
    decide: Callable[[], Verdict],
) -> Complaint:
    """Journal the decision, or the refusal."""
    said = {"command": {"name": str(command), **kept(body)}, "role": str(role)}

    def entry(kind: str, about: Complaint, extra: dict[str, object]) -> Entry:
        return Entry(kind, {**said, **extra}, now, about.line, about.station, about.id, actor.pseudonym)

    verdict = decide()
    with load.already_read(session, plant.stored):
        if isinstance(verdict, Refused):
            why: dict[str, object] = {"reason": str(verdict.reason), "detail": verdict.detail, "then": {}}
            journal.append(session, site, [entry("refused", complaint, why)], now)
            # Raising would roll it back with the caller's transaction, and a refusal is to be seen.
            session.commit()
            raise Conflict(verdict.detail, document(complaint))
        rows = [entry(d.kind, plant.complaints[str(d.complaint)], {"then": d.then}) for d in _rows(verdict)]
        journal.append(session, site, rows, now)
    for decision in _rows(verdict):
        plant.merge(decision.then)
    return plant.complaints[complaint.id]


def _rows(decision: Decision) -> tuple[Decision, ...]:
    return decision, *decision.also
