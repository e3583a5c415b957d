"""A rejection, from the press to the customer's rating."""

from datetime import timedelta

from scenario.story import START, Plant

from threenos_wire.instants import format_instant


def test_a_rejection_is_late_escalated_answered_declined_and_accepted(plant: Plant) -> None:
    """Nobody comes for an hour; then it is contained, answered, declined, answered again, and rated."""
    press = plant.press("leak-1", reject="porosity", qty=3)
    plant.clock.advance(seconds=0)
    assert plant.told("team leader", press) == ["reject"]

    plant.clock.advance(minutes=3)
    assert plant[press].late == ["acknowledge"]
    plant.clock.advance(minutes=7)
    assert plant.told("supervisor", press)[0] == "escalation"
    assert plant.told("director", press) == []
    plant.clock.advance(minutes=50)
    assert plant.told("director", press)[0] == "escalation"
    late = plant[press]
    assert (late.level, late.late, late.state) == (2, ["acknowledge", "arrive", "contain"], "open")
    climbed = [(r.body["escalation"]["level"], r.body["escalation"]["role"]) for r in plant.rows("escalated", of=press)]
    assert climbed == [(0, "team-leader"), (1, "supervisor"), (2, "director")]
    assert [r.at - START for r in plant.rows("escalated", of=press)] == [timedelta(minutes=m) for m in (0, 10, 60)]

    plant.clock.advance(minutes=1)
    assert plant.says("leak-1", "arrive", press).accepted
    assert plant[press].arrived_at == plant[press].acknowledged_at == format_instant(plant.now())
    plant.contain(press)
    plant.clock.advance(hours=1)
    plant.answer(press, by="owner of die-casting")
    answered = plant[press]
    assert (answered.state, answered.attribution, answered.made_at) == ("answered", "accepted", "die-casting")

    assert plant.says("leak-1", "decline", press, reason="it came again in the next lot").accepted
    again = plant[press]
    assert (again.state, again.round, again.late, again.ladder) == ("contained", 2, [], [])
    plant.clock.advance(hours=2)
    plant.answer(press, by="owner of die-casting")
    assert plant.says("leak-1", "accept", press, rating=4).accepted
    closed = plant[press]
    assert (closed.state, closed.rating, closed.decline_reason) == ("closed", 4, "it came again in the next lot")
    steps = [r.kind for r in plant.rows(of=press) if r.kind not in ("late", "escalated")]
    assert steps == ["reject", "arrive", "contain", "answer", "decline", "answer", "accept"]


def test_after_it_is_closed_nothing_is_late(plant: Plant) -> None:
    """Whatever was open when it was accepted is met; only the countermeasure is still reminded of."""
    press = plant.press("leak-1", reject="porosity")
    plant.contain(press)
    plant.answer(press, by="owner of die-casting")
    assert plant.says("leak-1", "accept", press, rating=5).accepted
    plant.clock.advance(days=10)
    assert plant[press].late == []
    assert plant.told("director") == []
    assert plant.told("owner of die-casting", press) == ["reminder"]


def test_an_escaped_defect_names_whom_it_passed(plant: Plant) -> None:
    """A cold shut of the casting is found at the washing: two processes passed it on, one of which looks for it."""
    found = plant[plant.press("wash-1", reject="cold-shut")]
    assert (found.supplier, found.made_at, found.basis) == ("machining", "die-casting", "defect-origin")
    assert (found.customer, found.stages) == ("washing", 3)
    assert found.passed_by == [
        {"process": "trimming", "inspects": False},
        {"process": "machining", "inspects": True},
    ]


def test_the_same_again_is_one_complaint(plant: Plant) -> None:
    """A second press adds to it and alerts nobody again; after containment the next is a new one."""
    first = plant.press("leak-1", reject="porosity", qty=2)
    plant.clock.advance(seconds=1)
    second = plant.press("leak-1", reject="porosity", qty=5)
    plant.clock.advance(seconds=1)
    assert plant[second].id == first
    assert (plant[first].repeats, plant[first].presses, plant[first].qty) == (1, 2, 7)
    assert plant.told("team leader") == ["reject"]
    assert len(plant.rows("reject")) == 2
    plant.contain(first)
    third = plant.press("leak-1", reject="porosity")
    assert plant[third].id == third


def test_of_two_presses_one_is_withdrawn_and_then_the_last(plant: Plant) -> None:
    """The complaint goes on for the one that is left, and is withdrawn with the last; both stay visible."""
    first = plant.press("leak-1", reject="porosity", qty=2)
    second = plant.press("leak-1", reject="porosity", qty=5)
    assert plant.says("leak-1", "withdraw", first, reason="the wrong tile").accepted
    left = plant[first]
    assert (left.state, left.presses, left.repeats, left.qty) == ("open", 1, 0, 5)
    assert not plant.says("leak-1", "withdraw", first, reason="again").accepted
    assert plant.says("leak-1", "withdraw", second, reason="this one too").accepted
    gone = plant[second]
    assert (gone.id, gone.state, gone.presses, gone.withdraw_reason) == (first, "withdrawn", 0, "this one too")
    plant.clock.advance(hours=2)
    assert plant[first].late == []
    assert plant.messages == []


def test_a_refused_event_is_journalled_and_told(plant: Plant) -> None:
    """Accepting what nobody answered yet is refused with a reason; the row stays."""
    press = plant.press("leak-1", reject="porosity")
    outcome = plant.says("leak-1", "accept", press, rating=5)
    assert (outcome.accepted, outcome.reason) == (False, "not-allowed")
    [row] = plant.rows("refused")
    assert (row.complaint, row.event_id) == (press, outcome.id)
    assert plant[press].state == "open"


def test_two_complaints_about_the_same_are_merged(plant: Plant) -> None:
    """Both testers refused the same lot: the quality engineer merges; both histories stay, one goes on."""
    one = plant.press("leak-1", reject="porosity", qty=2)
    other = plant.press("leak-2", reject="porosity", qty=3, severity="critical")
    plant.give(other, "merge", "quality engineer", into=one, reason="the same lot")
    into, merged = plant[one], plant.complaints()[1]
    assert (merged.state, merged.merged_into) == ("merged", one)
    assert (into.presses, into.repeats, into.qty, into.severity) == (2, 1, 5, "critical")
    assert [r.kind for r in plant.rows(of=other)] == ["reject", "merge"]
    assert [r.kind for r in plant.rows(of=one)] == ["reject", "merge"]
    plant.clock.advance(hours=2)
    assert plant.rows("late", of=other) == []
    assert len(plant.rows("late", of=one)) == 3
    assert "may" in plant.refuses(one, "merge", "team leader", into=other, reason="no")
