"""投诉 is mutual: a missed limit is a complaint of the station about whoever did not come."""

from scenario.story import Plant


def test_one_per_clock_and_round(plant: Plant) -> None:
    """Three limits missed in the first round are three late-responses, however often the clock looks."""
    press = plant.press("leak-1", reject="porosity")
    for _ in range(20):
        plant.clock.advance(minutes=5)
    late = plant.complaints("late-response")
    assert [c.about for c in late] == [
        {"complaint": press, "clock": clock, "round": 1} for clock in ("acknowledge", "arrive", "contain")
    ]
    assert {(c.customer, c.station, c.line) for c in late} == {("leak-test", "leak-1", "housing")}
    assert {c.supplier for c in late} == {"machining"}, "the process that answers for the line"
    assert {tuple(c.due) for c in late} == {("answer",)}


def test_the_answer_is_missed_by_made_at_and_again_in_the_next_round(plant: Plant) -> None:
    """The second round is late too: it is charged again, and yet another round begins."""
    press = plant.press("leak-1", reject="porosity")
    plant.contain(press)
    plant.clock.advance(days=3)
    [first] = plant.complaints("late-response")
    assert (first.about, first.supplier) == ({"complaint": press, "clock": "answer", "round": 1}, "die-casting")
    plant.answer(press, by="owner of die-casting")
    plant.says("leak-1", "decline", press, reason="no")
    assert plant[press].round == 2
    plant.clock.advance(days=3)
    second = [c for c in plant.complaints("late-response") if (c.about or {}).get("complaint") == press][1:]
    rounds = [c.about["round"] for c in second if c.about]
    assert rounds[0] == 2
    assert rounds == sorted(set(rounds)), "one a round"
    assert plant[press].round == rounds[-1] + 1


def test_never_about_another_late_response(plant: Plant) -> None:
    """A late-response that is itself not answered is late, and nothing more."""
    press = plant.press("leak-1", reject="porosity")
    plant.clock.advance(days=12)
    late = plant.complaints("late-response")
    assert {c.about["complaint"] for c in late if c.about} == {press}
    assert any(c.late for c in late) or any(c.round > 1 for c in late)
    assert len(plant.rows("late-response")) == len(late) == 4


def test_it_is_answered_and_accepted(plant: Plant) -> None:
    """open → answered → closed, by the process that did not come and by the station that waited."""
    plant.press("leak-1", reject="porosity")
    plant.clock.advance(minutes=3)
    [late] = plant.complaints("late-response")
    assert plant.refuses(late.id, "acknowledge", "team leader")
    plant.answer(late.id, by="owner of machining")
    assert plant[late.id].state == "answered"
    assert plant.says("leak-1", "accept", late.id, rating=3).accepted
    assert plant[late.id].state == "closed"


def test_a_made_complaint_that_was_taken_in_time_makes_none(plant: Plant) -> None:
    """Who comes within the limits is not complained about."""
    press = plant.press("leak-1", reject="porosity")
    plant.clock.advance(minutes=2)
    plant.contain(press)
    plant.answer(press, by="owner of die-casting")
    plant.clock.advance(days=2)
    assert plant.complaints("late-response") == []
