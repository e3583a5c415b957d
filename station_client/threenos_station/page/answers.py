"""What a route gives back, before it is bytes on a socket."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from threenos_station.errors import StationError
from threenos_station.station import Station

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole body."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stream:
    """Server-sent events of a station, until the tablet goes away."""

    station: Station


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(msgspec.json.encode(value), status, JSON, {k.replace("_", "-"): v for k, v in headers.items()})


def problem(e: StationError) -> Answer:
    """Problem details (RFC 9457); `code` is for the page's own words, `errors` names the field."""
    document: dict[str, Any] = {
        "type": "about:blank", "title": type(e).__name__, "status": e.status, "code": e.code, "detail": e.detail,
    }  # fmt: skip
    if e.field is not None:
        document["errors"] = [{"pointer": f"/{e.field}", "detail": e.detail}]
    return Answer(msgspec.json.encode(document), e.status, "application/problem+json")
