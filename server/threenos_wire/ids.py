"""Ids made on the device, so that a station that is offline never collides with another."""

import uuid

import uuid_utils


def new_id() -> str:
    """A UUIDv7: sorts by the time it was made, which keeps every index append-like."""
    return str(uuid_utils.uuid7())


def canonical_id(text: str) -> str | None:
    """The lower-case hyphenated form of any UUID, or None when `text` is not one."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None
