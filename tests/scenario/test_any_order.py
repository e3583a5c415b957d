"""Whatever chance does: the order and number of deliveries do not show, no stop waits, and a rebuild says the same."""

import random
from datetime import timedelta
from typing import Any

from homes import Template
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario.chances import STATIONS, run, shuffled, standing
from scenario.story import SITE, Plant, opened

from threenos_server.complaints import load
from threenos_server.complaints.arrival import Arrival
from threenos_wire.events import DEPENDENT

FEW = settings(max_examples=8, deadline=None)
_DEFECT = st.sampled_from(["porosity", "burr", None])
_QTY = st.sampled_from([None, 1.0, 2.5])
_PRESS = st.one_of(
    st.fixed_dictionaries({"kind": st.sampled_from(["reject", "stop"]), "defect": _DEFECT, "qty": _QTY}),
    st.fixed_dictionaries({"kind": st.just("call"), "supplier": st.sampled_from(["maintenance", "quality"])}),
    st.fixed_dictionaries({"kind": st.just("catch"), "defect": _DEFECT, "qty": _QTY}),
    st.fixed_dictionaries({"kind": st.just("count"), "qty": st.just(7.0)}),
)
_LATER = st.sampled_from([
    {"kind": "detail", "note": "one"}, {"kind": "detail", "note": "two"},
    {"kind": "withdraw", "reason": "slip"}, {"kind": "detail", "qty": 7.0, "lot": "L1"}, {"kind": "arrive"},
    {"kind": "detail", "defect": "burr", "note": "again"}, {"kind": "accept", "rating": 3}, {"kind": "release"},
])  # fmt: skip


@st.composite
def scripts(draw: st.DrawFn) -> list[tuple[str, dict[str, Any]]]:
    """What two stations of one line say: presses first, then what depends on them (`of`: the place of the press)."""
    script: list[tuple[str, dict[str, Any]]] = []
    for station in ("mill-1", "leak-1"):
        pressed = draw(st.lists(_PRESS, min_size=1, max_size=4))
        about = [len(script) + n for n, p in enumerate(pressed) if p["kind"] in ("reject", "stop", "call")]
        script += [(station, p) for p in pressed]
        if about:
            later = draw(st.lists(st.tuples(_LATER, st.sampled_from(about)), min_size=2, max_size=6))
            script += [(station, {**said, "of": of}) for said, of in later]
    return script


def events(plant: Plant, script: list[tuple[str, dict[str, Any]]]) -> list[Arrival]:
    """The script's events with the same ids each time."""
    made: list[Arrival] = []
    for n, (station, said) in enumerate(script):
        fields = {k: v for k, v in said.items() if k not in ("of", "kind")}
        if "of" in said:
            fields["complaint"] = made[said["of"]].event.id
        fields |= {"id": f"01970000-0000-7000-8000-{n:012d}", "boot": f"01970000-0000-7000-8000-{len(station):012x}"}
        made.append(plant.event(station, said["kind"], **fields))
    return made


@FEW
@given(script=scripts(), seed=st.integers(0, 2**32))
def test_how_often_and_in_what_order_does_not_show(
    begun: Template, script: list[tuple[str, dict[str, Any]]], seed: int
) -> None:
    """One to ten deliveries, dependent events before what they depend on: every fold's tables end the same."""
    with opened(begun) as once:
        once.take(*events(once, script))
        once.clock.advance(minutes=5)
        wanted = standing(once)
    chance = random.Random(seed)
    with opened(begun) as plant:
        order = shuffled(events(plant, script), lambda a: a.event.kind not in DEPENDENT, chance)
        while order:
            size = chance.randint(1, 8)
            plant.take(*order[:size])
            order = order[size:]
        plant.clock.advance(minutes=5)
        assert standing(plant) == wanted
        plant.check()


@FEW
@given(seqs=st.lists(st.tuples(st.sampled_from(STATIONS), st.integers(1, 400)), min_size=1, max_size=12, unique=True))
def test_no_stop_waits_for_a_hole(begun: Template, seqs: list[tuple[str, int]]) -> None:
    """Whatever numbers of a boot are missing before it, a stop has its complaint and holds its line at once."""
    with opened(begun) as plant:
        for station, seq in seqs:
            press = plant.press(station, stop=True, seq=seq)
            found = plant[press]
            assert found.stop is not None
            assert found.stop["until"] is None
            assert plant.line(found.line).state in ("stopped", "stop-pending")
            plant.says(station, "detail", press, note="and this waits or not", seq=seq + 500)
        with plant.db.read() as session:
            assert {w.event["kind"] for w in load.all_waiting(session, SITE)} <= {"detail"}


@FEW
@given(seed=st.integers(0, 2**32))
def test_a_rebuild_says_the_same_after_anything(begun: Template, seed: int) -> None:
    """Thirty random presses, commands and waits; and what must hold of every plant holds."""
    with opened(begun) as plant:
        run(plant, seed, 30)
        plant.check()
        known = {c.id: c for c in plant.complaints()}
        for line in ("housing", "motor", "assembly"):
            standing_stops = [c for c in known.values() if c.line == line and c.stop and c.stop["until"] is None]
            assert (plant.line(line).state == "running") == (not standing_stops)
        about = [c.about for c in known.values() if c.about is not None]
        assert len(about) == len({tuple(a.values()) for a in about})
        assert all(known[a["complaint"]].kind != "late-response" for a in about)
        assert all(c.stop is None for c in known.values() if c.drill)
        ids = [r.event_id for r in plant.rows() if r.event_id is not None]
        assert len(ids) == len(set(ids))
        plant.clock.advance(hours=1)
        assert plant.longest_held() <= timedelta(minutes=10)
