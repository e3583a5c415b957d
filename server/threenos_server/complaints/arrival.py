"""What the intake hands in and gets back, and the event as the journal keeps it. Pure."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from threenos_server.access import Actor, pseudonym
from threenos_wire.events import Event, Reason
from threenos_wire.ids import canonical_id
from threenos_wire.instants import parse_instant

#: A difference between a station's clock and ours that is marked.
SKEW_MS = 2_000
#: Older than this nothing is: what says so has lost its clock.
_OLDEST = timedelta(days=3650)
_UNTOLD = ("v", "id", "age_ms", "pin")
_encode = msgspec.json.Encoder(order="deterministic").encode

Who = Callable[[str, str | None, str | None, str], Actor | None]
"""(site, badge, pin, station) → who that is, None when nobody is known by it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it came from a station, which its topic names; `received_at` is the server's clock."""

    event: Event
    station: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the station is told of one event, by the id that it gave it."""

    id: str | None
    accepted: bool
    reason: Reason | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An arrival ready for the journal: `event` has canonical ids, `body` no PIN and a pseudonym for the operator."""

    event: Event
    station: str
    occurred_at: datetime
    received_at: datetime
    body: dict[str, Any]
    actor: str | None


def nobody(_site: str, _badge: str | None, _pin: str | None, _station: str) -> None:
    """For where nobody can be known."""


def keep(arrival: Arrival, site: str, key: bytes, pseudonyms: dict[str, str]) -> Kept:
    """The arrival as it is journalled; `pseudonyms` keeps what was worked out for the badges of a batch."""
    event = _canonical(arrival.event)
    said: dict[str, Any] = msgspec.to_builtins(event)
    for name in _UNTOLD:
        said.pop(name, None)
    actor = None
    if event.operator is not None:
        actor = pseudonyms.get(event.operator)
        if actor is None:
            actor = pseudonyms[event.operator] = pseudonym(key, site, event.operator)
        said["operator"] = actor
    replay = said.pop("replay", None)
    body: dict[str, Any] = {"event": said, "digest": hashlib.sha256(_encode(said)).hexdigest()}
    if replay:
        said["replay"] = True
    occurred_at = _occurred(arrival, body)
    return Kept(event, arrival.station, occurred_at, arrival.received_at, body, actor)


def _occurred(arrival: Arrival, body: dict[str, Any]) -> datetime:
    """Receipt less age, so that a wrong station clock does no harm; after a power cut what the station's clock said."""
    received, age = arrival.received_at, arrival.event.age_ms
    at = parse_instant(arrival.event.at)
    if age is None:
        body["age_unknown"] = True
        return min(max(at, received - _OLDEST), received)
    occurred = received - min(timedelta(milliseconds=min(age, 10**12)), _OLDEST)
    skew = at - occurred
    if abs(skew) > _SKEW:
        body["clock_skew_ms"] = round(skew / _MS)
    return occurred.replace(microsecond=occurred.microsecond // 1000 * 1000)


def _canonical(event: Event) -> Event:
    """Ids in the one form in which they are compared."""
    changed = {
        name: canonical_id(text)
        for name, text in (("id", event.id), ("boot", event.boot), ("complaint", event.complaint))
        if text is not None and not _is_canonical(text)
    }
    return msgspec.structs.replace(event, **changed) if changed else event


def _is_canonical(text: str) -> bool:
    return len(text) == 36 and text[8] == text[13] == text[18] == text[23] == "-" and text == text.lower()


_SKEW = timedelta(milliseconds=SKEW_MS)
_MS = timedelta(milliseconds=1)
