"""Who is charged: disputed, ruled, and who may accept an answer."""

from scenario.story import ANSWER, Plant


def test_a_dispute_is_ruled_against_another(plant: Plant) -> None:
    """The casting says it was not theirs; the quality engineer finds it at the trimming. No clock stops."""
    press = plant.press("leak-1", reject="porosity")
    before = plant[press].due
    reason = "the pores were opened by the trimming"
    plant.give(press, "dispute", "owner of die-casting", reason=reason, proposed_made_at="trimming")
    disputed = plant[press]
    assert (disputed.attribution, disputed.proposed_made_at, disputed.made_at) == (
        "disputed", "trimming", "die-casting",
    )  # fmt: skip
    assert disputed.due == before
    assert "may" in plant.refuses(press, "rule", "team leader", reason="I say so", made_at="trimming")
    plant.give(press, "rule", "quality engineer", reason="seen under the microscope", made_at="trimming")
    ruled = plant[press]
    assert (ruled.attribution, ruled.made_at, ruled.basis, ruled.supplier) == (
        "confirmed", "trimming", "ruling", "washing",
    )  # fmt: skip
    assert [p["process"] for p in ruled.passed_by] == ["machining", "washing"]
    plant.contain(press)
    assert "may" in plant.refuses(press, "answer", "owner of die-casting", **ANSWER)
    plant.answer(press, by="owner of trimming")
    assert (plant[press].state, plant[press].attribution) == ("answered", "confirmed")
    both = [r.body["then"]["complaints"][press].get("made_at") for r in plant.rows("reject", "rule", of=press)]
    assert both == ["die-casting", "trimming"]


def test_no_defect_found_charges_nobody(plant: Plant) -> None:
    """The part was good: nobody made it, and the quality engineer answers."""
    press = plant.press("leak-1", reject="porosity")
    plant.give(press, "dispute", "owner of die-casting", reason="the tester itself leaks", proposed_made_at=None)
    plant.give(press, "rule", "quality engineer", reason="measured again: tight", made_at=None)
    ruled = plant[press]
    assert (ruled.made_at, ruled.attribution, ruled.passed_by, ruled.stages) == (None, "confirmed", [], None)
    plant.contain(press)
    assert "may" in plant.refuses(press, "answer", "owner of die-casting", **ANSWER)
    plant.answer(press, by="quality engineer")
    assert plant.says("leak-1", "accept", press, rating=3).accepted
    assert plant[press].state == "closed"


def test_what_nobody_knows_is_put_to_the_quality_engineer(plant: Plant) -> None:
    """An unknown defect at a station with two direct suppliers is taken all the same."""
    press = plant.press("pump-1", reject="never-heard-of", qty=1)
    unknown = plant[press]
    assert (unknown.supplier, unknown.made_at, unknown.defect, unknown.basis) == (
        "unclassified", "unclassified", "unclassified", "none",
    )  # fmt: skip
    plant.give(press, "rule", "quality engineer", reason="it is a leak", made_at="leak-test")
    assert (plant[press].supplier, plant[press].made_at) == ("leak-test", "leak-test")


def test_who_made_it_does_not_accept_its_own_answer(plant: Plant) -> None:
    """A ruling makes the customer itself made-at: a quality engineer accepts instead."""
    press = plant.press("pump-1", reject="seal-missing")
    plant.give(press, "rule", "quality engineer", reason="it was forgotten here", made_at="pump-assembly")
    plant.contain(press)
    plant.answer(press, by="owner of pump-assembly")
    refused = plant.says("pump-1", "accept", press, rating=5)
    assert (refused.accepted, refused.reason) == (False, "not-yours")
    assert "may" in plant.refuses(press, "accept", "owner of pump-assembly", rating=5)
    assert "may" in plant.refuses(press, "accept", "team leader", rating=5)
    assert plant[press].state == "answered"
    plant.give(press, "accept", "quality engineer", rating=3)
    assert plant[press].state == "closed"


def test_the_supplier_does_not_accept_for_its_customer(plant: Plant) -> None:
    """Neither at its own station nor at the desk."""
    press = plant.press("leak-1", reject="porosity")
    plant.contain(press)
    plant.answer(press, by="owner of die-casting")
    assert plant.says("cast-1", "accept", press, rating=5).reason == "not-yours"
    assert "may" in plant.refuses(press, "accept", "owner of die-casting", rating=5)
    assert plant.says("leak-2", "accept", press, rating=2).accepted


def test_a_closed_complaint_is_reopened(plant: Plant) -> None:
    """It came back: a further round, with the answer clock only."""
    press = plant.press("leak-1", reject="porosity")
    plant.contain(press)
    plant.answer(press, by="owner of die-casting")
    plant.give(press, "accept", "team leader", rating=5)
    plant.give(press, "reopen", "quality engineer", reason="the same again within a week")
    again = plant[press]
    assert (again.state, again.round, list(again.due), again.ladder) == ("contained", 2, ["answer"], [])
