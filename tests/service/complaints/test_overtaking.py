"""Events that come out of order, several times, or never: the same complaint in the end."""

import random
from typing import Any

import msgspec
from homes import Template
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from service.complaints.works import SITE, Works, actor, copied, documents, split

from threenos_server.access import Actor, Role
from threenos_server.complaints import load
from threenos_server.complaints.arrival import Arrival
from threenos_wire.events import DEPENDENT, Reason

QUICK = settings(
    max_examples=15,
    deadline=None,
    phases=[phase for phase in Phase if phase is not Phase.shrink],  # each example is a database
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
STATIONS = ("mill-1", "leak-1")


@st.composite
def scripts(draw: st.DrawFn) -> list[tuple[str, dict[str, Any]]]:
    """What two stations of a line say: presses, then what depends on them (`of` is the place of the press)."""
    script: list[tuple[str, dict[str, Any]]] = []
    for station in STATIONS:
        presses = draw(st.lists(st.sampled_from(["porosity", "burr", None]), min_size=1, max_size=4))
        first = len(script)
        kinds = st.sampled_from(["reject", "reject", "stop"])
        script += [(station, {"kind": draw(kinds), "defect": d, "qty": draw(_QTY)}) for d in presses]
        for _ in range(draw(st.integers(0, 5))):
            of = first + draw(st.integers(0, len(presses) - 1))
            script.append((station, {**draw(st.sampled_from(_LATER)), "of": of}))
    return script


_QTY = st.sampled_from([None, 1.0, 2.5])
_LATER: list[dict[str, Any]] = [
    {"kind": "withdraw", "reason": "slip"},
    {"kind": "detail", "qty": 7.0, "lot": "L1"},
    {"kind": "detail", "defect": "burr", "note": "again"},
    {"kind": "detail", "serials": ["s1", "s2"]},
    {"kind": "arrive"},
    {"kind": "accept", "rating": 3},
    {"kind": "release"},
]


def arrivals(works: Works, script: list[tuple[str, dict[str, Any]]]) -> list[Arrival]:
    """The events of a script, in order. Their ids are the same each time."""
    made: list[Arrival] = []
    for n, (station, said) in enumerate(script):
        fields = {k: v for k, v in said.items() if k != "of"}
        if "of" in said:
            fields["complaint"] = made[said["of"]].event.id
        fields |= {"id": f"01970000-0000-7000-8000-{n:012d}", "boot": "01970000-0000-7000-8000-ffffffffffff"}
        made.append(works.event(station, fields.pop("kind"), **fields))
    return made


def shuffled(events: list[Arrival], chance: random.Random) -> list[Arrival]:
    """Each one to three times, in any order; only the first deliveries of presses for the same keep theirs."""
    order = events[:]
    chance.shuffle(order)
    presses = [e for e in events if e.event.kind not in DEPENDENT]
    places = sorted(order.index(e) for e in presses)
    for place, press in zip(places, presses, strict=True):
        order[place] = press
    again = [e for e in events for _ in range(chance.randint(0, 2))]
    for e in again:
        order.insert(chance.randint(order.index(e) + 1, len(order)), e)
    return order


def outcome(works: Works) -> list[dict[str, Any]]:
    """Every complaint but for its version, which lines stand, and what was made of each dependent event."""
    with works.db.read() as session:
        found = [msgspec.to_builtins(msgspec.structs.replace(c, version=0)) for c in documents(session)]
        assert load.all_waiting(session, SITE) == []
    line = works.line("housing")
    return [*found, {"state": line.state, "first_piece": line.first_piece}]


@QUICK
@given(script=scripts(), seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 60), max_size=6))
def test_any_order_folds_to_the_same(
    made: Template, script: list[tuple[str, dict[str, Any]]], seed: int, cuts: list[int]
) -> None:
    """Duplicates, and dependent events that overtake what they depend on, in any batches; and a rebuild agrees."""
    with copied(made) as plain:
        plain.take(*arrivals(plain, script))
        wanted = outcome(plain)
    with copied(made) as works:
        for batch in split(shuffled(arrivals(works, script), random.Random(seed)), cuts):
            assert all(o.accepted or o.reason in _JUDGED for o in works.take(*batch))
        assert outcome(works) == wanted
        assert works.differences() == []


