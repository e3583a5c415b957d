"""When what is due: a round of clocks, the ladder, and what a missed limit or a climbed rung does. Pure.

Acknowledge, arrive and contain run on wall time, answer on the work calendar; all from the server's receipt.
"""

import uuid
from datetime import datetime, timedelta

from threenos_server.chain.calendar import add_working_time
from threenos_server.chain.model import UNCLASSIFIED, Chain
from threenos_server.complaints.attribution import way
from threenos_server.complaints.decide.decision import Decision, about, touch
from threenos_server.complaints.life import Clock, ComplaintKind, State
from threenos_server.complaints.model import Complaint, Patch, Rung, document, names
from threenos_wire.instants import format_instant

#: Which clocks still run in a state; what is over runs none.
RUNNING: dict[State, tuple[Clock, ...]] = {
    State.OPEN: tuple(Clock),
    State.ACKNOWLEDGED: (Clock.ARRIVE, Clock.CONTAIN, Clock.ANSWER),
    State.ARRIVED: (Clock.CONTAIN, Clock.ANSWER),
    State.CONTAINED: (Clock.ANSWER,),
}


def first_round(
    chain: Chain, supplier: str, customer: str, kind: ComplaintKind, severity: str, start: datetime
) -> tuple[dict[str, str], list[Rung]]:
    """The due instants and the ladder of a complaint received at `start`."""
    limits = chain.limits(supplier, customer, str(kind), severity)
    due = {
        str(clock): format_instant(start + timedelta(seconds=seconds))
        for clock, seconds in (
            (Clock.ACKNOWLEDGE, limits.acknowledge_s),
            (Clock.ARRIVE, limits.arrive_s),
            (Clock.CONTAIN, limits.contain_s),
        )
        if seconds is not None
    }
    if limits.answer_s is not None:
        due[Clock.ANSWER.value] = _answer_due(chain, start, limits.answer_s)
    ladder = [
        Rung(level=n, at=format_instant(start + timedelta(seconds=seconds)), role=str(role))
        for n, (seconds, role) in enumerate(limits.ladder)
    ]
    return due, ladder


def next_round(chain: Chain, complaint: Complaint, now: datetime) -> Patch:
    """The fields of a further round: only the answer is asked for again, nobody has to come, no ladder is climbed."""
    limits = chain.limits(complaint.supplier, complaint.customer, str(complaint.kind), complaint.severity)
    answer = {} if limits.answer_s is None else {Clock.ANSWER.value: _answer_due(chain, now, limits.answer_s)}
    return {
        "round": complaint.round + 1,
        "round_started_at": format_instant(now),
        "due": answer,
        "ladder": [],
        "level": -1,
        "late": [],
    }


def runs(complaint: Complaint, clock: Clock) -> bool:
    """Whether that clock of the present round still runs."""
    return clock in complaint.due and clock in RUNNING.get(complaint.state, ())


def missed(chain: Chain, complaint: Complaint, clock: Clock, process: str | None, now: datetime) -> list[Decision]:
    """A limit that has passed: a row `late`, and the late-response of the station. Nothing when it no longer counts.

    `process` is the one that the missing role belongs to, when the roster knows it. A second round that is late too
    begins another, so that it is asked for again.
    """
    if not runs(complaint, clock) or clock in complaint.late:
        return []
    if complaint.round > 1:
        patch = touch(complaint, **next_round(chain, complaint, now))
    else:
        patch = touch(complaint, late=[*complaint.late, str(clock)])
    late = about("late", complaint, patch)
    if complaint.kind == ComplaintKind.LATE_RESPONSE:
        return [late]
    return [late, _late_response(chain, complaint, clock, process or missing_at(chain, complaint, clock), now)]


def climbed(complaint: Complaint, level: int) -> Decision | None:
    """A rung of the ladder that was reached; None when that level was told already or nobody is waited for."""
    if level <= complaint.level or not RUNNING.get(complaint.state):
        return None
    return about("escalated", complaint, touch(complaint, level=level))


def missing_at(chain: Chain, complaint: Complaint, clock: Clock) -> str:
    """The process that answers for a missed clock when no roster says: who is charged or called, else the line's."""
    if (clock == Clock.ANSWER or complaint.kind == ComplaintKind.CALL) and complaint.made_at in chain.processes:
        return str(complaint.made_at)
    return chain.owner_of(complaint.line) or UNCLASSIFIED


def late_response_id(complaint: str, round_: int, clock: str) -> str:
    """One per clock and round: the same id however often it is asked for."""
    return str(uuid.uuid5(uuid.UUID(complaint), f"{round_}/{clock}"))


def _late_response(chain: Chain, about_: Complaint, clock: Clock, process: str, now: datetime) -> Decision:
    due, ladder = first_round(chain, process, about_.customer, ComplaintKind.LATE_RESPONSE, about_.severity, now)
    passed, stages = way(chain, process, about_.customer, None)
    at = format_instant(now)
    mutual = Complaint(
        id=late_response_id(about_.id, about_.round, clock),
        kind=ComplaintKind.LATE_RESPONSE,
        line=about_.line,
        station=about_.station,
        customer=about_.customer,
        supplier=process,
        made_at=process,
        passed_by=list(passed),
        stages=stages,
        severity=about_.severity,
        drill=about_.drill,
        occurred_at=at,
        received_at=at,
        round_started_at=at,
        due=due,
        ladder=ladder,
        about={"complaint": about_.id, "clock": str(clock), "round": about_.round},
        names=names(
            chain, station=about_.station, line=about_.line, customer=about_.customer, supplier=process, defect=None
        ),
        chain=chain.version,
    )
    return Decision("late-response", mutual.id, {"complaints": {mutual.id: document(mutual)}})


def _answer_due(chain: Chain, start: datetime, seconds: int) -> str:
    try:
        due = add_working_time(start, seconds, chain.calendar, chain.tz)
    except ValueError:
        # A calendar without a working day must not refuse a press: then the clock on the wall counts.
        due = start + timedelta(seconds=seconds)
    return format_instant(due)
