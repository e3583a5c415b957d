"""The first administrator: only who types the one-time code that the console printed becomes it."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.errors import Conflict, Forbidden
from threenos_server.people import limits, secret, service, sessions
from threenos_server.people.second_factors import Wanted
from threenos_server.people.tables import FirstRunCode

_ONLY = 1


def issue(session: Session) -> str | None:
    """A new code to print, which voids the one before; None once there is an administrator."""
    session.execute(sa.delete(FirstRunCode))
    if service.has_administrator(session):
        return None
    code = secret.new_code()
    session.add(FirstRunCode(id=_ONLY, code=secret.digest(code)))
    session.flush()
    return code


def needed(session: Session) -> bool:
    """Whether there is no administrator yet."""
    return not service.has_administrator(session)


def complete(
    db: Database, code: str, name: str, password: str, language: str, roles: Collection[Role], address: str,
    now: datetime, wanted: Wanted = Wanted.OWN,
) -> sessions.SignedIn:  # fmt: skip
    """Make the first administrator and sign in. Raises Forbidden for a wrong code, Conflict after the first.

    `roles` are held besides, everywhere: who sets a small plant up is often a supervisor too.
    """
    with db.write() as session:
        limits.spend(session, limits.FIRST_RUN, address, now)
    with db.write() as session:
        if not needed(session):
            raise Conflict("there is an administrator already; sign in")
        # Whoever deletes the row has the code; of two at once the other finds nothing.
        right = sa.delete(FirstRunCode).where(FirstRunCode.code == secret.digest(secret.normal_code(code)))
        if not session.execute(right.returning(FirstRunCode.id)).all():
            raise Forbidden("the code is not right; it was printed where the server was started")
        grants = [Grant(Role.ADMIN), *map(Grant, roles)]
        person = service.add(session, name, now, grants=grants, password=password, language=language)
        return sessions.enter(session, person.id, now, wanted)
