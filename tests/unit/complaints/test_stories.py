"""The stories of the domain, decided one after the other without a database."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from unit.complaints.floor import START, Floor

from threenos_server.access import Role
from threenos_server.board.model import public
from threenos_server.complaints.bodies import (
    Accept,
    Acknowledge,
    AnswerBody,
    Comment,
    Dispose,
    Dispute,
    Merge,
    Reasoned,
    Rule,
)
from threenos_server.complaints.decide import press
from threenos_server.complaints.decide.clocks import climbed
from threenos_server.complaints.decide.decision import Decision
from threenos_server.complaints.decide.press import catch, count
from threenos_server.complaints.life import Refused, State
from threenos_server.complaints.model import Complaint, document
from threenos_wire.events import Reason
from threenos_wire.instants import format_instant, parse_instant

Contained = Callable[..., Complaint]


def answer() -> AnswerBody:
    return AnswerBody("worn tool", "no gauge at the station", "tool life counter", "A. Owner", date(2026, 12, 1))


def at(**span: float) -> str:
    return format_instant(START + timedelta(**span))


def test_a_rejection_to_the_end(floor: Floor, contained: Contained) -> None:
    """Rejected, arrived, contained, answered, declined, answered again, accepted with a rating."""
    c = contained(defect="burr", qty=3)
    assert (c.state, c.supplier, c.severity, c.qty) == (State.CONTAINED, "milling", "minor", 3)
    floor.wait(hours=1)
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    assert floor[c.id].attribution == "accepted"
    floor.says("assembly-1", "decline", c.id, reason="it came again")
    again = floor[c.id]
    assert (again.state, again.round, again.late, again.ladder) == (State.CONTAINED, 2, [], [])
    assert again.due == {"answer": at(hours=25)}
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    floor.says("assembly-1", "accept", c.id, rating=4)
    done = floor[c.id]
    assert (done.state, done.rating, done.closed_at, done.version) == (State.CLOSED, 4, at(hours=1), 7)
    assert done.answer is not None
    assert done.answer["due_on"] == "2026-12-01"


def test_clocks_run_from_receipt(floor: Floor) -> None:
    """An old press is told as what it is: its figures are old, its clocks are new."""
    c = floor.press("assembly-1", defect="burr", age=3600, replay=True)
    assert (c.occurred_at, c.received_at, c.replay) == (at(hours=-1), at(), True)
    assert c.due["acknowledge"] == at(minutes=3)
    assert [(step["at"], step["role"]) for step in c.ladder] == [
        (at(), "team-leader"), (at(minutes=10), "supervisor"), (at(minutes=60), "director"),
    ]  # fmt: skip


def test_a_second_press_adds_to_the_first(floor: Floor) -> None:
    """Same station, supplier, defect and kind: repeats and quantity grow, clocks stay, severity may rise."""
    first = floor.press("assembly-1", defect="burr", qty=2)
    floor.wait(minutes=5)
    floor.press("assembly-1", defect="burr", qty=0.5, severity="critical")
    again = floor.press("assembly-1", defect="burr", severity="minor")
    assert again.id == first.id
    assert (again.repeats, again.presses, again.qty, again.severity) == (2, 3, 2.5, "critical")
    assert again.due == first.due
    assert floor.press("assembly-1", defect="pore").id != first.id
    assert floor.press("assembly-1", "stop", defect="burr").id != first.id


def test_what_is_contained_is_not_added_to(floor: Floor, contained: Contained) -> None:
    """A press after containment is a new complaint."""
    first = contained(defect="burr")
    assert floor.press("assembly-1", defect="burr").id != first.id


def test_nothing_unknown_refuses_a_press(floor: Floor) -> None:
    """An unknown defect and an unknown upstream become unclassified."""
    c = floor.press("assembly-1", defect="never-heard", supplier="atlantis")
    assert (c.defect, c.supplier, c.made_at, c.basis) == ("unclassified", "unclassified", "unclassified", "none")
    assert c.names["defect"] == {"en": "Unclassified", "zh": "未归类"}


def test_severity_is_only_raised(floor: Floor) -> None:
    """A critical defect stays critical, whatever the event says."""
    assert floor.press("packing-1", defect="loose", severity="minor").severity == "critical"
    assert floor.press("assembly-1", defect="burr", severity="major").severity == "major"


def test_presses_are_withdrawn_one_by_one(floor: Floor) -> None:
    """The complaint is withdrawn when its last press is, and stays visible with the reason."""
    first = floor.press("assembly-1", defect="burr", qty=2)
    floor.press("assembly-1", defect="burr", qty=5)
    second = next(p for p in floor.plant.presses if p != first.id)
    floor.says("assembly-1", "withdraw", first.id, reason="slipped")
    left = floor[first.id]
    assert (left.state, left.presses, left.repeats, left.qty) == (State.OPEN, 1, 0, 5)
    twice = floor.says("assembly-1", "withdraw", first.id, reason="slipped")
    assert isinstance(twice, Refused)
    floor.says("assembly-1", "withdraw", second, reason="this too")
    gone = floor[first.id]
    assert (gone.state, gone.presses, gone.withdraw_reason) == (State.WITHDRAWN, 0, "this too")


def test_details_follow_the_press(floor: Floor) -> None:
    """What is said later counts for its press: quantity replaces, lists grow, the charge follows the defect."""
    c = floor.press("assembly-1", qty=2, note="first", serials=["a"])
    floor.press("assembly-1", qty=1)
    second = next(p for p in floor.plant.presses if p != c.id)
    floor.says("assembly-1", "detail", second, qty=7, note="then", serials=["a", "b"])
    floor.says("assembly-1", "detail", c.id, defect="burr", lot="L1")
    now = floor[c.id]
    assert (now.qty, now.note, now.serials, now.lot) == (9, "first\nthen", ["a", "b"], "L1")
    assert (now.defect, now.made_at, now.basis, now.severity) == ("burr", "milling", "defect-origin", "major")


def test_a_detail_leaves_a_ruling_alone(floor: Floor) -> None:
    """Once ruled, the charge stays; the way is looked at for the new defect."""
    c = floor.press("packing-1", defect="burr")
    floor.desk(c.id, "rule", Rule("measured", "casting"))
    floor.says("packing-1", "detail", c.id, defect="pore")
    now = floor[c.id]
    assert (now.made_at, now.basis, now.attribution, now.defect) == ("casting", "ruling", "confirmed", "pore")
    assert now.passed_by == [{"process": "assembly", "inspects": True}]


def test_a_drill_counts_only_when_armed(floor: Floor) -> None:
    """Else it is real. A drill never touches the line, and real presses do not add to it."""
    real = floor.press("assembly-1", "stop", drill=True)
    assert (real.drill, floor.line("shop").state) == (False, "stopped")
    floor.drill("pack")
    drill = floor.press("packing-1", "stop", drill=True)
    assert (drill.drill, drill.stop, floor.line("pack").state) == (True, None, "running")
    assert floor.press("packing-1", "stop").id != drill.id


def test_a_call_for_a_function(floor: Floor) -> None:
    """Open, acknowledged, arrived, closed by the station; nothing to contain, nothing to answer."""
    c = floor.press("assembly-1", "call", supplier="maintenance")
    assert (c.supplier, set(c.due)) == ("maintenance", {"acknowledge", "arrive"})
    floor.desk(c.id, "acknowledge", Acknowledge(), Role.TEAM_LEADER)
    assert floor[c.id].acknowledged_role == "team-leader"
    floor.says("assembly-1", "arrive", c.id)
    floor.says("assembly-1", "accept", c.id, rating=5)
    assert floor[c.id].state == State.CLOSED


def test_arriving_acknowledges(floor: Floor) -> None:
    """Who comes without a word before has acknowledged by coming."""
    c = floor.press("assembly-1", defect="burr")
    floor.wait(minutes=2)
    floor.says("assembly-1", "arrive", c.id)
    assert (floor[c.id].acknowledged_at, floor[c.id].arrived_at) == (at(minutes=2), at(minutes=2))


def test_another_process_has_no_say(floor: Floor, contained: Contained) -> None:
    """Only the process that complained accepts; a station of another line does not even release."""
    c = contained(defect="burr")
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    refused = floor.says("milling-1", "accept", c.id, rating=5)
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.NOT_YOURS
    stop = floor.press("assembly-1", "stop")
    elsewhere = floor.says("packing-1", "release", stop.id, "quality-engineer")
    assert isinstance(elsewhere, Refused)
    assert elsewhere.reason is Reason.NOT_YOURS


def test_who_made_it_does_not_accept(floor: Floor, contained: Contained) -> None:
    """A stop for an own cause is accepted by a quality engineer."""
    c = contained(kind="stop", supplier="assembly")
    floor.says("assembly-1", "release", c.id, "team-leader")
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    assert isinstance(floor.says("assembly-1", "accept", c.id, rating=5), Refused)
    assert isinstance(floor.desk(c.id, "accept", Accept(3), Role.QUALITY_ENGINEER), Decision)


def test_nothing_is_shelved_while_the_line_stands(floor: Floor, contained: Contained) -> None:
    """Accepted only after the release."""
    c = contained(kind="stop", supplier="maintenance")
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    refused = floor.says("assembly-1", "accept", c.id, rating=5)
    assert isinstance(refused, Refused)
    assert "release" in refused.detail


def test_disputed_and_ruled(floor: Floor, contained: Contained) -> None:
    """Disputed, answered without accepting it, ruled to another; no clock changed."""
    c = contained("packing-1", defect="loose")
    floor.desk(c.id, "dispute", Dispute("came like that", "milling"), Role.PROCESS_OWNER)
    assert (floor[c.id].attribution, floor[c.id].proposed_made_at) == ("disputed", "milling")
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    assert floor[c.id].attribution == "disputed"
    floor.desk(c.id, "rule", Rule("measured", "milling"))
    now = floor[c.id]
    assert (now.attribution, now.made_at, now.supplier, now.stages) == ("confirmed", "milling", "assembly", 2)
    assert now.due == c.due
    floor.desk(c.id, "rule", Rule("nothing wrong with it", None))
    assert (floor[c.id].made_at, floor[c.id].passed_by, floor[c.id].stages) == (None, [], None)
    assert isinstance(floor.desk(c.id, "rule", Rule("?", "atlantis")), Refused)


def test_reopened(floor: Floor, contained: Contained) -> None:
    """Back to contained with a new round; the first time of each stage stays."""
    c = contained(defect="burr")
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    floor.says("assembly-1", "accept", c.id, rating=4)
    floor.wait(days=2)
    floor.desk(c.id, "reopen", Reasoned("again today"))
    now = floor[c.id]
    assert (now.state, now.round, now.answered_at) == (State.CONTAINED, 2, at())
    assert parse_instant(now.due["answer"]) == START + timedelta(days=3)


def test_merged(floor: Floor) -> None:
    """What was pressed for one counts for the other, also what is said of it later."""
    into = floor.press("assembly-1", defect="burr", qty=1)
    c = floor.press("assembly-1", defect="pore", qty=2)
    merged = floor.desk(c.id, "merge", Merge(into.id, "the same part"))
    assert isinstance(merged, Decision)
    assert [d.complaint for d in (merged, *merged.also)] == [c.id, into.id]
    assert (floor[c.id].state, floor[c.id].merged_into) == (State.MERGED, into.id)
    both = floor[into.id]
    assert (both.presses, both.repeats, both.qty, both.severity) == (2, 1, 3, "major")
    floor.says("assembly-1", "withdraw", c.id, reason="not that one")
    assert (floor[into.id].presses, floor[into.id].qty, floor[into.id].state) == (1, 1, State.OPEN)
    assert isinstance(floor.desk(into.id, "merge", Merge(c.id, "round and round")), Refused)


def test_a_stop_is_not_lost_by_merging(floor: Floor) -> None:
    """Merged only into another stop of its line, which then stops it alone."""
    reject = floor.press("assembly-1", defect="burr")
    first = floor.press("assembly-1", "stop", supplier="maintenance")
    assert isinstance(floor.desk(first.id, "merge", Merge(reject.id, "one cause")), Refused)
    second = floor.press("assembly-1", "stop", supplier="milling")
    assert isinstance(floor.desk(second.id, "merge", Merge(first.id, "one cause")), Decision)
    assert list(floor.plant.stops["shop"]) == [first.id]
    assert floor.line("shop").state == "stopped"


def test_a_missed_limit_is_a_complaint_of_the_station(floor: Floor) -> None:
    """One per clock and round, against who should have come, with the answer clock only; none about itself."""
    c = floor.press("packing-1", defect="loose")
    floor.wait(minutes=3)
    late, mutual = floor.misses(c.id, "acknowledge")
    assert (late.kind, floor[c.id].late) == ("late", ["acknowledge"])
    m = floor[str(mutual.complaint)]
    assert (m.kind, m.station, m.customer, m.made_at, set(m.due)) == (
        "late-response", "packing-1", "packing", "packing", {"answer"},
    )  # fmt: skip
    assert m.about == {"complaint": c.id, "clock": "acknowledge", "round": 1}
    assert floor.misses(c.id, "acknowledge") == []
    floor.wait(days=2)
    assert [d.kind for d in floor.misses(m.id, "answer")] == ["late"]


def test_a_late_answer_is_charged_to_made_at(floor: Floor, contained: Contained) -> None:
    """And a second round that is late begins another."""
    c = contained(defect="burr")
    assert floor.misses(c.id, "arrive") == []
    _, mutual = floor.misses(c.id, "answer")
    assert floor[str(mutual.complaint)].made_at == "milling"
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    floor.says("assembly-1", "decline", c.id, reason="no")
    assert len(floor.misses(c.id, "answer")) == 2
    assert (floor[c.id].round, floor[c.id].late) == (3, [])


def test_a_rung_is_climbed_once(floor: Floor) -> None:
    """Neither twice nor when nobody is waited for."""
    c = floor.press("assembly-1", defect="burr")
    decision = climbed(c, 1)
    assert decision is not None
    floor.plant.merge(decision.then)
    assert floor[c.id].level == 1
    assert climbed(floor[c.id], 1) is None
    assert climbed(floor[c.id], 0) is None


def test_catches_and_counts_are_no_complaints(floor: Floor) -> None:
    """A catch is a record, a count is exposure; a drill's catch is nothing."""
    caught = catch(floor.plant, floor.said("milling-1", "catch", 0, defect="burr", qty=2))
    assert caught.complaint is None
    assert caught.then["catches"][0]["process"] == "milling"
    counted = count(floor.said("milling-1", "count", 0, qty=40))
    assert counted.then == {"counts": [{"process": "milling", "station": "milling-1", "units": 40.0}]}
    floor.drill("shop")
    assert catch(floor.plant, floor.said("milling-1", "catch", 0, drill=True)).then == {}


