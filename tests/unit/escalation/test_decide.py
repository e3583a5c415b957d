"""What fires when deadlines are due, and who is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from threenos_server.access import Role
from threenos_server.chain import example
from threenos_server.complaints.decide.clocks import first_round
from threenos_server.complaints.life import ComplaintKind, State
from threenos_server.complaints.model import Complaint, document
from threenos_server.escalation.decide import Fired, Scene, fire
from threenos_server.escalation.model import Deadlines, follow, key_from, mark
from threenos_server.notify.model import NoticeKind
from threenos_wire.instants import format_instant

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CHAIN = example.chain()
ID = "0199a3c0-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Someone:
    id: str
    addresses: tuple[str, ...] = ("log:",)


ANN, SUE, DAN, OLE = Someone("ann"), Someone("sue"), Someone("dan"), Someone("ole")
FULL: dict[str | None, Sequence[Someone]] = {
    Role.TEAM_LEADER: [ANN],
    Role.SUPERVISOR: [SUE],
    Role.DIRECTOR: [DAN],
    Role.PROCESS_OWNER: [OLE],
    None: [Someone("mia")],
}


def complaint(kind: ComplaintKind = ComplaintKind.STOP, **more: Any) -> Complaint:
    due, ladder = first_round(CHAIN, "trimming", "machining", kind, "major", NOW)
    at = format_instant(NOW)
    return Complaint(
        id=ID,
        kind=kind,
        line="housing",
        station="mill-1",
        customer="machining",
        supplier="maintenance" if kind is ComplaintKind.CALL else "trimming",
        made_at="trimming",
        occurred_at=at,
        received_at=at,
        round_started_at=at,
        due=due,
        ladder=ladder,
        **more,
    )


def deadlines_of(c: Complaint) -> Deadlines:
    deadlines: Deadlines = {}
    follow(deadlines, msgspec.to_builtins(document(c)), NOW)
    return deadlines


class Run:
    """One complaint over time, as the clock loop and the fold would have it."""

    def __init__(self, c: Complaint, roster: dict[str | None, Sequence[Someone]] | None = None) -> None:
        self.complaint, self.deadlines = c, deadlines_of(c)
        self.roster = FULL if roster is None else roster

    def at(self, seconds: float) -> Fired:
        now = NOW + timedelta(seconds=seconds)
        scene = Scene(CHAIN, lambda role, _line, _process: self.roster.get(role, []), lambda p: f"p-{p}", now)
        fired = fire(scene, self.complaint, self.deadlines)
        for entry in fired.entries:
            for name, patch in entry.body["then"].get("deadlines", {}).items():
                mark(self.deadlines, key_from(name)[1], patch, now)
            for patch in (entry.body["then"].get("complaints", {}).get(ID, {}),):
                follow(self.deadlines, patch, now)
        self.complaint = fired.complaint
        return fired


def kinds(fired: Fired) -> list[str]:
    return [e.kind for e in fired.entries]


def told(fired: Fired) -> list[tuple[str | None, NoticeKind]]:
    return [(d.person, d.kind) for d in fired.drafts]


def test_level_zero_fires_at_receipt_and_tells_the_team_leader() -> None:
    """One mechanism for all levels: the first is simply due at once."""
    run = Run(complaint())
    fired = run.at(0)
    assert kinds(fired) == ["escalated"]
    assert fired.entries[0].body["escalation"]["told"] == ["p-ann"]
    assert told(fired) == [("ann", NoticeKind.STOP)]
    assert run.complaint.level == 0
    assert run.complaint.version == 2
    assert run.at(0.1).entries == []


def test_three_levels_escalate_in_their_order() -> None:
    """Team leader, supervisor after three minutes, director after ten."""
    run = Run(complaint())
    people = [d.person for s in (0, 181, 601) for d in run.at(s).drafts if d.kind is not NoticeKind.LATE]
    assert people == ["ann", "sue", "dan"]
    assert run.complaint.level == 2


def test_after_an_outage_only_the_highest_level_is_told_and_as_late() -> None:
    """A clock that was away does not fire every level at once."""
    fired = Run(complaint()).at(700)
    climbs = [e for e in fired.entries if e.kind == "escalated"]
    assert [e.body["escalation"]["level"] for e in climbs] == [2]
    assert climbs[0].body["escalation"]["skipped"] == [0, 1]
    notices = [d for d in fired.drafts if d.kind is NoticeKind.ESCALATION]
    assert [(d.person, d.params["late_s"]) for d in notices] == [("dan", 100)]


def test_nobody_on_the_roster_leads_to_the_next_level_at_once() -> None:
    """And whoever is told hears why."""
    run = Run(complaint(), {**FULL, Role.TEAM_LEADER: []})
    fired = run.at(0)
    assert [e.body["escalation"]["nobody"] for e in fired.entries] == [True, False]
    assert told(fired) == [("sue", NoticeKind.ESCALATION)]
    assert fired.drafts[0].params["nobody"] == ["team-leader"]
    assert run.complaint.level == 1
    assert "escalated" not in kinds(run.at(181))


def test_nobody_above_tells_those_below_again() -> None:
    """Better the same person again than nobody."""
    run = Run(complaint(), {Role.TEAM_LEADER: [ANN]})
    run.at(0)
    climbs = [d for d in run.at(181).drafts if d.kind is NoticeKind.ESCALATION]
    assert [(d.person, d.params["nobody"]) for d in climbs] == [("ann", ["supervisor", "director"])]


def test_nobody_at_all_is_a_notice_for_the_desk() -> None:
    """When no role has anybody, that itself is seen."""
    fired = Run(complaint(), {}).at(0)
    assert [e.body["escalation"]["level"] for e in fired.entries] == [0, 1, 2]
    assert [(d.person, d.role) for d in fired.drafts] == [(None, "director")]


def test_a_missed_limit_opens_a_late_response_and_tells_both_sides() -> None:
    """Those who should have come, and the process that it charges."""
    run = Run(complaint())
    run.at(0)
    fired = run.at(61)
    assert kinds(fired) == ["late", "late-response"]
    assert run.complaint.late == ["acknowledge"]
    mutual = fired.entries[1].body["then"]["complaints"][fired.entries[1].complaint]
    assert mutual["about"] == {"complaint": ID, "clock": "acknowledge", "round": 1}
    assert told(fired) == [("ann", NoticeKind.LATE), ("ole", NoticeKind.LATE)]


def test_each_limit_is_missed_once() -> None:
    """One row and one late-response per clock and round."""
    run = Run(complaint())
    rows = [k for s in (0, 61, 181, 240, 901, 1000) for k in kinds(run.at(s)) if k == "late"]
    assert len(rows) == 3
    assert run.complaint.late == ["acknowledge", "arrive", "contain"]


def test_a_second_round_that_is_late_begins_another() -> None:
    """The answer is asked for again, and the old round fires no more."""
    run = Run(complaint(state=State.CONTAINED))
    follow(run.deadlines, {"state": "contained"}, NOW)
    again = {"round": 2, "due": {"answer": format_instant(NOW + timedelta(hours=1))}, "ladder": []}
    run.complaint = msgspec.structs.replace(run.complaint, **again)
    follow(run.deadlines, again, NOW)
    assert kinds(run.at(3601)) == ["late", "late-response"]
    assert run.complaint.round == 3
    assert run.at(3602).entries == []
    assert run.deadlines[3, "answer", 0].due_at > NOW + timedelta(hours=1)


def test_arrival_ends_the_ladder() -> None:
    """Whoever came is not escalated over."""
    run = Run(complaint())
    run.at(0)
    run.complaint = msgspec.structs.replace(run.complaint, state=State.ARRIVED)
    follow(run.deadlines, {"state": "arrived"}, NOW)
    assert run.at(700).entries == []


def test_a_drill_alerts_only_as_a_drill() -> None:
    """Its notices are of kind drill, whatever they tell."""
    run = Run(complaint(drill=True))
    drafts = [d for s in (0, 61, 181) for d in run.at(s).drafts]
    assert {d.kind for d in drafts} == {NoticeKind.DRILL}
    assert {d.params["of"] for d in drafts} == {"stop", "late", "escalation"}


def test_a_call_tells_the_roster_of_its_function() -> None:
    """The function that was called is level 0."""
    fired = Run(complaint(ComplaintKind.CALL)).at(0)
    assert told(fired) == [("mia", NoticeKind.CALL)]


def test_a_countermeasure_reminds_the_process_owner() -> None:
    """Before it is due, once."""
    run = Run(complaint(state=State.ANSWERED, answer={"due_on": "2026-12-01"}))
    follow(run.deadlines, {"state": "answered"}, NOW)
    seconds = (datetime(2026, 11, 30, tzinfo=UTC) - NOW).total_seconds()
    fired = run.at(seconds)
    assert told(fired) == [("ole", NoticeKind.REMINDER)]
    assert kinds(fired) == ["reminded"]
    assert run.at(seconds + 1).entries == []


def test_somebody_without_an_address_is_still_written_down() -> None:
    """The desk sees whom nothing reaches."""
    fired = Run(complaint(), {Role.TEAM_LEADER: [Someone("ann", ())]}).at(0)
    assert [(d.person, d.reachable) for d in fired.drafts] == [("ann", False)]
