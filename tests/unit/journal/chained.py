"""Rows as they stand in the database, made without one."""

from threenos_server.journal.model import EMPTY, Stored, row_hash


def stored(seq: int, body: str, prev: str = EMPTY.hash, **said: object) -> Stored:
    """A row as it stands in the database, with its hash."""
    fields = {"at": 1_700_000_000_001, "occurred_at": 1_700_000_000_000, "kind": "reject"} | said
    some = [fields.get(name) for name in ("line", "station", "complaint", "actor", "event_id")]
    hashed = ("plant", seq, fields["at"], fields["occurred_at"], fields["kind"], *some, body)
    return (*hashed, prev, row_hash(prev, hashed))
