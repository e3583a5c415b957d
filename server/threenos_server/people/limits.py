"""How often something may be tried: counted in the database, so that every worker counts together."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from threenos_server.db import Instant
from threenos_server.errors import TooMany
from threenos_server.people import rows
from threenos_server.people.tables import Attempts


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` attempts in a window of `seconds` that begins with the first."""

    kind: str
    count: int
    seconds: int


#: For one account from one address, so that nobody locks somebody else out by guessing from elsewhere …
SIGN_IN_ACCOUNT = Limit("sign-in-account", 10, 900)
SIGN_IN_ADDRESS = Limit("sign-in-address", 50, 900)
#: … and for one account from everywhere, so that many machines together guess no faster.
SIGN_IN_ANYWHERE = Limit("sign-in-anywhere", 100, 900)
#: The same for the codes of a second factor, counted apart: a right password forgives no wrong code.
CODE_ACCOUNT = Limit("code-account", 10, 900)
CODE_ADDRESS = Limit("code-address", 50, 900)
CODE_ANYWHERE = Limit("code-anywhere", 100, 900)
#: Wrong codes of a telephone in a day, from everywhere: otherwise a thief with the password and patience finds one in
#: weeks. Recovery codes are not counted, so that the person comes in meanwhile.
CODE_DAY = Limit("code-day", 50, 86_400)
#: A proposal of a second factor is good once, and for less long than this.
PROPOSAL = Limit("proposal", 1, 3600)
FIRST_RUN = Limit("first-run", 10, 900)
#: Wrong badges and PINs at one station; six digits and ten tries an hour take a thief years.
STATION_PIN = Limit("station-pin", 10, 3600)
#: Wrong arrival codes of one person for one complaint.
ARRIVAL_CODE = Limit("arrival-code", 5, 900)
LOOK_UP = Limit("look-up", 60, 3600)


def spend(session: Session, limit: Limit, who: str, now: datetime) -> None:
    """Count one attempt of `who`. Raises TooMany above the limit. The caller commits, also when the attempt fails."""
    window = now - timedelta(seconds=limit.seconds)
    over = Attempts.since <= window
    values = {"bucket": bucket(limit, who), "since": now, "count": 1}
    # Chosen by dialect: both databases know the clause, SQLAlchemy has no common word for it.
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(Attempts)
        .values(values)
        .on_conflict_do_update(
            index_elements=[Attempts.bucket],
            set_={
                "since": sa.case((over, sa.literal(now, Instant)), else_=Attempts.since),
                "count": sa.case((over, 1), else_=Attempts.count + 1),
            },
        )
        .returning(Attempts.count, Attempts.since)
    )
    spent, since = session.execute(statement).one()
    if spent > limit.count:
        raise TooMany("tried too often; wait and try again", _wait_s(limit, since, now))


def exhausted(session: Session, limit: Limit, who: str, now: datetime) -> bool:
    """Whether the next attempt of `who` would be above the limit; counts nothing."""
    found = session.get(Attempts, bucket(limit, who), populate_existing=True)
    return found is not None and found.count >= limit.count and _wait_s(limit, found.since, now) > 0


def clear(session: Session, limit: Limit, who: str) -> None:
    """Forget the attempts of `who`, after one that was right."""
    session.execute(sa.delete(Attempts).where(Attempts.bucket == bucket(limit, who)))


def sweep(session: Session, now: datetime) -> None:
    """Drop what is older than any window."""
    rows.drop(session, Attempts.bucket, Attempts.since < now - timedelta(days=1))


def bucket(limit: Limit, who: str) -> str:
    """The key of a count. A typed name is hashed: it may be long, or a password in the wrong field."""
    return f"{limit.kind}:{hashlib.sha256(who.encode()).hexdigest()[:40]}"


def _wait_s(limit: Limit, since: datetime, now: datetime) -> int:
    return max(0, ceil((since + timedelta(seconds=limit.seconds) - now).total_seconds()))
