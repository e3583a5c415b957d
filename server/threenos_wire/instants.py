"""Instants on the wire: RFC 3339 in UTC with milliseconds, `2026-11-22T02:11:09.512Z`."""

from datetime import UTC, datetime


def format_instant(at: datetime) -> str:
    """`at` (aware) in UTC with milliseconds and a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def parse_instant(text: str) -> datetime:
    """The aware UTC instant of an RFC 3339 text; ValueError when it is none or has no offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write it as UTC with a Z")
    try:
        return at.astimezone(UTC)
    except OverflowError as e:
        raise ValueError(f"{text!r} lies in no year of UTC") from e
