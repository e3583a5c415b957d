"""The journal's tables. In both databases a trigger refuses UPDATE and DELETE of a journal row."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base
from threenos_server.journal.guard import guard


class Site(Base):
    """A plant: its row is the lock under which its sequence numbers are allotted."""

    __tablename__ = "site"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    hash: Mapped[str] = mapped_column(sa.String(64))


class JournalRow(Base):
    """One row. `body` is the JSON text exactly as it was hashed."""

    __tablename__ = "journal"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    occurred_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(32))
    line: Mapped[str | None] = mapped_column(sa.String(32))
    station: Mapped[str | None] = mapped_column(sa.String(32))
    complaint: Mapped[str | None] = mapped_column(sa.String(36))
    actor: Mapped[str | None] = mapped_column(sa.String(64))
    event_id: Mapped[str | None] = mapped_column(sa.String(36))
    body: Mapped[str] = mapped_column(sa.Text)
    prev: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (
        sa.Index(
            "ix_journal_complaint",
            "complaint",
            sqlite_where=sa.text("complaint IS NOT NULL"),
            postgresql_where=sa.text("complaint IS NOT NULL"),
        ),
    )


JOURNAL = JournalRow.metadata.tables["journal"]
guard(JOURNAL)


class EventId(Base):
    """Every event id ever taken, once: what makes a repeated delivery harmless. Never partitioned."""

    __tablename__ = "event_id"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    site: Mapped[str] = mapped_column(sa.String(32))
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    digest: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = ({"sqlite_with_rowid": False},)


class Witness(Base):
    """A head of the journal that left the machine, and to whom: what a rewritten tail is held against."""

    __tablename__ = "witness"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
