"""Messages that are no events: each is refused by itself, and decoding ends at once."""

import json
from time import thread_time

import pytest
from hostile.corpus import messages

from threenos_wire.decode import decode
from threenos_wire.events import MAX_MESSAGE_BYTES, Event, Malformed

#: Of the processor: not even a slow one takes that long for the worst of them.
AT_ONCE_S = 0.5


@pytest.mark.parametrize("raw", messages.PAYLOADS.values(), ids=messages.PAYLOADS)
def test_no_payload_is_an_event_and_none_takes_long(raw: bytes) -> None:
    """Every piece of it is refused with a reason; the bytes are kept as they came."""
    began = thread_time()
    pieces = decode(raw)
    assert thread_time() - began < AT_ONCE_S
    assert pieces and all(isinstance(piece, Malformed) and piece.detail for piece in pieces)
    assert b"".join(piece.raw for piece in pieces if isinstance(piece, Malformed)) == raw


WITHIN = {name: raw for name, raw in messages.PAYLOADS.items() if raw[:1] == b"{" and raw[-1:] == b"}"}


@pytest.mark.parametrize("raw", WITHIN.values(), ids=WITHIN)
def test_beside_each_the_neighbours_are_events(raw: bytes) -> None:
    """In an array with good ones before and behind it, also when no reader of JSON would read that array."""
    good = json.dumps(messages.event()).encode()
    first, *between, last = decode(b"[" + good + b"," + raw + b"," + good + b"]")
    assert isinstance(first, Event) and isinstance(last, Event)
    assert between and all(isinstance(piece, Malformed) for piece in between)


def test_of_a_key_given_twice_the_last_counts() -> None:
    """The same everywhere: the schema, the digest and the id are all of what was read."""
    (one,) = decode(messages.DUPLICATE_KEYS)
    assert isinstance(one, Event) and (one.kind, one.note) == ("reject", "b")


def test_a_message_as_long_as_it_may_be_is_decoded_at_once() -> None:
    """Of backslashes, of brackets and of digits, which naive readers go over again and again."""
    room = MAX_MESSAGE_BYTES - 40
    traps = (b"\\\\" * (room // 2), b"\\u0000" * (room // 6), b" " * room, b'\\"' * (room // 2), b'",' * (room // 2))
    for inside in (*traps, b"[" * room, b"[" * (room // 2) + b"]" * (room // 2)):
        began = thread_time()
        assert all(isinstance(piece, Malformed) for piece in decode(b'[{"note":"' + inside + b'"}]'))
        assert thread_time() - began < AT_ONCE_S
