"""What is derived from the journal about complaints. Only the fold writes here, but for the keys of commands."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base

_ID = sa.String(36)
_NAME = sa.String(32)
_LIVE = sa.text("live IS NOT NULL")
_KEYED = sa.text("merge_key IS NOT NULL")
_STANDING = sa.text("until_at IS NULL")


class ComplaintRow(Base):
    """One complaint: `doc` is its document as JSON, the columns are what is looked for.

    `seq` is the journal row that opened it. `live` is 1 until it is over, `merge_key` stands until it is contained:
    both indexes hold only what is going on, so they stay small as the years pass.
    """

    __tablename__ = "complaint"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    site: Mapped[str] = mapped_column(_NAME)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(16))
    line: Mapped[str] = mapped_column(_NAME)
    station: Mapped[str] = mapped_column(_NAME)
    customer: Mapped[str] = mapped_column(_NAME)
    supplier: Mapped[str] = mapped_column(_NAME)
    made_at: Mapped[str | None] = mapped_column(_NAME)
    defect: Mapped[str | None] = mapped_column(sa.String(64))
    severity: Mapped[str] = mapped_column(sa.String(16))
    drill: Mapped[bool]
    version: Mapped[int]
    live: Mapped[int | None] = mapped_column(sa.SmallInteger)
    merge_key: Mapped[str | None] = mapped_column(sa.String(255))
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    doc: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index("ix_complaint_site_seq", "site", "seq"),
        sa.Index("ix_complaint_live", "site", "station", sqlite_where=_LIVE, postgresql_where=_LIVE),
        sa.Index("ix_complaint_merge_key", "merge_key", sqlite_where=_KEYED, postgresql_where=_KEYED),
    )


class PressRow(Base):
    """One press, by its event id: the complaint that it opened or added to."""

    __tablename__ = "press"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    site: Mapped[str] = mapped_column(_NAME)
    complaint: Mapped[str] = mapped_column(_ID)
    qty: Mapped[float | None]
    withdrawn: Mapped[bool]

    __table_args__ = ({"sqlite_with_rowid": False},)


class WaitingEvent(Base):
    """An accepted event that waits for its complaint, or for a hole before it to close. `doc` is the event's JSON."""

    __tablename__ = "waiting_event"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    site: Mapped[str] = mapped_column(_NAME)
    complaint: Mapped[str] = mapped_column(_ID)
    station: Mapped[str] = mapped_column(_NAME)
    boot: Mapped[str] = mapped_column(_ID)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    actor: Mapped[str | None] = mapped_column(sa.String(64))
    roles: Mapped[str] = mapped_column(sa.String(255))
    doc: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (sa.Index("ix_waiting_event_station", "site", "station"),)


class StationBoot(Base):
    """What came of one boot of a station: all up to `upto`, and `beyond` it the few in JSON, {seq: heard at, ms}.

    The boot comes before the station in the key: it is what is asked for, and a station has thousands over the years.
    """

    __tablename__ = "station_boot"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    boot: Mapped[str] = mapped_column(_ID, primary_key=True)
    station: Mapped[str] = mapped_column(_NAME, primary_key=True)
    upto: Mapped[int] = mapped_column(sa.BigInteger)
    beyond: Mapped[str] = mapped_column(sa.Text)
    missing: Mapped[int] = mapped_column(sa.BigInteger)
    heard_at: Mapped[datetime]

    __table_args__ = ({"sqlite_with_rowid": False},)


class StopRow(Base):
    """The interval in which a complaint stops its line: pending, stopped, overridden or released."""

    __tablename__ = "stop"

    complaint: Mapped[str] = mapped_column(_ID, primary_key=True)
    site: Mapped[str] = mapped_column(_NAME)
    line: Mapped[str] = mapped_column(_NAME)
    station: Mapped[str] = mapped_column(_NAME)
    made_at: Mapped[str | None] = mapped_column(_NAME)
    state: Mapped[str] = mapped_column(sa.String(16))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index("ix_stop_line", "site", "line", "from_at"),
        sa.Index("ix_stop_standing", "site", sqlite_where=_STANDING, postgresql_where=_STANDING),
    )


class Exposure(Base):
    """Units that a process handed on in an hour (UTC), in thousandths, so that no order of adding shows in the sum."""

    __tablename__ = "exposure"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    process: Mapped[str] = mapped_column(_NAME, primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    units_milli: Mapped[int] = mapped_column(sa.BigInteger)

    __table_args__ = ({"sqlite_with_rowid": False},)


class PeriodCount(Base):
    """What an MES said of a process and a period, so that saying it again changes nothing."""

    __tablename__ = "period_count"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    process: Mapped[str] = mapped_column(_NAME, primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    units: Mapped[float]


class CatchRow(Base):
    """An own defect that was found before it was passed on."""

    __tablename__ = "catch"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    site: Mapped[str] = mapped_column(_NAME)
    occurred_at: Mapped[datetime]
    process: Mapped[str] = mapped_column(_NAME)
    station: Mapped[str] = mapped_column(_NAME)
    line: Mapped[str] = mapped_column(_NAME)
    defect: Mapped[str | None] = mapped_column(sa.String(64))
    severity: Mapped[str] = mapped_column(sa.String(16))
    qty: Mapped[float | None]
    part: Mapped[str | None] = mapped_column(sa.String(64))

    __table_args__ = (sa.Index("ix_catch_site", "site", "occurred_at"),)


class CommandKey(Base):
    """An Idempotency-Key and what it was answered: no fold, since the journal does not depend on it."""

    __tablename__ = "command_key"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    actor: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    doc: Mapped[str] = mapped_column(sa.Text)


#: What the fold fills and a rebuild empties.
DERIVED: tuple[sa.Table, ...] = tuple(
    Base.metadata.tables[mapped.__tablename__]
    for mapped in (
        ComplaintRow, PressRow, WaitingEvent, StationBoot, StopRow, Exposure, PeriodCount, CatchRow,
    )
)  # fmt: skip
