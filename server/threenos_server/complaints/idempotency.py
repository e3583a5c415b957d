"""An Idempotency-Key: the same request again is answered as before, for a day."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Actor
from threenos_server.complaints.tables import CommandKey
from threenos_server.errors import Conflict

KEPT_FOR = timedelta(hours=24)


def digest_of(*parts: Any) -> str:
    """What makes two requests the same."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def answered(session: Session, site: str, actor: Actor, key: str, digest: str, now: datetime) -> dict[str, Any] | None:
    """What that key was answered; None when it is new. Raises Conflict when it was used for something else."""
    found = session.execute(
        sa.select(CommandKey.digest, CommandKey.doc).where(
            CommandKey.site == site,
            CommandKey.actor == actor.pseudonym,
            CommandKey.key == key,
            CommandKey.at > now - KEPT_FOR,
        )
    ).one_or_none()
    if found is None:
        return None
    if found.digest != digest:
        raise Conflict("this Idempotency-Key was used for another request")
    kept: dict[str, Any] = msgspec.json.decode(found.doc)
    return kept


def remember(
    session: Session, site: str, actor: Actor, key: str, digest: str, answer: dict[str, Any], now: datetime
) -> None:
    """Keep an answer with its key, and let go of those of yesterday."""
    session.execute(sa.delete(CommandKey).where(CommandKey.at <= now - KEPT_FOR))
    doc = msgspec.json.encode(answer).decode()
    values = {"site": site, "actor": actor.pseudonym, "key": key, "digest": digest, "at": now, "doc": doc}
    session.execute(sa.insert(CommandKey).values(values))
