"""Taking a station's events: once each, whatever they are, and one poison event alone."""

import json
from datetime import timedelta

import msgspec
import pytest
from service.complaints.works import KEYS, SITE, START, Works, actor

from threenos_server.access import Actor, Role, pseudonym
from threenos_server.complaints import taking
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.decide.decision import Decision, Said
from threenos_server.complaints.view import Plant
from threenos_server.errors import TooMany
from threenos_wire.events import Reason
from threenos_wire.instants import format_instant


def test_a_rejection_is_a_complaint(either: Works) -> None:
    """On both databases: attributed, journalled, and the tables are what the journal says."""
    id_ = either.press("pump-1", defect="leak", qty=2)
    found = either[id_]
    assert (found.station, found.customer, found.line) == ("pump-1", "pump-assembly", "assembly")
    again = either.press("pump-1", defect="leak", qty=1)
    assert either[again].id == id_
    assert (either[id_].presses, either[id_].qty) == (2, 3.0)
    either.press("pump-1", "stop", defect="leak")
    either.says("pump-2", "count", qty=12.5)
    either.says("pump-2", "count", qty=0.1)
    either.says("pump-2", "catch", defect="torque", qty=1)
    either.says("pump-1", "withdraw", complaint=again, reason="slip")
    assert either[id_].presses == 1
    assert either.differences() == []


def test_the_same_event_again_changes_nothing(works: Works) -> None:
    """Accepted again, also within one batch, and with another age or as a replay."""
    event = works.event("pump-1", "reject", defect="leak")
    later = Arrival(msgspec.structs.replace(event.event, age_ms=90_000, replay=True), "pump-1", event.received_at)
    outcomes = works.take(event, event, later)
    outcomes += works.take(later, event)
    assert [o.accepted for o in outcomes] == [True] * 5
    assert works.kinds() == ["reject"]


def test_an_id_is_not_used_twice(works: Works) -> None:
    """Another body under the same id is refused, in the batch and later; the first stays."""
    event = works.event("pump-1", "reject", defect="leak", qty=1)
    other = Arrival(msgspec.structs.replace(event.event, qty=2.0), "pump-1", event.received_at)
    first, second = works.take(event, other)
    third = works.take(other)[0]
    assert first.accepted
    assert (second.reason, third.reason) == (Reason.ID_REUSED, Reason.ID_REUSED)
    assert works[str(first.id)].qty == 1
    assert works.kinds() == ["reject", "refused", "refused"]


def test_a_refused_event_is_refused_again(works: Works) -> None:
    """With the reason of the first time; it is journalled once."""
    id_ = works.press("pump-1", defect="leak")
    event = works.event("pump-1", "accept", complaint=id_, rating=5)
    first, second = works.take(event, event)
    third = works.take(event)[0]
    assert first == second == third
    assert (first.accepted, first.reason) == (False, Reason.NOT_ALLOWED)
    assert works.kinds() == ["reject", "refused"]


def test_ids_are_compared_in_one_form(works: Works) -> None:
    """A station that writes them otherwise is answered in its own form."""
    event = works.event("pump-1", "reject", defect="leak")
    loud = msgspec.structs.replace(event.event, id=event.event.id.upper().replace("-", ""))
    outcome = works.take(Arrival(loud, "pump-1", event.received_at))[0]
    assert outcome.id == loud.id
    assert works[event.event.id].id == event.event.id
    assert works.take(event)[0].accepted
    assert works.kinds() == ["reject"]


def test_unknown_stations_and_strangers(works: Works) -> None:
    """An unknown station is refused; a station of another process has no say."""
    assert works.says("nowhere-1", "reject").reason is Reason.UNKNOWN_STATION
    id_ = works.press("pump-1", defect="leak")
    assert works.says("run-1", "withdraw", complaint=id_, reason="x").reason is Reason.NOT_YOURS
    assert works.says("mill-1", "detail", complaint=id_, qty=4).reason is Reason.NOT_YOURS
    assert works.says("pump-2", "detail", complaint=id_, qty=4).accepted


