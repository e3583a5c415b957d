"""What a broker may carry: payloads, topics, and packets that are none."""

import json
from typing import Any

from threenos_wire.events import MAX_EVENT_BYTES, MAX_EVENTS, MAX_MESSAGE_BYTES
from threenos_wire.ids import new_id


def event(**fields: Any) -> dict[str, Any]:
    """A reject as a station says it, with `fields` changed."""
    return {
        "v": 1, "id": new_id(), "boot": new_id(), "seq": 1, "at": "2026-11-22T02:11:09.512Z", "age_ms": 5,
        "kind": "reject", "defect": "porosity",
    } | fields  # fmt: skip


def raw(**fields: str) -> bytes:
    """An event whose `fields` are written as given: what no JSON library would write."""
    said = {name: json.dumps(value) for name, value in event().items()} | fields
    return ("{" + ",".join(f'"{name}":{value}' for name, value in said.items()) + "}").encode("utf-8", "surrogatepass")


_ID = "0199a3c0-0000-7000-8000-00000000000a"

#: None of these is an event, alone or in an array.
PAYLOADS: dict[str, bytes] = {
    "nothing": b"",
    "no UTF-8": b'{"note":"\xff\xfe"}',
    "overlong UTF-8": raw(note='"@"').replace(b"@", b"\xc0\x80"),
    "surrogate in UTF-8": raw(note='"\ud800"'),
    "a byte order mark": b"\xef\xbb\xbf" + raw(),
    "UTF-16": raw().decode().encode("utf-16"),
    "NUL": raw(note='"a\\u0000b"'),
    "a bare NUL": raw(note='"a\0b"'),
    "a lone surrogate": raw(note='"\\ud800"'),
    "surrogates the wrong way round": raw(note='"\\udc00\\ud800"'),
    "NaN": raw(qty="NaN"),
    "Infinity": raw(qty="-Infinity"),
    "5,000 digits": raw(seq="9" * 5000),
    "4,000 digits": raw(seq="9" * 4000),
    "2**63": raw(seq=str(2**63)),
    "beyond a float": raw(qty="1e400"),
    "a subnormal float": raw(qty="1e-400"),
    "10,000 zeros": raw(qty="0." + "0" * 10_000 + "1"),
    "deep arrays": b'{"note":' + b"[" * 8000,
    "deep objects": b'{"a":' * 2500,
    "deep and closed": raw(note="[" * 4000 + "]" * 4000),
    "a message of brackets": b"[" * 100_000,
    "oversize": raw(note=json.dumps("x" * MAX_EVENT_BYTES)),
    "an oversize message": b" " * (MAX_MESSAGE_BYTES + 1),
    "too many": json.dumps([1] * (MAX_EVENTS + 1)).encode(),
    "an id with a line break": raw(id=f'"{_ID}\\n"'),
    "a boot with a line break": raw(boot=f'"{_ID}\\n"'),
    "a complaint with a line break": raw(kind='"detail"', complaint=f'"{_ID}\\n"'),
    "a photo with a line break": raw(photos=f'["sha256:{"a" * 64}\\n"]'),
    "a PIN with a line break": raw(pin='"1234\\n"'),
    "another version": raw(v="2"),
    "a comment": b"// no\n" + raw(),
    "single quotes": raw().replace(b'"', b"'"),
    "two events": raw() + raw(),
    "a number": b"7",
    "a year beyond all years": raw(at='"9999-12-31T23:59:59-12:00"'),
    "a week for a date": raw(at='"2026-W47-7T00:00:00+00:00:00.000001+1"'),
    "an unknown kind": raw(kind='"scold"'),
    "a field too many": raw(__proto__='{"admin":true}'),
    **{f"{name} is {value[:9]}": raw(**{name: value})
       for name in ("v", "id", "boot", "seq", "at", "age_ms", "kind", "qty", "photos", "serials", "note", "drill")
       for value in ("{}", "[[]]", '"x\\u0007"', "-1e99")
       if (name, value) != ("note", '"x\\u0007"')},
}  # fmt: skip

#: Of a key that is given twice the last counts, everywhere: this is one event, which has this id.
DUPLICATE_KEYS = raw(kind='"stop","kind":"reject"', note='"a","note":"b"')

