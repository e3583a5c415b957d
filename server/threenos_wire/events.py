"""What a station can say: one event, or an array of up to a hundred, as UTF-8 JSON."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

MAX_EVENT_BYTES = 16 * 1024
MAX_MESSAGE_BYTES = 240 * 1024
MAX_EVENTS = 100


class Kind(StrEnum):
    REJECT = "reject"
    STOP = "stop"
    CATCH = "catch"
    CALL = "call"
    DETAIL = "detail"
    ARRIVE = "arrive"
    RELEASE = "release"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    COUNT = "count"


class Severity(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Reason(StrEnum):
    """Why an event was refused."""

    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    TOO_MANY = "too-many"
    SCHEMA = "schema"
    ID_REUSED = "id-reused"
    UNKNOWN_STATION = "unknown-station"
    UNKNOWN_COMPLAINT = "unknown-complaint"
    NOT_YOURS = "not-yours"
    NOT_ALLOWED = "not-allowed"
    NOT_AUTHORIZED = "not-authorized"
    BROKEN = "broken"


#: A press opens a complaint or adds to one; the kinds below name the complaint they are about.
PRESSES = frozenset({Kind.REJECT, Kind.STOP, Kind.CALL})
DEPENDENT = frozenset({Kind.DETAIL, Kind.ARRIVE, Kind.RELEASE, Kind.ACCEPT, Kind.DECLINE, Kind.WITHDRAW})

# In Python `$` is also true before a line break at the end, elsewhere it is not; with `(?!\n)` it is so everywhere.
Id = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$(?!\n)")]
Short = Annotated[str, Meta(min_length=1, max_length=64)]
Photo = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}$(?!\n)")]


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing a station said. `age_ms` is how long ago, by a monotonic clock, at the moment of sending."""

    v: Annotated[int, Meta(ge=1, le=1)]
    id: Id
    boot: Id
    seq: Annotated[int, Meta(ge=1, le=2**53)]
    at: Annotated[str, Meta(min_length=20, max_length=40)]
    age_ms: Annotated[int, Meta(ge=0, le=2**53)] | None
    kind: Kind
    operator: Short | None = None
    pin: Annotated[str, Meta(pattern=r"^[0-9]{4,12}$(?!\n)")] | None = None
    defect: Short | None = None
    supplier: Short | None = None
    qty: Annotated[float, Meta(gt=0, le=1e9)] | None = None
    severity: Severity | None = None
    part: Short | None = None
    lot: Short | None = None
    serials: Annotated[list[Short], Meta(max_length=200)] | None = None
    photos: Annotated[list[Photo], Meta(max_length=20)] | None = None
    note: Annotated[str, Meta(max_length=2000)] | None = None
    complaint: Id | None = None
    rating: Annotated[int, Meta(ge=1, le=5)] | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    drill: bool = False
    replay: bool = False


class Malformed(msgspec.Struct, frozen=True):
    """Something that is no event: kept as raw bytes and refused with a reason."""

    raw: bytes
    reason: Reason
    detail: str
    id: str | None = None
