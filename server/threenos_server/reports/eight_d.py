"""8D: eight disciplines for a complaint or a cluster of them; it closes only with a verified effect. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from threenos_server.complaints.bodies import Reason, Text
from threenos_server.errors import Conflict, Fault, Forbidden, Invalid
from threenos_server.reports.actions import Action, ActionState, Id, Name

#: How long an effect is watched, in days: VDA and IATF practice.
WINDOW = (30, 90)
#: Level 1 of the VDA-QMC list of failure causes.
Category = Literal[
    "product-development", "process-development", "production", "logistics", "no-trouble-found", "unknown"
]
Words = Annotated[str, Meta(max_length=4000)]
Member = Annotated[str, Meta(min_length=1, max_length=64)]


class Team(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """D1."""

    champion: Name | None = None
    leader: Name | None = None
    members: Annotated[list[Member], Meta(max_length=30)] = []


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """D2: five Ws and two Hs, is and is not."""

    what: Words = ""
    where: Words = ""
    when: Words = ""
    who: Words = ""
    why: Words = ""
    how: Words = ""
    how_many: Words = ""
    is_: Words = msgspec.field(default="", name="is")
    is_not: Words = ""


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One root cause of D4: its chain of whys, what shows it, and whether that was verified."""

    whys: Annotated[list[Words], Meta(max_length=9)] = []
    evidence: Words = ""
    verified: bool = False


class Implemented(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """D6: since when, and the data that validate it."""

    on: dt.date | None = None
    validation: Words = ""


class Effect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether it worked: what was measured, from what, in which window of 30 to 90 days, with what result."""

    metric: Text
    baseline: Text
    from_: dt.date = msgspec.field(name="from")
    to: dt.date
    result: Text
    effective: bool


class Sections(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a PATCH says; what is left out stays."""

    title: Reason | None = None
    d0: Words | None = None
    d1: Team | None = None
    d2: Problem | None = None
    d3: Words | None = None
    occurrence: Cause | None = None
    escape: Cause | None = None
    system: Cause | None = None
    category: Category | None = None
    category_detail: Words | None = None
    d5: Words | None = None
    d6: Implemented | None = None
    d7: Words | None = None
    d8: Words | None = None


class NewEightD(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The complaints that it is about, one or a cluster."""

    title: Reason
    complaints: Annotated[list[Id], Meta(min_length=1, max_length=200)]


class EightD(msgspec.Struct, frozen=True, kw_only=True):
    """One 8D. `by`, `verified_by` and `closed_by` are pseudonyms."""

    id: str
    version: int = 1
    state: Literal["open", "closed"] = "open"
    title: str
    complaints: list[str]
    d0: str = ""
    d1: Team = Team()
    d2: Problem = Problem()
    d3: str = ""
    occurrence: Cause = Cause()
    escape: Cause = Cause()
    system: Cause = Cause()
    category: str | None = None
    category_detail: str = ""
    d5: str = ""
    d6: Implemented = Implemented()
    d7: str = ""
    d8: str = ""
    effect: Effect | None = None
    opened_at: str
    by: str
    verified_at: str | None = None
    verified_by: str | None = None
    closed_at: str | None = None
    closed_by: str | None = None


def changed(eight_d: EightD, said: Sections) -> EightD:
    """The 8D with these sections. Raises Conflict when it is closed."""
    _open(eight_d)
    fields = {n: v for n in said.__struct_fields__ if (v := getattr(said, n)) is not None}
    return msgspec.structs.replace(eight_d, version=eight_d.version + 1, **fields)


def verified(eight_d: EightD, effect: Effect, today: dt.date, at: str, by: str) -> EightD:
    """The 8D with what was measured. Raises Conflict, Forbidden for who opened it, Invalid for a window."""
    _open(eight_d)
    if by == eight_d.by:
        raise Forbidden("the effect is verified by somebody other than who opened the 8D")
    if not WINDOW[0] <= (effect.to - effect.from_).days <= WINDOW[1]:
        raise Invalid("an effect is watched for 30 to 90 days", Fault("/to", "30 to 90 days after `from`"))
    if effect.to > today:
        raise Invalid("the window is not over yet", Fault("/to", "lies ahead"))
    if eight_d.d6.on is None or effect.from_ < eight_d.d6.on:
        raise Invalid("the window begins when the actions are in place", Fault("/from", "before D6 was implemented"))
    return msgspec.structs.replace(eight_d, version=eight_d.version + 1, effect=effect, verified_at=at, verified_by=by)


def missing(eight_d: EightD, actions: Sequence[Action]) -> list[str]:
    """What keeps it from closing, as pointers: causes that nobody verified, actions, and the effect."""
    found = [f"/{n}" for n in ("d2", "d3", "d5", "d7") if not _said(getattr(eight_d, n))]
    found += [f"/{n}" for n in ("occurrence", "escape") if not (c := getattr(eight_d, n)).verified or not c.whys]
    counted = [a for a in actions if a.state is not ActionState.DROPPED]
    if not counted or any(a.state is not ActionState.VERIFIED for a in counted):
        found.append("/actions")
    if eight_d.effect is None or not eight_d.effect.effective:
        found.append("/effect")
    return found


def closed(eight_d: EightD, actions: Sequence[Action], at: str, by: str) -> EightD:
    """The closed 8D. Raises Conflict when it is closed already, Invalid with all that is missing."""
    _open(eight_d)
    faults = [Fault(where, "not verified" if where in _VERIFIED else "not said") for where in missing(eight_d, actions)]
    if faults:
        raise Invalid("an 8D closes only with verified causes, actions and effect", *faults)
    return msgspec.structs.replace(eight_d, version=eight_d.version + 1, state="closed", closed_at=at, closed_by=by)


def _said(section: object) -> bool:
    return any(msgspec.structs.asdict(section).values()) if isinstance(section, msgspec.Struct) else bool(section)


def _open(eight_d: EightD) -> None:
    if eight_d.state == "closed":
        raise Conflict("the 8D is closed")


_VERIFIED = frozenset({"/occurrence", "/escape", "/actions", "/effect"})
