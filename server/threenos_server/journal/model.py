"""A journal row, its hash, and the check of a chain of them. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written: the journal gives it its sequence number and its hash.

    `body` holds the event or command and, under `then`, what was decided about it, so that folding needs nothing else.
    """

    kind: str
    body: dict[str, Any]
    occurred_at: datetime
    line: str | None = None
    station: str | None = None
    complaint: str | None = None
    actor: str | None = None  # a pseudonym, never a name
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the journal of a site, as read back. `at` is the server's receipt."""

    site: str
    seq: int
    at: datetime
    occurred_at: datetime
    kind: str
    line: str | None
    station: str | None
    complaint: str | None
    actor: str | None
    event_id: str | None
    body: dict[str, Any]
    prev: str
    hash: str


#: The columns that the hash covers, in their order, as they stand in the database (instants in milliseconds).
HASHED = ("site", "seq", "at", "occurred_at", "kind", "line", "station", "complaint", "actor", "event_id", "body")

Stored = tuple[Any, ...]
"""The HASHED columns of a stored row, then `prev` and `hash`."""


def row_hash(prev: str, hashed: tuple[Any, ...]) -> str:
    """SHA-256 over the hash before it and the row's columns, each with its length, so that no two rows read alike."""
    parts = [prev]
    for value in hashed:
        parts.append("~" if value is None else f"{len(text := str(value))}:{text}")
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a site's journal: its sequence number and hash. (0, GENESIS) when it is empty."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first row where a journal is not what was written, and how that shows."""

    seq: int
    detail: str


EMPTY = Head(0, GENESIS)


def walk(rows: Iterable[Stored], start: Head = EMPTY) -> Head | Break:
    """Follow the chain from `start` through `rows` in their order: the head after the last, or the first break."""
    seq, prev = start.seq, start.hash
    for row in rows:
        if row[1] != seq + 1:
            return _hole(seq, row[1])
        if row[-2] != prev:
            return Break(row[1], f"row {row[1]} does not carry the hash of row {seq}")
        if row_hash(prev, row[:-2]) != row[-1]:
            return Break(row[1], f"row {row[1]} was changed after it was written")
        seq, prev = row[1], row[-1]
    return Head(seq, prev)


def _hole(seq: int, found: Any) -> Break:
    if not isinstance(found, int):
        return Break(seq + 1, f"row {seq + 1} is missing: after {seq} comes {found!r}, which is no number")
    if found <= seq:
        return Break(found, f"row {found} was never written by an append")
    return Break(seq + 1, f"row {seq + 1} is missing: after {seq} comes {found}")
