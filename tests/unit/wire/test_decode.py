"""Whatever arrives, decoding answers: an event, or why it is none, beside its good neighbours."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threenos_wire.decode import decode
from threenos_wire.events import MAX_EVENT_BYTES, MAX_EVENTS, MAX_MESSAGE_BYTES, Event, Malformed, Reason
from threenos_wire.ids import new_id


def event(**fields: Any) -> dict[str, Any]:
    """A reject as a station says it, with `fields` changed or (None) left out."""
    return {
        "v": 1, "id": new_id(), "boot": new_id(), "seq": 1, "at": "2026-11-22T02:11:09.512Z", "age_ms": 12,
        "kind": "reject", "defect": "scratch",
    } | fields  # fmt: skip


def decoded(said: Any) -> Event | Malformed:
    (one,) = decode(json.dumps(said).encode())
    return one


def refusal(raw: bytes) -> Malformed:
    (one,) = decode(raw)
    assert isinstance(one, Malformed)
    return one


def test_the_example_of_the_contract_is_an_event() -> None:
    """Every field of the contract's example is taken."""
    said = event(
        operator="B-1044", supplier="stamping", qty=3, severity="major", part="P-77", lot="L-0931", serials=["S1"],
        photos=["sha256:" + "a" * 64], note="at the edge", complaint=new_id(), drill=False, replay=True,
    )  # fmt: skip
    got = decoded(said)
    assert isinstance(got, Event)
    assert (got.id, got.qty, got.supplier, got.replay) == (said["id"], 3.0, "stamping", True)


def test_null_is_the_same_as_absent() -> None:
    """Clients in other languages write null for what they do not know."""
    assert isinstance(decoded(event(note=None, qty=None, supplier=None)), Event)


def test_age_is_null_after_a_power_cut_but_never_missing() -> None:
    """A null age is an answer; a missing one is a fault of the client."""
    assert isinstance(decoded(event(age_ms=None)), Event)
    said = event()
    del said["age_ms"]
    assert isinstance(decoded(said), Malformed)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"v": 2}, "v"),
        ({"id": "7"}, "id"),
        ({"seq": 0}, "seq"),
        ({"kind": "scold"}, "scold"),
        ({"at": "2026-11-22T02:11:09"}, "at"),
        ({"at": "yesterday, in the morning"}, "at"),
        ({"qty": -1}, "qty"),
        ({"severity": "fatal"}, "fatal"),
        ({"photos": ["http://x"]}, "photos"),
        ({"note": "x" * 2001}, "note"),
        ({"defekt": "scratch"}, "defekt"),
        ({"station": "welding-9"}, "station"),
        ({"kind": "withdraw", "reason": "slip"}, "complaint"),
        ({"kind": "withdraw", "complaint": new_id()}, "reason"),
        ({"kind": "accept", "complaint": new_id()}, "rating"),
        ({"kind": "count"}, "qty"),
        ({"note": "a\0b"}, "NUL"),
    ],
)
def test_a_refusal_names_the_field_and_keeps_the_id(fields: dict[str, Any], names: str) -> None:
    """The station learns which of its events was refused, and for what."""
    said = event(**fields)
    got = decoded(said)
    assert isinstance(got, Malformed)
    assert got.reason is Reason.SCHEMA
    assert names in got.detail
    assert got.id == (said["id"] if len(said["id"]) == 36 else None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "{",
        "nul",
        '"',
        "\x00",
        '{"id": NaN}',
        "[" * 100_000,
        '{"seq":' + "9" * 5000 + "}",
        '{"note":"\\ud800"}',
    ],
    ids=["empty", "array", "object", "word", "quote", "nul", "nan", "deep", "digits", "surrogate"],
)
def test_traps_of_json_are_refused(text: str) -> None:
    """Known traps: depth, NaN, thousands of digits, lone surrogates, NUL."""
    assert refusal(text.encode()).reason in (Reason.MALFORMED, Reason.SCHEMA)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_beyond_all_years_is_refused(at: str) -> None:
    """It is well written, and yet no instant of UTC: the decoder refuses it and lives."""
    one = decoded(event(at=at))
    assert isinstance(one, Malformed)
    assert (one.reason, "`at`" in one.detail) == (Reason.SCHEMA, True)


@pytest.mark.parametrize(("note", "is_event"), [("C:\\u0000", True), ("a\0b", False), ("\\\0", False)])
def test_only_a_nul_is_a_nul(note: str, is_event: bool) -> None:
    """A backslash before the letters u0000 is plain text, and its press is taken."""
    assert isinstance(decoded(event(note=note)), Event) is is_event


def test_bytes_that_are_no_text_are_refused() -> None:
    """Malformed UTF-8 is kept as it came."""
    assert refusal(b'{"note":"\xff\xfe"}').raw == b'{"note":"\xff\xfe"}'


def test_one_bad_event_refuses_itself_only() -> None:
    """Its neighbours in the array are events."""
    good, bad = event(), event(kind="scold")
    got = decode(json.dumps([good, bad, 7, good]).encode())
    assert [type(g) for g in got] == [Event, Malformed, Malformed, Event]


def test_sizes_are_limited() -> None:
    """An event has 16 KiB, an array 100 events, a message 240 KiB; one more is refused with its reason."""
    assert refusal(json.dumps(event(note="x" * MAX_EVENT_BYTES)).encode()).reason is Reason.TOO_LARGE
    assert refusal(b" " * (MAX_MESSAGE_BYTES + 1)).reason is Reason.TOO_LARGE
    assert refusal(json.dumps([1] * (MAX_EVENTS + 1)).encode()).reason is Reason.TOO_MANY
    assert len(decode(json.dumps([event()] * MAX_EVENTS).encode())) == MAX_EVENTS


@given(st.binary(max_size=200))
def test_no_bytes_raise(raw: bytes) -> None:
    """The intake's callback cannot die of what it is sent."""
    assert isinstance(decode(raw), list)


_WRONG = (None, True, -1, 0, 2**70, 1e308, -0.5, "", "x" * 3000, "\x7f\u2028\U0001f600", [], [None], {}, {"a": [{}]})


@given(st.dictionaries(st.sampled_from([*event(), "operator", "qty", "note", "rating"]), st.sampled_from(_WRONG)))
def test_no_json_raises(said: dict[str, Any]) -> None:
    """Right names with wrong values are refused, never thrown."""
    assert all(isinstance(one, Event | Malformed) for one in decode(json.dumps(event() | said).encode()))
