"""The transactions of actions and 8D: each change is a journal row with the whole document, folded into its table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.access import Actor, Role
from threenos_server.complaints import load
from threenos_server.complaints.queries import MAY_LOOK_UP
from threenos_server.db import to_ms
from threenos_server.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry, Row
from threenos_server.reports import actions, eight_d
from threenos_server.reports.actions import Action, ActionPatch, NewAction, Verification
from threenos_server.reports.eight_d import Effect, EightD, NewEightD, Sections
from threenos_server.reports.tables import ActionRow, EightDRow
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant, parse_instant

MAY_ACT = frozenset({Role.TEAM_LEADER, Role.SUPERVISOR, Role.PROCESS_OWNER, Role.QUALITY_ENGINEER})
MAY_VERIFY = frozenset({Role.SUPERVISOR, Role.PROCESS_OWNER, Role.QUALITY_ENGINEER})
MAY_CLOSE = frozenset({Role.QUALITY_ENGINEER})
KINDS = ("action", "eight-d")
_D = TypeVar("_D", Action, EightD)
_encode = msgspec.json.Encoder(order="deterministic").encode


def fold(session: Session, rows: Sequence[Row]) -> None:
    """Keep what the rows say of actions and 8D, the last word of each."""
    acts: dict[str, Any] = {}
    eights: dict[str, Any] = {}
    for row in rows:
        if row.kind in KINDS:
            then = row.body["then"]
            acts |= {named: _action_row(row.site, doc) for named, doc in then.get("actions", {}).items()}
            eights |= {named: _eight_d_row(row.site, doc) for named, doc in then.get("eight_d", {}).items()}
    bulk.put(session, ActionRow, list(acts.values()))
    bulk.put(session, EightDRow, list(eights.values()))


def open_action(session: Session, site: str, said: NewAction, actor: Actor, now: datetime) -> Action:
    """Begin an action. Raises Forbidden and Invalid."""
    journal.lock(session, site)
    _allow(actor, site, MAY_ACT)
    if said.complaint is not None and load.one(session, site, said.complaint) is None:
        raise Invalid("there is no such complaint", Fault("/complaint", "unknown"))
    if said.eight_d is not None:
        _check_open(one_eight_d(session, site, said.eight_d))
    action = Action(
        id=new_id(), type=said.type, what=said.what, owner=said.owner, due_on=said.due_on.isoformat(),
        complaint=said.complaint, eight_d=said.eight_d, opened_at=format_instant(now), by=actor.pseudonym,
    )  # fmt: skip
    return _keep(session, site, "open", action, actor, now)


def change_action(
    session: Session, site: str, named: str, said: ActionPatch, actor: Actor, version: int | None, now: datetime
) -> Action:
    """Change an action. Raises NotFound, Forbidden, Conflict, Invalid."""
    found = _seen(session, site, one_action, named, actor, MAY_ACT, version)
    return _keep(
        session, site, "change", actions.changed(found, said, format_instant(now), actor.pseudonym), actor, now
    )


def verify_action(
    session: Session, site: str, named: str, said: Verification, actor: Actor, version: int | None, now: datetime
) -> Action:
    """Say whether it worked. Raises NotFound, Forbidden for its owner, Conflict, Invalid."""
    found = _seen(session, site, one_action, named, actor, MAY_VERIFY, version)
    done = actions.verified(found, said, format_instant(now), actor.pseudonym, actor.name)
    return _keep(session, site, "verify", done, actor, now)


def open_eight_d(session: Session, site: str, said: NewEightD, actor: Actor, now: datetime) -> EightD:
    """Begin an 8D. Raises Forbidden and Invalid."""
    journal.lock(session, site)
    _allow(actor, site, MAY_ACT)
    known = load.stored(session, site, said.complaints)
    unknown = [Fault(f"/complaints/{i}", "unknown") for i, c in enumerate(said.complaints) if c not in known]
    if unknown:
        raise Invalid("there is no such complaint", *unknown)
    opened = EightD(
        id=new_id(), title=said.title, complaints=list(dict.fromkeys(said.complaints)),
        opened_at=format_instant(now), by=actor.pseudonym,
    )  # fmt: skip
    return _keep(session, site, "open", opened, actor, now)


def change_eight_d(
    session: Session, site: str, named: str, said: Sections, actor: Actor, version: int | None, now: datetime
) -> EightD:
    """Write sections. Raises NotFound, Forbidden, Conflict, Invalid."""
    found = _seen(session, site, one_eight_d, named, actor, MAY_ACT, version)
    return _keep(session, site, "change", eight_d.changed(found, said), actor, now)


def verify_eight_d(
    session: Session, site: str, named: str, said: Effect, actor: Actor, version: int | None, now: datetime
) -> EightD:
    """Say what was measured. Raises NotFound, Forbidden, Conflict, Invalid."""
    found = _seen(session, site, one_eight_d, named, actor, MAY_VERIFY, version)
    done = eight_d.verified(found, said, now.date(), format_instant(now), actor.pseudonym)
    return _keep(session, site, "verify", done, actor, now)


def close_eight_d(session: Session, site: str, named: str, actor: Actor, version: int | None, now: datetime) -> EightD:
    """Close it. Raises NotFound, Forbidden, Conflict, Invalid with all that is missing."""
    found = _seen(session, site, one_eight_d, named, actor, MAY_CLOSE, version)
    acts = listed_actions(session, site, eight_d=named)
    return _keep(session, site, "close", eight_d.closed(found, acts, format_instant(now), actor.pseudonym), actor, now)


def one_action(session: Session, site: str, named: str) -> Action:
    """Raises NotFound."""
    return _one(session, site, ActionRow, Action, named)


def one_eight_d(session: Session, site: str, named: str) -> EightD:
    """Raises NotFound."""
    return _one(session, site, EightDRow, EightD, named)


def listed_actions(
    session: Session, site: str, *, state: Sequence[str] = (), complaint: str | None = None, eight_d: str | None = None
) -> list[Action]:
    """Actions, the one that is due next first; at most 500."""
    table = bulk.raw(ActionRow)
    query = sa.select(table.c.doc).where(table.c.site == site)
    if state:
        query = query.where(table.c.state.in_(state))
    for name, value in (("complaint", complaint), ("eight_d", eight_d)):
        if value is not None:
            query = query.where(table.c[name] == value)
    found = session.connection().execute(query.order_by(table.c.due_on, table.c.id).limit(500)).scalars()
    return [msgspec.json.decode(doc, type=Action) for doc in found]


def listed_eight_d(
    session: Session, site: str, *, state: Sequence[str] = (), complaint: str | None = None
) -> list[EightD]:
    """8Ds, the newest first; at most 200. `complaint` is the first that one is about."""
    table = bulk.raw(EightDRow)
    query = sa.select(table.c.doc).where(table.c.site == site)
    if state:
        query = query.where(table.c.state.in_(state))
    if complaint is not None:
        query = query.where(table.c.complaint == complaint)
    found = session.connection().execute(query.order_by(table.c.opened_at.desc(), table.c.id).limit(200)).scalars()
    return [msgspec.json.decode(doc, type=EightD) for doc in found]


def shown(actor: Actor, site: str, found: _D) -> _D:
    """The document without names of persons, for whom they are not meant. Pseudonyms are for those who may look up."""
    if actor.may(MAY_LOOK_UP, site=site):
        return found
    if isinstance(found, Action):
        mine = found.owner.casefold() == actor.name.casefold()
        return msgspec.structs.replace(found, owner=found.owner if mine else "", by="", done_by=None, verified_by=None)
    return msgspec.structs.replace(found, d1=eight_d.Team(), by="", verified_by=None, closed_by=None)


def _seen(
    session: Session, site: str, read: Any, named: str, actor: Actor, roles: frozenset[Role], version: int | None
) -> Any:
    """What is to be changed, as the actor saw it."""
    journal.lock(session, site)
    _allow(actor, site, roles)
    found = read(session, site, named)
    if version is None:
        raise Invalid("say which version you saw", Fault("If-Match", "the ETag is missing"))
    if version != found.version:
        raise Conflict(f"version {found.version} counts by now, not {version}", msgspec.to_builtins(found))
    return found


def _keep(session: Session, site: str, name: str, found: _D, actor: Actor, now: datetime) -> _D:
    doc = msgspec.to_builtins(found)
    kind, part = ("action", "actions") if isinstance(found, Action) else ("eight-d", "eight_d")
    body = {"command": {"name": name}, "then": {part: {found.id: doc}}}
    journal.append(session, site, [Entry(kind, body, now, actor=actor.pseudonym)], now)
    return found


def _allow(actor: Actor, site: str, roles: frozenset[Role]) -> None:
    if not actor.may(roles, site=site):
        raise Forbidden(f"this needs one of the roles {', '.join(sorted(roles))}")


def _check_open(found: EightD) -> None:
    if found.state == "closed":
        raise Conflict("the 8D is closed")


def _one(session: Session, site: str, mapped: Any, shape: type[_D], named: str) -> _D:
    table = bulk.raw(mapped)
    query = sa.select(table.c.doc).where(table.c.site == site, table.c.id == named)
    doc = session.connection().execute(query).scalar()
    if doc is None:
        raise NotFound(f"there is no such {'action' if shape is Action else '8D'}: {named!r}")
    return msgspec.json.decode(doc, type=shape)


def _action_row(site: str, doc: dict[str, Any]) -> dict[str, Any]:
    columns = {n: doc[n] for n in ("id", "version", "state", "due_on", "complaint", "eight_d")}
    return {"site": site, **columns, "doc": _encode(doc).decode()}


def _eight_d_row(site: str, doc: dict[str, Any]) -> dict[str, Any]:
    columns = {n: doc[n] for n in ("id", "version", "state")}
    opened = to_ms(parse_instant(doc["opened_at"]))
    return {
        "site": site, **columns, "complaint": doc["complaints"][0], "opened_at": opened, "doc": _encode(doc).decode()
    }  # fmt: skip
