"""Nothing that the wire would refuse gets into the outbox, and the reason names the field."""

from datetime import UTC, datetime
from typing import Any

import pytest

from threenos_station.errors import BadPress
from threenos_station.press import compose, on_the_wire
from threenos_station.ticks import Tick
from threenos_wire.decode import decode
from threenos_wire.events import MAX_EVENT_BYTES, Event
from threenos_wire.ids import new_id


class Stopped:
    """A clock that stands still."""

    def wall(self) -> datetime:
        return datetime(2026, 11, 22, 2, 11, 9, 512000, UTC)

    def tick(self) -> Tick:
        return Tick("boot", 60_000_000_000)


CLOCK = Stopped()


def bad(fields: dict[str, Any]) -> BadPress:
    with pytest.raises(BadPress) as caught:
        compose(fields, CLOCK)
    return caught.value


def test_a_press_becomes_an_event_of_the_wire() -> None:
    """Every field arrives, and the outbox's own beside them."""
    press = compose({"kind": "reject", "defect": "scratch", "qty": 3, "note": "划伤", "drill": True}, CLOCK)
    boot = new_id()
    sent = on_the_wire(press.id, boot, 41, "2026-11-22T02:11:09.512Z", 12, True, press.body)
    event = decode(sent)[0]
    assert isinstance(event, Event)
    assert (event.id, event.boot, event.seq, event.age_ms, event.replay) == (press.id, boot, 41, 12, True)
    assert (event.kind, event.defect, event.qty, event.note, event.drill) == ("reject", "scratch", 3, "划伤", True)


def test_an_unknown_age_is_null_on_the_wire() -> None:
    """After a power cut only the wall clock is left."""
    press = compose({"kind": "stop"}, CLOCK)
    event = decode(on_the_wire(press.id, new_id(), 1, "2026-11-22T02:11:09.512Z", None, True, press.body))[0]
    assert isinstance(event, Event) and event.age_ms is None


def test_what_a_browser_had_queued_is_dated_back() -> None:
    """Its wall time and its tick both."""
    press = compose({"kind": "stop", "age_ms": 9512}, CLOCK)
    assert press.at == datetime(2026, 11, 22, 2, 11, 0, 0, UTC)
    assert press.tick == Tick("boot", 50_488_000_000)


def test_the_tablets_own_id_is_kept_in_canonical_form() -> None:
    """So that a retry is never twice."""
    given = new_id()
    assert compose({"kind": "stop", "id": given.upper()}, CLOCK).id == given


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "kind"),
        ({"kind": 5}, "kind"),
        ({"kind": "explode"}, "kind"),
        ({"kind": "reject", "defect": 5}, "defect"),
        ({"kind": "reject", "colour": "red"}, "colour"),
        ({"kind": "reject", "qty": -1}, "qty"),
        ({"kind": "detail"}, "complaint"),
        ({"kind": "accept", "complaint": new_id()}, "rating"),
        ({"kind": "stop", "seq": 7}, "seq"),
        ({"kind": "stop", "id": "seven"}, "id"),
        ({"kind": "stop", "age_ms": -1}, "age_ms"),
        ({"kind": "stop", "age_ms": True}, "age_ms"),
        ({"kind": "reject", "photos": ["../etc/passwd"]}, "photos"),
    ],
)
def test_the_reason_names_the_field(fields: dict[str, Any], field: str) -> None:
    """Whoever wrote the script finds the mistake."""
    assert bad(fields).field == field


def test_text_that_is_no_text_is_refused() -> None:
    """A lone surrogate has no UTF-8, and a NUL no database."""
    assert "UTF-8" in bad({"kind": "reject", "note": "\ud800"}).detail
    assert "NUL" in bad({"kind": "reject", "note": "\x00"}).detail


def test_an_event_that_the_broker_would_not_carry_is_refused_at_once() -> None:
    """Poison never enters the outbox, where it would hold up what stands behind it."""
    serials = ["x" * 64] * 200
    press = compose({"kind": "reject", "serials": serials}, CLOCK)
    assert len(press.body) < MAX_EVENT_BYTES
    assert str(MAX_EVENT_BYTES) in bad({"kind": "reject", "serials": serials, "note": "长" * 2000}).detail


def test_a_number_is_the_same_however_it_is_written() -> None:
    """A tablet that retries by another way is not refused as somebody else."""
    given = new_id()
    pages, commands = ({"id": given, "kind": "reject", "qty": qty} for qty in (3, 3.0))
    assert compose(pages, CLOCK).digest == compose(commands, CLOCK).digest
