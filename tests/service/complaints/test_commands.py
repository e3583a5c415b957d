"""Commands over HTTP: who may, what was seen, and what is refused."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from service.complaints.works import ALL, KEYS, SITE, Works, actor

from threenos_server.access import Actor, Role, arrival_code
from threenos_server.complaints import drills, giving
from threenos_server.complaints.bodies import Override, Release
from threenos_server.complaints.tables import Exposure
from threenos_server.errors import Conflict, Forbidden, Invalid, NotFound, TooMany

LEADER = actor(Role.TEAM_LEADER)


def test_from_press_to_accepted(either: Works) -> None:
    """On both databases, and the tables are what the journal says."""
    id_ = either.press("pump-1", defect="leak")
    either.give(id_, "acknowledge", LEADER, 1)
    either.give(id_, "arrive", LEADER, 2, code=arrival_code(KEYS.arrival, id_))
    either.give(id_, "contain", LEADER, 3, what="two boxes", where="cage 3", qty_sorted=40, qty_bad=2)
    either.give(id_, "dispose", decision="scrap", qty=2)
    either.give(id_, "answer", version=5)
    done = either.give(id_, "accept", actor(Role.TEAM_LEADER, line="assembly"), 6, rating=5)
    assert (done.state, done.version, done.acknowledged_role) == ("closed", 7, "team-leader")
    assert either[id_] == done
    assert either.differences() == []


def test_a_stale_version_is_a_conflict(works: Works) -> None:
    """Answered with the complaint as it stands; nothing is journalled."""
    id_ = works.press("pump-1", defect="leak")
    works.give(id_, "acknowledge", LEADER, 1)
    with pytest.raises(Conflict) as caught:
        works.give(id_, "withdraw", ALL, 1, reason="mine")
    assert caught.value.present is not None
    assert caught.value.present["state"] == "acknowledged"
    assert works.kinds() == ["reject", "acknowledge"]


def test_what_the_table_refuses_is_journalled(works: Works) -> None:
    """Though the caller's transaction ends with an error."""
    id_ = works.press("pump-1", defect="leak")
    with pytest.raises(Conflict, match="only when arrived"):
        works.give(id_, "contain", LEADER, 1, what="all", where="here")
    assert works.kinds() == ["reject", "refused"]
    assert works[id_].version == 1
    assert works.differences() == []


@pytest.mark.parametrize(
    ("command", "by", "fields"),
    [
        ("acknowledge", actor(Role.ADMIN), {}),
        ("acknowledge", actor(Role.TEAM_LEADER, line="housing"), {}),
        ("acknowledge", actor(Role.AUDITOR, Role.WORKER, Role.DIRECTOR), {}),
        ("withdraw", LEADER, {"reason": "x"}),
        ("dispute", actor(Role.PROCESS_OWNER, process="packing"), {"reason": "x"}),
        ("rule", actor(Role.SUPERVISOR), {"reason": "x", "made_at": None}),
        ("merge", actor(Role.SUPERVISOR), {"reason": "x", "into": "01970000-0000-7000-8000-000000000001"}),
        ("comment", actor(Role.ADMIN, Role.AUDITOR), {"text": "x"}),
    ],
)
def test_not_everybody_may(works: Works, command: str, by: object, fields: dict[str, object]) -> None:
    """Roles and places; admin has no power over a complaint, an auditor writes nothing."""
    id_ = works.press("pump-1", defect="leak")
    with pytest.raises(Forbidden):
        works.give(id_, command, by, 1, **fields)  # type: ignore[arg-type]  # a list of actors and fields
    assert works.kinds() == ["reject"]


def test_only_the_owner_answers_and_never_accepts(works: Works) -> None:
    """The owner of made-at answers; even with a role at the customer he does not accept."""
    id_ = works.contained("pump-1", defect="leak", supplier="leak-test")
    owner = actor(Role.PROCESS_OWNER, process="leak-test")
    with pytest.raises(Forbidden):
        works.give(id_, "answer", actor(Role.PROCESS_OWNER, process="washing"))
    works.give(id_, "answer", owner)
    both = actor(Role.TEAM_LEADER)
    with pytest.raises(Forbidden):
        works.give(id_, "accept", type(both)("x", "p-x", both.grants + owner.grants), rating=5)
    assert works.give(id_, "accept", both, rating=5).state == "closed"


def test_unclassified_is_put_to_the_quality_engineer(works: Works) -> None:
    """While nobody is charged, a quality engineer answers."""
    id_ = works.contained("pump-1", supplier="atlantis")
    with pytest.raises(Forbidden):
        works.give(id_, "answer", actor(Role.PROCESS_OWNER))
    assert works.give(id_, "answer", actor(Role.QUALITY_ENGINEER)).attribution == "suspected"


def test_a_call_is_taken_by_its_function(works: Works) -> None:
    """Anybody of maintenance acknowledges it; anybody of material does not."""
    id_ = works.press("pump-1", "call", supplier="maintenance")
    with pytest.raises(Forbidden):
        works.give(id_, "acknowledge", actor(Role.WORKER, process="material"))
    assert works.give(id_, "acknowledge", actor(Role.WORKER, process="maintenance")).acknowledged_role == "worker"


