"""What is written and who is told when deadlines of a complaint are due. Pure: the roster is asked through a function.

After an outage of the clock several steps of a ladder are overdue at once: only the highest is climbed, the lower ones
are marked without notices, and the notice says how late it is. A step whose role nobody holds leads to the next at
once; when nobody above is there either, those below are told again, rather than nobody.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from threenos_server.access import Role
from threenos_server.chain.model import FUNCTION_ROSTER, UNCLASSIFIED, Chain
from threenos_server.complaints.decide.clocks import climbed, missed
from threenos_server.complaints.decide.decision import Decision
from threenos_server.complaints.life import Clock, ComplaintKind, State
from threenos_server.complaints.model import Complaint, patched
from threenos_server.escalation.model import (
    LIMITS,
    Deadline,
    DeadlineClock,
    Deadlines,
    DeadlineState,
    Key,
    follow,
    key_text,
)
from threenos_server.journal.model import Entry
from threenos_server.notify.model import Draft, NoticeKind
from threenos_wire.instants import format_instant, parse_instant


class Told(Protocol):
    """A person on the roster, as far as telling goes. `id` lives outside the journal."""

    @property
    def id(self) -> str: ...
    @property
    def addresses(self) -> tuple[str, ...]: ...


Roster = Callable[[Role | None, str | None, str | None], Sequence[Told]]
"""(role, line, process) → who is on duty; role None: everybody on duty at that process."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a decision needs besides the complaint. `pseudonym` turns a person's id into what the journal may hold."""

    chain: Chain
    roster: Roster
    pseudonym: Callable[[str], str]
    now: datetime


@dataclass(slots=True)
class Fired:
    """What firing a complaint's deadlines makes: journal rows and notices; `complaint` as the rows leave it."""

    complaint: Complaint
    entries: list[Entry] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)


def fire(scene: Scene, complaint: Complaint, deadlines: Deadlines) -> Fired:
    """Fire what is due of a complaint's `deadlines`; the line's grace is not among it, it stops the line elsewhere."""
    fired = Fired(complaint)
    still_open = {key: d for key, d in deadlines.items() if d.state is DeadlineState.OPEN}
    due = sorted(
        (key for key, d in still_open.items() if d.due_at <= scene.now), key=lambda k: (still_open[k].due_at, k)
    )
    _climb(scene, fired, still_open, [key for key in due if key[1] == DeadlineClock.LADDER])
    for key in due:
        if key[1] in LIMITS:
            _miss(scene, fired, key, still_open[key])
        elif key[1] == DeadlineClock.COUNTERMEASURE:
            _remind(scene, fired, key)
    return fired


def begin(scene: Scene, complaint: Complaint) -> Fired:
    """Climb what is due of the ladder of a complaint that is being opened; its deadlines are not stored yet."""
    deadlines: Deadlines = {}
    if complaint.state is State.OPEN:
        follow(deadlines, {"round": complaint.round, "ladder": complaint.ladder}, scene.now)
    return fire(scene, complaint, deadlines)


def _climb(scene: Scene, fired: Fired, still_open: Deadlines, due: Sequence[Key]) -> None:
    if not due:
        return
    top = max(due, key=lambda key: key[2])
    skipped = [key for key in due if key != top]
    above = sorted(key for key in still_open if key[1] == DeadlineClock.LADDER and key[0] == top[0] and key >= top)
    empty: list[str] = []
    for key in above:
        role = still_open[key].role or ""
        people = _people(scene, fired.complaint, role)
        last = key == above[-1]
        told, told_as = (people, role) if people or not last else _below(scene, fired.complaint, top[2])
        body = {
            "level": key[2],
            "role": role,
            "told": [scene.pseudonym(p.id) for p in told],
            "nobody": not people,
            "skipped": sorted(k[2] for k in skipped),
            "late_s": _seconds(scene.now, still_open[key].due_at),
        }
        decision = climbed(fired.complaint, key[2])
        _record(scene, fired, decision, "escalation", body, [*skipped, key])
        skipped = []
        if decision is None:
            return
        if not people:
            empty.append(role)
        if people or last:
            kind = NoticeKind.ESCALATION if key[2] > 0 else _kind_of(complaint_kind=fired.complaint.kind)
            extra = {"role": told_as or role, "nobody": empty, "late_s": body["late_s"]}
            _tell(scene, fired, told, told_as or role, kind, extra)
            return


def _below(scene: Scene, complaint: Complaint, top: int) -> tuple[Sequence[Told], str]:
    """Who of the steps below is there, highest first: when nobody above is, they hear that nobody else will come."""
    for step in sorted(complaint.ladder, key=lambda s: -s["level"]):
        if step["level"] < top and (people := _people(scene, complaint, step["role"])):
            return people, step["role"]
    return (), ""


def _miss(scene: Scene, fired: Fired, key: Key, deadline: Deadline) -> None:
    """A missed limit: the row, the late-response, and a word to those who should have come and to whom it charges."""
    complaint, clock = fired.complaint, Clock(key[1])
    role = _role_of(complaint, clock)
    people = _people(scene, complaint, role)
    decisions = missed(scene.chain, complaint, clock, _process_of(people, role), scene.now)
    body = {"clock": str(clock), "due_at": format_instant(deadline.due_at), "round": key[0]}
    _record(scene, fired, decisions[0] if decisions else None, "late", body, [key])
    if not decisions:
        return
    extra = {"clock": str(clock), "late_s": _seconds(scene.now, deadline.due_at)}
    told = {p.id: p for p in people}
    for decision in decisions[1:]:
        fired.entries.append(_entry(scene, complaint, decision, {"about": complaint.id, **body}, {}))
        charged = decision.then["complaints"][decision.complaint]["supplier"]
        told |= {p.id: p for p in scene.roster(Role.PROCESS_OWNER, _line_of(scene, complaint, charged), charged)}
    _tell(scene, fired, list(told.values()), role, NoticeKind.LATE, extra)