_JUDGED = {Reason.NOT_ALLOWED, Reason.NOT_AUTHORIZED}


def test_what_overtakes_its_press_waits(works: Works) -> None:
    """Accepted at once, in effect when the press has come."""
    press = works.event("pump-1", "reject", defect="leak")
    detail = works.event("pump-1", "detail", complaint=press.event.id, qty=4)
    assert works.take(detail)[0].accepted
    assert works.take(press)[0].accepted
    assert works[press.event.id].qty == 4
    assert works.kinds() == ["detail", "reject", "applied"]
    assert [row.event_id for row in works.rows()] == [detail.event.id, press.event.id, None]


def test_a_press_never_waits(works: Works) -> None:
    """A stop with a hole before it stops the line at once."""
    outcome = works.says("mill-1", "stop", seq=9, supplier="maintenance")
    assert outcome.accepted
    assert works.line("housing").state == "stopped"


def test_a_stop_is_withdrawn_though_its_withdrawal_waited(works: Works) -> None:
    """Across batches: the stop is there, the press between comes last."""
    stop = works.press("mill-1", "stop", supplier="maintenance")
    between = works.event("mill-1", "reject", defect="porosity")
    works.says("mill-1", "withdraw", complaint=stop, reason="slip")
    assert works.line("housing").state == "stopped"
    works.take(between)
    assert (works[stop].state, works.line("housing").state) == ("withdrawn", "running")


def test_a_hole_is_given_up_after_ten_seconds(works: Works) -> None:
    """What waited behind it takes effect then, in its order; what filled the hole later still counts."""
    id_ = works.press("pump-1", defect="leak")
    missing = works.event("pump-1", "detail", complaint=id_, lot="late")
    works.take(works.event("pump-1", "arrive", complaint=id_))
    works.take(works.event("pump-1", "detail", complaint=id_, note="second"))
    assert (works[id_].state, works[id_].note) == ("open", None)
    works.wait(seconds=9.9)
    assert works.tick() == 0
    works.wait(seconds=0.1)
    assert works.tick() == 2
    assert (works[id_].state, works[id_].note) == ("arrived", "second")
    assert works.take(missing)[0].accepted
    assert works[id_].lot == "late"
    assert works.differences() == []


def test_an_unheard_complaint_is_given_up_after_a_day(works: Works) -> None:
    """Refused then, and that is journalled; it was acknowledged as accepted."""
    lost = "01970000-0000-7000-8000-000000000001"
    assert works.says("pump-1", "detail", complaint=lost, qty=4).accepted
    works.wait(hours=23)
    assert works.tick() == 0
    works.wait(hours=1)
    assert works.tick() == 1
    last = works.rows()[-1]
    assert (last.kind, last.body["reason"], last.complaint) == ("refused", "unknown-complaint", lost)
    assert works.tick() == 0
    assert works.differences() == []


def test_a_release_keeps_its_proof_while_it_waits(works: Works) -> None:
    """Who stood there was checked at receipt; the PIN is not kept."""

    def who(_site: str, _badge: str | None, _pin: str | None, _station: str) -> Actor:
        return actor(Role.TEAM_LEADER)

    id_ = works.contained("mill-1", "stop", supplier="maintenance")
    between = works.event("mill-1", "detail", complaint=id_, note="n")
    works.says("mill-1", "release", who, complaint=id_, pin="12345")
    assert works.line("housing").state == "stopped"
    works.take(between)
    assert works.line("housing").state == "running"


def test_holes_are_found(works: Works) -> None:
    """What never came is counted, once it is given up."""
    works.says("pump-1", "count", qty=1, seq=4)
    works.wait(seconds=11)
    works.says("pump-1", "count", qty=1, seq=5)
    with works.db.read() as session:
        boot = load.boots(session, SITE, {("pump-1", works.boot)})["pump-1", works.boot]
    assert (boot.upto, boot.missing, boot.beyond) == (5, 3, {})
