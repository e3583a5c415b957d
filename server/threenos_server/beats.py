"""The heartbeats of our own processes: each writes that it lives, and readiness names who has fallen silent."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from threenos_server.db import Base

EVERY_S = 2
SILENT_AFTER = timedelta(seconds=10)


class ServiceBeat(Base):
    """When a service was last alive; of several processes of one service, any of them."""

    __tablename__ = "service_beat"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    at: Mapped[datetime]


def beat(session: Session, name: str, now: datetime) -> None:
    """Write that the service `name` is alive; to be called every EVERY_S seconds from its working loop."""
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(ServiceBeat).values(name=name, at=now)
    session.execute(statement.on_conflict_do_update(index_elements=[ServiceBeat.name], set_={"at": now}))


def last_beat(session: Session, name: str) -> datetime | None:
    """When the service `name` beat last, by the clock of then; None: never."""
    return session.scalar(sa.select(ServiceBeat.at).where(ServiceBeat.name == name))


def silent(session: Session, names: Iterable[str], now: datetime) -> dict[str, datetime | None]:
    """Those of `names` not heard for SILENT_AFTER, with when they last were (None: never)."""
    heard = {row.name: row.at for row in session.scalars(sa.select(ServiceBeat))}
    return {name: heard.get(name) for name in names if name not in heard or now - heard[name] > SILENT_AFTER}