def _remind(scene: Scene, fired: Fired, key: Key) -> None:
    complaint = fired.complaint
    due_on = str((complaint.answer or {}).get("due_on", ""))
    people = _people(scene, complaint, Role.PROCESS_OWNER)
    body = {"due_on": due_on, "told": [scene.pseudonym(p.id) for p in people]}
    fired.entries.append(_entry(scene, complaint, Decision("reminded", complaint.id), body, _marks(complaint, [key])))
    _tell(scene, fired, people, Role.PROCESS_OWNER, NoticeKind.REMINDER, {"due_on": due_on})


def _record(
    scene: Scene, fired: Fired, decision: Decision | None, name: str, body: Mapping[str, Any], keys: Iterable[Key]
) -> None:
    """The row of a decision, which marks the deadlines `keys`. None drops them: the complaint has moved on."""
    complaint = fired.complaint
    if decision is None:
        dropped = Decision("deadline-dropped", complaint.id)
        marks = _marks(complaint, keys, DeadlineState.CANCELLED)
        fired.entries.append(_entry(scene, complaint, dropped, body, marks))
        return
    fired.entries.append(_entry(scene, complaint, decision, body, _marks(complaint, keys), name))
    fired.complaint = patched(complaint, decision.then["complaints"][complaint.id])


def _entry(
    scene: Scene,
    complaint: Complaint,
    decision: Decision,
    body: Mapping[str, Any],
    marks: Mapping[str, Any],
    name: str | None = None,
) -> Entry:
    then = {**decision.then, **({"deadlines": dict(marks)} if marks else {})}
    return Entry(
        decision.kind,
        {name or decision.kind: dict(body), "then": then},
        scene.now,
        line=complaint.line,
        station=complaint.station,
        complaint=decision.complaint,
    )


def _marks(
    complaint: Complaint, keys: Iterable[Key], state: DeadlineState = DeadlineState.FIRED
) -> dict[str, dict[str, str]]:
    return {key_text(complaint.id, key): {"state": state.value} for key in keys}


def _people(scene: Scene, complaint: Complaint, role: str) -> Sequence[Told]:
    """Who holds a role of the ladder for this complaint now."""
    if role == FUNCTION_ROSTER:
        return scene.roster(None, complaint.line, complaint.supplier)
    if role == Role.PROCESS_OWNER:
        process = _answers(scene, complaint)
        return scene.roster(Role.PROCESS_OWNER, _line_of(scene, complaint, process), process)
    return scene.roster(Role(role), complaint.line, complaint.customer)


def _answers(scene: Scene, complaint: Complaint) -> str | None:
    """The process that has to answer: made-at, else the one that answers for the line."""
    if complaint.made_at in scene.chain.processes:
        return complaint.made_at
    return scene.chain.owner_of(complaint.line)


def _line_of(scene: Scene, complaint: Complaint, process: str | None) -> str:
    """The line of the process that is charged, which may be another than the one where it was found."""
    known = scene.chain.processes.get(process or "")
    return (known.line if known else None) or complaint.line


def _role_of(complaint: Complaint, clock: Clock) -> str:
    """Who should have met a limit: for the answer whoever has to give it, else whom the ladder has told last."""
    if clock is Clock.ANSWER or not complaint.ladder:
        return Role.QUALITY_ENGINEER if complaint.made_at in (None, UNCLASSIFIED) else Role.PROCESS_OWNER
    told = [step for step in complaint.ladder if step["level"] <= max(complaint.level, 0)]
    return max(told or complaint.ladder, key=lambda step: step["level"])["role"]


def _process_of(people: Sequence[Told], role: str) -> str | None:
    """The process to which those who hold the role belong, when their rights say so."""
    grants = (g for p in people for g in getattr(p, "grants", ()))
    return next((g.process for g in grants if g.role == role and g.process), None)


def _tell(
    scene: Scene, fired: Fired, people: Collection[Told], role: str, kind: NoticeKind, extra: Mapping[str, Any]
) -> None:
    """Notices for these people; when there is nobody, one that says so at the desk."""
    complaint = fired.complaint
    params = _params(complaint, extra, scene.chain.tz, scene.now)
    if complaint.drill:
        params["of"] = str(kind)
        kind = NoticeKind.DRILL
    if not people:
        fired.drafts.append(Draft(None, kind, params, role, complaint.id, complaint.line))
    fired.drafts += [
        Draft(p.id, kind, params, role, complaint.id, complaint.line, reachable=bool(p.addresses)) for p in people
    ]


def _params(complaint: Complaint, extra: Mapping[str, Any], tz: ZoneInfo, now: datetime) -> dict[str, Any]:
    received = parse_instant(complaint.received_at)
    shown = {
        "complaint_kind": str(complaint.kind),
        "names": complaint.names,
        "time": parse_instant(complaint.occurred_at).astimezone(tz).strftime("%H:%M"),
        "waited_s": 0 if complaint.arrived_at else _seconds(now, received),
        "replay": complaint.replay,
    }
    return shown | {k: v for k, v in extra.items() if v}


def _kind_of(complaint_kind: ComplaintKind) -> NoticeKind:
    return {
        ComplaintKind.STOP: NoticeKind.STOP,
        ComplaintKind.REJECT: NoticeKind.REJECT,
        ComplaintKind.CALL: NoticeKind.CALL,
    }.get(complaint_kind, NoticeKind.LATE)


def _seconds(now: datetime, since: datetime) -> int:
    return max(0, int((now - since).total_seconds()))
