"""Rows of the journal as lines of JSON, each with its hash: what `threenos journal export` writes and a restore reads.

The body stands in them as it was hashed, to the letter, so that a line can be verified and taken back.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from threenos_server.db import from_ms, to_ms
from threenos_server.errors import Fault, Invalid, NotFound
from threenos_server.journal.model import Stored
from threenos_wire.instants import format_instant, parse_instant


class Line(msgspec.Struct, frozen=True):
    """A row. The instants are RFC 3339."""

    site: str
    seq: int
    at: str
    occurred_at: str
    kind: str
    line: str | None
    station: str | None
    complaint: str | None
    actor: str | None
    event_id: str | None
    body: msgspec.Raw
    prev: str
    hash: str


_decoder = msgspec.json.Decoder(Line)
_encode = msgspec.json.Encoder().encode


def line_of(row: Stored) -> bytes:
    """A stored row as a line."""
    site, seq, at, occurred_at, kind, line, station, complaint, actor, event_id, body, prev, digest = row
    instants = format_instant(from_ms(at)), format_instant(from_ms(occurred_at))
    raw = msgspec.Raw(body.encode())
    made = Line(site, seq, *instants, kind, line, station, complaint, actor, event_id, raw, prev, digest)
    return _encode(made) + b"\n"


def row_of(line: bytes) -> Stored:
    """A line as a stored row. Raises ValueError for what is none."""
    try:
        r = _decoder.decode(line)
    except RecursionError as e:
        raise ValueError("it is nested too deeply") from e
    instants = to_ms(parse_instant(r.at)), to_ms(parse_instant(r.occurred_at))
    return (
        r.site, r.seq, *instants, r.kind, r.line, r.station, r.complaint, r.actor, r.event_id,
        bytes(r.body).decode(), r.prev, r.hash,
    )  # fmt: skip


def read(path: Path) -> Iterator[Stored]:
    """The rows of a file in its order. A last line without its end was being written when the power went, and is none.

    Raises NotFound, and Invalid with the number of a line that is no row.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield row_of(line)
                except (msgspec.DecodeError, ValueError) as e:
                    raise Invalid(f"{path} is no export of a journal", Fault(f"line {number}", str(e))) from e
    except OSError as e:
        raise NotFound(f"{path}: {e.strerror}") from e
