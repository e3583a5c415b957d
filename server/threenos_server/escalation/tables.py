"""Deadlines (a fold of the journal) and the presence of stations (what they last said of themselves; no fold)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base


class DeadlineRow(Base):
    """One deadline of one complaint: unique by round, clock and level, so that it fires once."""

    __tablename__ = "deadline"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    complaint: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    clock: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_at: Mapped[datetime]
    role: Mapped[str | None] = mapped_column(sa.String(32))
    state: Mapped[str] = mapped_column(sa.String(16))
    fired_at: Mapped[datetime | None]

    __table_args__ = (
        # Only what is open is ever looked for by its due instant: the index stays small as the years pass.
        sa.Index(
            "ix_deadline_open",
            "site",
            "due_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        {"sqlite_with_rowid": False},
    )


class StationPresence(Base):
    """What a station last said of itself: `heard_at` is when it was last online, `silent_since` as journalled."""

    __tablename__ = "station_presence"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    station: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    online: Mapped[bool]
    heard_at: Mapped[datetime | None]
    boot: Mapped[str] = mapped_column(sa.String(36))
    version: Mapped[str] = mapped_column(sa.String(64))
    outbox: Mapped[int] = mapped_column(sa.BigInteger)
    silent_since: Mapped[datetime | None]
