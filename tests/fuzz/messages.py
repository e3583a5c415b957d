"""What comes from a station: events, topics and presence, up to the row that the journal would get."""

import msgspec
from fuzz.target import Target
from hostile.corpus import messages
from service.complaints.works import SITE, START

from threenos_server.complaints.arrival import Arrival, keep
from threenos_wire.decode import decode
from threenos_wire.events import Event, Malformed
from threenos_wire.messages import Presence
from threenos_wire.topics import parse

_FIELDS = tuple(f'"{name}":'.encode() for name in Event.__struct_encode_fields__)
_pseudonyms: dict[str, str] = {}


def _event(raw: bytes) -> str:
    outcomes = set()
    for piece in decode(raw):
        if isinstance(piece, Malformed):
            msgspec.json.encode([piece.id, piece.reason, piece.detail])  # the ack
            outcomes.add(piece.reason.value)
            continue
        kept = keep(Arrival(piece, "mill-1", START), SITE, b"k" * 32, _pseudonyms)
        _pseudonyms.clear()
        assert kept.event.id and kept.event.boot and (piece.complaint is None) == (kept.event.complaint is None)
        msgspec.json.encode(kept.body)
        outcomes.add("taken")
    return "+".join(sorted(outcomes)) or "nothing in it"


def _topic(raw: bytes) -> str:
    found = parse(raw.decode(errors="replace"))
    if found is None:
        return "no station"
    address, leaf = found
    assert address.topic(leaf).encode() == raw and "/" not in address.site + address.station
    return "taken"


def _presence(raw: bytes) -> str:
    try:
        msgspec.json.decode(raw, type=Presence)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return "not understood"
    return "taken"


def event() -> Target:
    good = messages.raw(note='"a"', qty="3", photos=f'["sha256:{"a" * 64}"]', serials='["s"]', severity='"major"')
    array = b"[" + good + b"," + messages.raw(kind='"count"', qty="7") + b"]"
    return Target("event", _event, [good, array, *messages.PAYLOADS.values()], good, _FIELDS)


def topic() -> Target:
    here = f"threenos/v1/{SITE}/mill-1/event".encode()
    words = (b"/", b"+", b"#", b"$share", b"event", b"presence", b"threenos/v1")
    return Target("topic", _topic, [here, *(t.encode() for t in messages.TOPICS.values())], here, words)


def presence() -> Target:
    good = b'{"online":true,"boot":"b","version":"1","outbox":3}'
    return Target("presence", _presence, [good, *messages.PRESENCES.values()], good, (b'"outbox":',))


MAKE = {"event": event, "topic": topic, "presence": presence}
