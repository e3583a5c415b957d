"""Bytes from a topic into events. Never raises: what is no event comes back as Malformed beside its neighbours."""

import re

import msgspec

from threenos_wire.events import (
    DEPENDENT,
    MAX_EVENT_BYTES,
    MAX_EVENTS,
    MAX_MESSAGE_BYTES,
    Event,
    Kind,
    Malformed,
    Reason,
)
from threenos_wire.ids import canonical_id
from threenos_wire.instants import parse_instant

Decoded = Event | Malformed

_event = msgspec.json.Decoder(Event)
_array = msgspec.json.Decoder(list[msgspec.Raw])
#: A NUL as JSON writes it; after an escaped backslash the same letters are plain text.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

#: What gives JSON its shape; a text is one mark, and one that does not end goes on to the end.
_MARK = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{},]', re.DOTALL)


class _Named(msgspec.Struct):
    id: str | None = None


_named = msgspec.json.Decoder(_Named)


def decode(payload: bytes) -> list[Decoded]:
    """The events of one message, oldest first; each bad one refused by itself.

    A message over 240 KiB or an array over 100 events is refused whole, because nobody can say which part was meant.
    """
    if len(payload) > MAX_MESSAGE_BYTES:
        return [Malformed(payload, Reason.TOO_LARGE, f"a message may have {MAX_MESSAGE_BYTES} bytes")]
    if payload.lstrip()[:1] != b"[":
        return [decode_one(payload)]
    try:
        raws = [bytes(raw) for raw in _array.decode(payload)]
    except (msgspec.DecodeError, RecursionError, ValueError) as e:
        # One piece that no JSON reader takes (half a character, NaN) must not take its neighbours with it.
        raws = _pieces(payload)
        if not raws:
            return [Malformed(payload, Reason.MALFORMED, f"not JSON: {e}")]
    if len(raws) > MAX_EVENTS:
        return [Malformed(payload, Reason.TOO_MANY, f"an array may have {MAX_EVENTS} events; send the rest apart")]
    return [decode_one(raw) for raw in raws]


def _pieces(payload: bytes) -> list[bytes]:
    """What stands between the commas of an array, whatever it is; nothing when the array does not end where it does."""
    depth, begins = 0, 0
    pieces: list[bytes] = []
    for mark in _MARK.finditer(payload):
        match mark[0]:
            case b"[" | b"{":
                depth += 1
                begins = begins or mark.end()
            case b"]" | b"}":
                depth -= 1
                if depth == 0:
                    return [*pieces, payload[begins : mark.start()]] if not payload[mark.end() :].strip() else []
            case b"," if depth == 1:
                pieces.append(payload[begins : mark.start()])
                begins = mark.end()
    return []


def decode_one(raw: bytes) -> Decoded:
    """One event, or why it is none."""
    if len(raw) > MAX_EVENT_BYTES:
        return Malformed(raw, Reason.TOO_LARGE, f"an event may have {MAX_EVENT_BYTES} bytes", _id_of(raw))
    try:
        event = _event.decode(raw)
    except msgspec.ValidationError as e:
        return Malformed(raw, Reason.SCHEMA, str(e), _id_of(raw))
    except (msgspec.DecodeError, RecursionError, ValueError) as e:
        return Malformed(raw, Reason.MALFORMED, f"not JSON: {e}")
    wrong = _beyond_schema(event, raw)
    return Malformed(raw, Reason.SCHEMA, wrong, _id_of(raw)) if wrong else event


def has_nul(raw: bytes) -> bool:
    """Whether a text in this JSON has a NUL, which PostgreSQL cannot keep."""
    return b"\\u0000" in raw and _NUL.search(raw) is not None


def _beyond_schema(event: Event, raw: bytes) -> str | None:
    """What the types cannot say: which kinds need which fields, and text that a database cannot keep."""
    if has_nul(raw):
        return "NUL in a text; leave it out"
    try:
        parse_instant(event.at)
    except ValueError as e:
        return f"`at` is no RFC 3339 instant: {e}"
    if event.kind in DEPENDENT and event.complaint is None:
        return f"`complaint` is needed for {event.kind}"
    if event.kind is Kind.ACCEPT and event.rating is None:
        return "`rating` 1 to 5 is needed for accept"
    if event.kind in (Kind.DECLINE, Kind.WITHDRAW) and event.reason is None:
        return f"`reason` is needed for {event.kind}"
    if event.kind is Kind.COUNT and event.qty is None:
        return "`qty` is needed for count: the units handed on since the last count"
    return None


def _id_of(raw: bytes) -> str | None:
    """The id of something that failed the schema, so that its station can tell which one was refused."""
    try:
        named = _named.decode(raw).id
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return canonical_id(named) if named else None