def test_one_poison_event_refuses_itself_only(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its neighbours are recorded; and it may be sent again when it is mended."""
    real = taking.press

    def fragile(plant: Plant, said: Said) -> Decision:
        if said.event.part == "poison":
            raise ZeroDivisionError
        return real(plant, said)

    monkeypatch.setattr(taking, "press", fragile)
    events = [works.event("pump-1", "reject", defect="leak", part=part) for part in ("a", "poison", "b")]
    outcomes = works.take(*events)
    assert [o.accepted for o in outcomes] == [True, False, True]
    assert outcomes[1].reason is Reason.BROKEN
    monkeypatch.undo()
    assert works.take(events[1])[0].accepted
    assert works[str(outcomes[0].id)].presses == 3
    assert works.differences() == []


def test_who_pressed_is_a_pseudonym_and_a_pin_is_nowhere(works: Works) -> None:
    """Neither badge nor PIN is in the journal."""
    works.says("pump-1", "reject", defect="leak", operator="B-1044")
    id_ = works.contained("mill-1", "stop", supplier="maintenance")

    def who(site: str, badge: str | None, pin: str | None, station: str) -> Actor | None:
        assert (site, badge, station) == (SITE, "B-7", "mill-1")
        return actor(Role.TEAM_LEADER, line="housing") if pin == "98765" else None

    assert works.says("mill-1", "release", who, complaint=id_, operator="B-7", pin="11111").reason is (
        Reason.NOT_AUTHORIZED
    )
    assert works.says("mill-1", "release", who, complaint=id_, operator="B-7", pin="98765").accepted
    assert works.line("housing").state == "running"
    text = json.dumps([row.body for row in works.rows()])
    assert not any(secret in text for secret in ("B-1044", "B-7", "98765", "11111"))
    assert works.rows()[0].actor == pseudonym(KEYS.pseudonym, SITE, "B-1044")


def test_a_locked_badge_proves_nothing(works: Works) -> None:
    """The event is judged without it, and its neighbours are not touched."""
    id_ = works.contained("mill-1", "stop", supplier="maintenance")

    def who(_site: str, _badge: str | None, _pin: str | None, _station: str) -> Actor | None:
        raise TooMany("too many PINs", 60)

    press, release = works.take(
        works.event("mill-1", "reject", defect="leak"),
        works.event("mill-1", "release", complaint=id_, operator="B-7", pin="11111"),
        who=who,
    )
    assert press.accepted
    assert release.reason is Reason.NOT_AUTHORIZED


def test_a_press_is_taken_back_where_it_was_pressed(works: Works) -> None:
    """Not at a station beside it; nor does that one say that the responder has come."""
    id_ = works.press("mill-1", defect="burr")
    works.press("mill-2", defect="burr")
    for kind, said in (("withdraw", {"reason": "slip"}), ("arrive", {})):
        outcome = works.says("mill-2", kind, complaint=id_, **said)
        assert (outcome.accepted, outcome.reason) == (False, Reason.NOT_YOURS)
        assert "mill-1" in str(outcome.detail)
    assert works.says("mill-1", "withdraw", complaint=id_, reason="slip").accepted
    assert works[id_].state == "withdrawn"


def test_a_merged_press_is_still_its_stations(works: Works) -> None:
    """It leads to the complaint of another station, where it is taken back by the one that pressed it."""
    one, two = works.press("mill-1", defect="burr"), works.press("mill-2", defect="burr")
    works.give(one, "merge", into=two, reason="the same box")
    assert works.says("mill-1", "withdraw", complaint=two, reason="slip").reason is Reason.NOT_YOURS
    assert works.says("mill-1", "withdraw", complaint=one, reason="slip").accepted
    assert (works[two].state, works[two].presses) == ("open", 1)


def test_a_stations_clock_does_no_harm(works: Works) -> None:
    """What happened is receipt less age; a clock that is off by more than two seconds is marked."""
    wrong = format_instant(START - timedelta(hours=1))
    ok = works.press("pump-1", defect="leak", age_ms=1500)
    off = works.press("pump-2", defect="leak", age_ms=500, at=wrong)
    assert works[ok].occurred_at == format_instant(START - timedelta(seconds=1.5))
    assert works[off].occurred_at == format_instant(START - timedelta(seconds=0.5))
    bodies = [row.body for row in works.rows()]
    assert "clock_skew_ms" not in bodies[0]
    assert bodies[1]["clock_skew_ms"] == -3_599_500


def test_after_a_power_cut_the_stations_clock_is_all_there_is(works: Works) -> None:
    """Used and marked; never in the future, never before the flood."""
    half = works.press("pump-1", defect="leak", age_ms=None, at=format_instant(START - timedelta(minutes=30)))
    ahead = works.press("pump-2", defect="leak", age_ms=None, at="2031-01-01T00:00:00.000Z")
    works.press("pump-3", defect="leak", age_ms=2**53, at="1970-01-01T00:00:00.000Z")
    assert works[half].occurred_at == format_instant(START - timedelta(minutes=30))
    assert works[ahead].occurred_at == format_instant(START)
    assert [row.body.get("age_unknown") for row in works.rows()] == [True, True, None]


def test_a_grace_runs_out(works: Works) -> None:
    """The clock stops the line at the fixed position, once."""
    id_ = works.press("pump-1", "stop", supplier="maintenance")
    works.wait(seconds=44)
    assert works.tick() == 0
    works.wait(seconds=1)
    assert works.tick() == 1
    assert works.tick() == 0
    assert (works.line("assembly").state, works[id_].stop) == (
        "stopped", {"state": "stopped", "from": format_instant(START + timedelta(seconds=45)), "until": None},
    )  # fmt: skip
    assert works.differences() == []