def test_dispositions_add_up(floor: Floor, contained: Contained) -> None:
    """Each is kept; a concession is granted by the process that receives the product."""
    c = contained(defect="burr")
    floor.desk(c.id, "dispose", Dispose("sort", qty=40, hours=1.5))
    floor.desk(c.id, "dispose", Dispose("concession", qty=2, concession_by="assembly"))
    assert [d["decision"] for d in floor[c.id].disposition] == ["sort", "concession"]
    assert isinstance(floor.desk(c.id, "dispose", Dispose("concession", concession_by="milling")), Refused)


def test_a_comment_changes_nothing(floor: Floor) -> None:
    """So that nobody's version is stale by it."""
    c = floor.press("assembly-1", defect="burr")
    decision = floor.desk(c.id, "comment", Comment("look at the fixture"))
    assert isinstance(decision, Decision)
    assert floor[c.id].version == c.version


@pytest.mark.parametrize("cause", ["Operator error", "human error!", "操作失误", "人为 失误。"])
def test_a_person_is_no_cause(cause: str) -> None:
    """An operator's error alone is refused."""
    with pytest.raises(ValueError, match="no cause"):
        AnswerBody(cause, "no gauge", "poka-yoke", "A. Owner", date(2026, 12, 1))


def test_a_card_shows_no_texts_of_persons(floor: Floor, contained: Contained) -> None:
    """Neither note nor serials nor answer; of the containment only where."""
    c = contained(defect="burr", note="Wang said", serials=["s"], lot="l")
    floor.desk(c.id, "answer", answer(), Role.PROCESS_OWNER)
    shown = public(document(floor[c.id]))
    assert not {"note", "serials", "photos", "lot", "answer"} & shown.keys()
    assert shown["containment"] == {"where": "cage 3"}


def test_a_flood_of_repeats_leaves_a_complaint_small(floor: Floor) -> None:
    """Every press counts, yet no row holds more than the limits; what was said first stays."""
    for n in range(40):
        c = floor.press(
            "milling-1", defect="pore", note=f"{n:04d}" + "x" * 996, serials=[f"{n}-{i}" for i in range(20)],
            photos=[f"sha256:{n:032d}{i:032d}" for i in range(5)],
        )  # fmt: skip
    assert (c.presses, len(c.serials), len(c.photos)) == (40, 400, 100)
    assert c.note is not None
    assert c.note.startswith("0000x")
    assert len(c.note) == 7 * 1001 - 1
    again = press.press(floor.plant, floor.said("milling-1", "reject", 0.0, defect="pore", note="more", serials=["s"]))
    assert again.then["complaints"][c.id].keys() == {"version", "presses", "repeats", "note"}
