"""Board tokens: a wall screen looks at the board of a site or line without anybody being signed in."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Actor
from threenos_server.errors import NotFound
from threenos_server.people import secret
from threenos_server.people.tables import BoardToken
from threenos_wire.ids import new_id


@dataclass(frozen=True, slots=True)
class Screen:
    """A board token as it is listed; the token itself is shown once, when it is made."""

    id: str
    site: str
    line: str | None
    label: str
    created_at: datetime
    revoked_at: datetime | None


def make(session: Session, site: str, line: str | None, label: str, now: datetime) -> tuple[Screen, str]:
    """A new token, and in plain for this one time."""
    plain = secret.new_token()
    screen = Screen(new_id(), site, line, label, now, None)
    session.add(
        BoardToken(
            id=screen.id, site=site, line=line, label=label, token=secret.digest(plain), created_at=now, revoked_at=None
        )
    )
    session.flush()
    return screen, plain


def every(session: Session, site: str) -> list[Screen]:
    rows = session.scalars(sa.select(BoardToken).where(BoardToken.site == site).order_by(BoardToken.id))
    return [Screen(r.id, r.site, r.line, r.label, r.created_at, r.revoked_at) for r in rows]


def revoke(session: Session, site: str, token_id: str, now: datetime) -> None:
    """From now on it shows nothing. Raises NotFound."""
    row = session.get(BoardToken, token_id)
    if row is None or row.site != site:
        raise NotFound(f"there is no board token {token_id!r}")
    row.revoked_at = row.revoked_at or now
    session.flush()


def holder(session: Session, site: str, plain: str) -> Actor | None:
    """The actor that a token's holder is at its own site: no roles, and only its line when it names one."""
    row = session.scalar(
        sa.select(BoardToken).where(BoardToken.token == secret.digest(plain), BoardToken.revoked_at.is_(None))
    )
    if row is None or row.site != site:
        return None
    return Actor(row.label, f"board-{row.id}", board_token=True, board_line=row.line)