#: Published by whoever may publish anything: none of them is a station's.
TOPICS = {
    "no station": "threenos/v1/lakeside/event",
    "an empty part": "threenos/v1//leak-1/event",
    "one part too many": "threenos/v1/lakeside/leak-1/x/event",
    "large letters": "threenos/v1/LAKESIDE/leak-1/event",
    "up": "threenos/v1/../leak-1/event",
    "a space": "threenos/v1/lakeside/leak 1/event",
    "a script": "threenos/v1/lakeside/<script>/event",
    "a line break": "threenos/v1/lakeside/leak-1\n/event",
    "long": f"threenos/v1/lakeside/{'a' * 2000}/event",
    "not ASCII": "threenos/v1/lakeside/漏检-1/event",
    "no character": "threenos/v1/lakeside/\ufffe/event",
}

PRESENCES: dict[str, bytes] = {
    "nonsense": b"\xff",
    "numbers": b'{"online":1,"boot":2,"version":3,"outbox":4}',
    "40 digits": b'{"online":true,"boot":"b","version":"1","outbox":' + b"9" * 40 + b"}",
    "negative": b'{"online":true,"boot":"b","version":"1","outbox":-1}',
    "long": json.dumps({"online": True, "boot": "b" * 9000, "version": "v" * 9000, "outbox": 1}).encode(),
    "NUL": b'{"online":true,"boot":"\\u0000","version":"a\\u0000","outbox":1}',
    "deep": b'{"online":' + b"[" * 9000,
}


def packet(kind: int, rest: bytes, length: bytes | None = None) -> bytes:
    """An MQTT packet; `length` is what it says instead of its length."""
    said, left = b"", len(rest)
    while not said or left:
        said += bytes([left % 128 | (128 if left > 127 else 0)])
        left //= 128
    return bytes([kind]) + (said if length is None else length) + rest


def text(said: bytes) -> bytes:
    return len(said).to_bytes(2, "big") + said


def connect(client: bytes, user: bytes, password: bytes, level: int = 4, name: bytes = b"MQTT") -> bytes:
    """A CONNECT of MQTT 3.1.1, or of what `level` and `name` say."""
    head = text(name) + bytes([level, 0xC2]) + b"\0\x3c"
    return packet(0x10, head + text(client) + text(user) + text(password))


def publish(topic: bytes, payload: bytes, head: int = 0x30) -> bytes:
    """A PUBLISH of quality 0; 0x31 is retained."""
    return packet(head, text(topic) + payload)


#: Spoken to the broker instead of, or right after, a good CONNECT.
PACKETS: dict[str, bytes] = {
    "noise": bytes(range(256)),
    "a giant length": b"\x30\xff\xff\xff\x7f" + b"a" * 100,
    "a length without an end": b"\x30\xff\xff\xff\xff\xff\xff",
    "no topic": publish(b"", b"x"),
    "half a topic": packet(0x30, b"\xff\xffabc"),
    "a wildcard": publish(b"threenos/v1/+/+/event", b"{}"),
    "everything": publish(b"#", b"{}"),
    "no UTF-8": publish(b"threenos/v1/\xff\xfe/leak-1/event", b"{}"),
    "a surrogate": publish(b"threenos/v1/\xed\xa0\x80/leak-1/event", b"{}"),
    "NUL": publish(b"threenos/v1/a\0b/leak-1/event", b"{}"),
    "quality 3": publish(b"threenos/v1/lakeside/leak-1/event", b"{}", 0x36),
    "a subscription to nothing": packet(0x82, b"\0\x01"),
    "a subscription to bad filters": packet(0x82, b"\0\x01" + text(b"a/#/b") + b"\x02" + text(b"a+") + b"\x02"),
    "an answer to nothing": packet(0x40, b"\xff\xff"),
    "a reserved kind": packet(0xF0, b"abc"),
    "connect again": connect(b"x", b"x", b"x"),
    "another protocol": connect(b"x", b"x", b"x", name=b"HTTP"),
    "another level": connect(b"x", b"x", b"x", level=99),
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50,
}
#: Topics that are the server's, at which a station would lie to the whole plant.
SERVERS = ("threenos/v1/lakeside/_server", "threenos/v1/lakeside/_line/housing", "threenos/v1/lakeside/leak-1/ack",
           "threenos/v1/lakeside/leak-1/state", "threenos/v1/lakeside/leak-1/setup",
           "threenos/v1/lakeside/mill-1/event", "threenos/v1/lakeside/mill-1/presence",
           "$SYS/broker/uptime")  # fmt: skip
