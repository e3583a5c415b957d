"""What somebody pressed, checked before it is saved: nothing that the wire would refuse gets into the outbox."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from threenos_station.errors import BadPress
from threenos_station.ticks import Clock, Tick
from threenos_wire.decode import decode_one
from threenos_wire.events import Event, Malformed
from threenos_wire.ids import canonical_id, new_id
from threenos_wire.instants import format_instant

#: What the agent fills in by itself; `age_ms` may be given by a tablet that had queued the press.
_OURS = frozenset({"v", "boot", "seq", "at", "replay"})
FIELDS = frozenset(Event.__struct_fields__) - _OURS - {"id", "age_ms", "kind"}

_NIL = "00000000-0000-0000-0000-000000000000"
_MOST = 2**53
_POINTED = re.compile(r"`\$\.([A-Za-z_0-9]+)")
_NAMED = re.compile(r"`([A-Za-z_0-9]+)`")
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Press:
    """A press that may be saved. `body` is its JSON without what the outbox gives it (v, id, boot, seq, at, age)."""

    id: str
    kind: str
    body: bytes
    at: datetime
    tick: Tick

    @property
    def digest(self) -> str:
        """What tells the same press, sent again by a tablet, from another under the same id."""
        return body_digest(self.body)


def body_digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def compose(fields: Mapping[str, Any], clock: Clock) -> Press:
    """Check `fields` (an event without v, boot, seq, at; `id`, `age_ms` optional). BadPress names what is wrong."""
    for name in fields:
        if name in _OURS:
            raise BadPress("field-not-yours", f"`{name}` is filled in by the agent; leave it out", name)
    event_id = _id(fields.get("id"))
    age = _age(fields.get("age_ms"))
    body = {k: v for k, v in fields.items() if k not in ("id", "age_ms") and v is not None}
    wrong = _refused_by_the_wire(event_id, body)
    if wrong:
        raise BadPress("bad-field", *wrong)
    if "qty" in body:
        # A page says 3 and a command 3.0: the same press by another way must not look like another press.
        body["qty"] = float(body["qty"])
    at, tick = clock.wall() - timedelta(milliseconds=age), clock.tick().before(age)
    return Press(event_id, str(body["kind"]), _encode(body), at, tick)


def on_the_wire(event_id: str, boot: str, seq: int, at: str, age: int | None, replay: bool, body: bytes) -> bytes:
    """The event's bytes as they are sent: what the outbox knows, then what was pressed."""
    head: dict[str, Any] = {"v": 1, "id": event_id, "boot": boot, "seq": seq, "at": at, "age_ms": age}
    if replay:
        head["replay"] = True
    return msgspec.json.encode(head)[:-1] + b"," + body[1:]


def _id(given: Any) -> str:
    if given is None:
        return new_id()
    known = canonical_id(given) if isinstance(given, str) else None
    if known is None:
        raise BadPress("bad-field", "`id` is no UUID", "id")
    return known


def _age(given: Any) -> int:
    if given is None:
        return 0
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= 366 * 86_400_000:
        raise BadPress("bad-field", "`age_ms` is a number of milliseconds from 0 to a year", "age_ms")
    return given


def _refused_by_the_wire(event_id: str, body: Mapping[str, Any]) -> tuple[str, str | None] | None:
    """(detail, field) of what the server would refuse, tried with the longest numbers that the event can ever carry."""
    if not isinstance(body.get("kind"), str):
        return "`kind` is needed: what was pressed", "kind"
    try:
        encoded = _encode(body)
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError) as e:
        return f"cannot be written as UTF-8 JSON: {e}", None
    at = format_instant(datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
    tried = decode_one(on_the_wire(event_id, _NIL, _MOST, at, _MOST, True, encoded))
    if not isinstance(tried, Malformed):
        return None
    field = _POINTED.search(tried.detail) or _NAMED.search(tried.detail)
    return tried.detail, field[1] if field else None