def test_arriving_by_phone_needs_the_code(works: Works) -> None:
    """The three digits that the station shows; they are not journalled."""
    id_ = works.press("pump-1", defect="leak")
    code = arrival_code(KEYS.arrival, id_)
    with pytest.raises(Forbidden):
        works.give(id_, "arrive", LEADER, code=f"{(int(code) + 1) % 1000:03d}")
    works.give(id_, "arrive", LEADER, code=code)
    assert "code" not in works.rows()[-1].body["command"]


def test_the_code_cannot_be_tried_out(works: Works) -> None:
    """After five wrong codes even the right one waits a quarter of an hour; another person's count is another."""
    id_ = works.press("pump-1", defect="leak")
    code = arrival_code(KEYS.arrival, id_)
    for wrong in range(5):
        with pytest.raises(Forbidden):
            works.give(id_, "arrive", LEADER, code=f"{(int(code) + 1 + wrong) % 1000:03d}")
    for tried in ("000", code):
        with pytest.raises(TooMany) as e:
            works.give(id_, "arrive", LEADER, code=tried)
        assert e.value.retry_after_s == 900
    assert works[id_].state == "open"
    other = Actor("other", "p-other", LEADER.grants)
    with pytest.raises(Forbidden):
        works.give(id_, "arrive", other, code=f"{(int(code) + 1) % 1000:03d}")
    works.wait(minutes=15)
    assert works.give(id_, "arrive", LEADER, code=code).state == "arrived"


def test_override_and_release(works: Works) -> None:
    """Override in the grace; release of what is contained; both by the line of the complaint."""
    first = works.press("pump-1", "stop", supplier="maintenance")
    with works.db.write() as session, pytest.raises(NotFound):
        giving.override(session, SITE, "housing", Override(first, "mine"), LEADER, works.now)
    with works.db.write() as session:
        giving.override(session, SITE, "assembly", Override(first, "can go on"), LEADER, works.now)
    assert works.line("assembly").state == "running"
    second = works.contained("mill-1", "stop", supplier="maintenance")
    with works.db.write() as session:
        done = giving.release(session, SITE, "housing", Release(second), LEADER, works.now)
    assert (done.stop or {})["state"] == "released"
    assert (works.line("housing").state, works.line("housing").first_piece) == ("running", second)
    assert works.says("mill-1", "release", complaint=second).accepted
    assert works.kinds()[-2:] == ["release", "first-piece"]
    assert works.differences() == []


def test_merging_over_transactions(works: Works) -> None:
    """A press of the merged complaint leads to the other, and both have the row in their history."""
    into = works.press("pump-1", defect="leak", qty=1)
    other = works.press("pump-1", supplier="leak-test", qty=2)
    works.give(other, "merge", version=1, into=into, reason="one thing")
    works.says("pump-1", "detail", complaint=other, qty=5)
    assert (works[into].presses, works[into].qty, works[other].state) == (2, 6.0, "merged")
    assert works.differences() == []


def test_a_drill(works: Works) -> None:
    """Armed and ended by a supervisor of the line; in between a drill is one."""
    supervisor = actor(Role.SUPERVISOR, line="assembly")
    with works.db.write() as session:
        with pytest.raises(Forbidden):
            drills.arm_drill(session, SITE, "housing", supervisor, works.now)
        drills.arm_drill(session, SITE, "assembly", supervisor, works.now)
        assert drills.drills(session, SITE) == [drills.Drill("assembly")]
        with pytest.raises(Conflict):
            drills.arm_drill(session, SITE, "assembly", supervisor, works.now)
    drill = works.press("pump-1", "stop", drill=True)
    assert (works[drill].drill, works.line("assembly").state) == (True, "running")
    with works.db.write() as session:
        drills.end_drill(session, SITE, "assembly", supervisor, works.now)
    real = works.press("pump-1", "stop", drill=True)
    assert (works[real].drill, works[real].id) == (False, real)
    assert works.differences() == []


def test_counts_of_a_period_replace_each_other(works: Works) -> None:
    """Said twice it counts once, corrected it counts as corrected."""

    def say(units: float) -> int:
        counted = drills.Counted(
            process="machining", since=works.now, until=works.now + timedelta(hours=1), units=units
        )
        with works.db.write() as session:
            drills.record_count(session, SITE, counted, ALL, works.now)
            return session.scalar(sa.select(sa.func.sum(Exposure.units_milli))) or 0

    assert [say(100.5), say(100.5), say(90.25)] == [100_500, 100_500, 90_250]
    assert works.kinds() == ["count", "count"]
    assert works.differences() == []
    wrong = drills.Counted(process="atlantis", since=works.now, until=works.now + timedelta(hours=1), units=1)
    with works.db.write() as session, pytest.raises(Invalid):
        drills.record_count(session, SITE, wrong, ALL, works.now)
