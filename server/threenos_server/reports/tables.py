"""What reports read: a narrow row for each complaint and catch, and their sums. Only the fold writes here.

A complaint that is in no figure (a call, a drill, withdrawn, merged, "no defect found") has no row. All measures are
integers, so that sums do not depend on the order of adding.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base

_ID = sa.String(36)
_NAME = sa.String(32)
_WIDE = sa.BigInteger
_STOPPED = sa.text("stop_until IS NOT NULL")
_UNRIPE = sa.text("closed_at IS NOT NULL AND ripe = 0")


class CellRow(Base):
    """What complaints have in common. `id` is derived from all other columns, so a row never changes.

    `confirmed`: made-at was accepted or ruled. `passed` are the processes passed by, with blanks. No fold's table: rows
    that no complaint has any more stay and do no harm.
    """

    __tablename__ = "report_cell"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    id: Mapped[int] = mapped_column(_WIDE, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(16))
    line: Mapped[str] = mapped_column(_NAME)
    made_at: Mapped[str] = mapped_column(_NAME)
    found_at: Mapped[str] = mapped_column(_NAME)
    defect: Mapped[str] = mapped_column(sa.String(64))
    severity: Mapped[str] = mapped_column(sa.String(16))
    shift: Mapped[str] = mapped_column(_NAME)
    confirmed: Mapped[int] = mapped_column(sa.SmallInteger)
    stages: Mapped[int | None] = mapped_column(sa.SmallInteger)
    passed: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = ({"sqlite_with_rowid": False},)


class Measured:
    """What is added up; see `rollup.MEASURES`. Units are thousandths, times are as their names say."""

    units: Mapped[int] = mapped_column(_WIDE)
    unsaid: Mapped[int] = mapped_column(_WIDE)
    late_acknowledge: Mapped[int] = mapped_column(_WIDE)
    late_arrive: Mapped[int] = mapped_column(_WIDE)
    late_contain: Mapped[int] = mapped_column(_WIDE)
    late_answer: Mapped[int] = mapped_column(_WIDE)
    closed: Mapped[int] = mapped_column(_WIDE)
    rated: Mapped[int] = mapped_column(_WIDE)
    rating: Mapped[int] = mapped_column(_WIDE)
    satisfied: Mapped[int] = mapped_column(_WIDE)
    scrap: Mapped[int] = mapped_column(_WIDE)
    rework_s: Mapped[int] = mapped_column(_WIDE)
    sorting_s: Mapped[int] = mapped_column(_WIDE)
    stop_ms: Mapped[int] = mapped_column(_WIDE)
    ripe: Mapped[int] = mapped_column(_WIDE)
    recurred: Mapped[int] = mapped_column(_WIDE)


class Fact(Measured, Base):
    """One complaint or catch. Ordered by production day, so that a period is read in one go.

    `key` is the same for the same made-at, defect and part. `acknowledge` … `answer` are milliseconds since it
    happened, None as long as it is waited for. `stop_until` is FOREVER while the line stands.
    """

    __tablename__ = "report_fact"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    day: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    complaint: Mapped[str] = mapped_column(_ID, primary_key=True)
    at: Mapped[int] = mapped_column(_WIDE)
    cell: Mapped[int] = mapped_column(_WIDE)
    part: Mapped[str] = mapped_column(sa.String(64))
    key: Mapped[int] = mapped_column(_WIDE)
    acknowledge: Mapped[int | None] = mapped_column(_WIDE)
    arrive: Mapped[int | None] = mapped_column(_WIDE)
    contain: Mapped[int | None] = mapped_column(_WIDE)
    answer: Mapped[int | None] = mapped_column(_WIDE)
    closed_at: Mapped[int | None] = mapped_column(_WIDE)
    stop_from: Mapped[int | None] = mapped_column(_WIDE)
    stop_until: Mapped[int | None] = mapped_column(_WIDE)

    __table_args__ = (
        sa.Index("ix_report_fact_part", "site", "part", "day"),
        sa.Index("ix_report_fact_key", "site", "key", "at"),
        sa.Index("ix_report_fact_stop", "site", "stop_until", sqlite_where=_STOPPED, postgresql_where=_STOPPED),
        # Holds all that is read of them: PostgreSQL cannot know how few have been closed for 30 days and are not ripe,
        # and would rather go through the whole table than fetch each from it.
        sa.Index(
            *("ix_report_fact_unripe", "site", "closed_at", "cell", "part", "day", "key"),
            sqlite_where=_UNRIPE,
            postgresql_where=_UNRIPE,
        ),
        {"sqlite_with_rowid": False},
    )


class Summed(Measured):
    """Sums of facts: how many, and of each clock one byte a complaint that it has ended for (`rollup.bin_of`)."""

    n: Mapped[int] = mapped_column(_WIDE)
    # Behind all numbers, so that reading those needs no page that only bins are on.
    acknowledge: Mapped[bytes] = mapped_column(sa.LargeBinary, sort_order=1)
    arrive: Mapped[bytes] = mapped_column(sa.LargeBinary, sort_order=1)
    contain: Mapped[bytes] = mapped_column(sa.LargeBinary, sort_order=1)
    answer: Mapped[bytes] = mapped_column(sa.LargeBinary, sort_order=1)


class DaySum(Summed, Base):
    """The facts of a cell on a production day, for days that are over."""

    __tablename__ = "report_day"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    bucket: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    cell: Mapped[int] = mapped_column(_WIDE, primary_key=True, autoincrement=False)

    __table_args__ = ({"sqlite_with_rowid": False},)


class MonthSum(Summed, Base):
    """The facts of a cell in a month, as far as its days are over."""

    __tablename__ = "report_month"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    bucket: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    cell: Mapped[int] = mapped_column(_WIDE, primary_key=True, autoincrement=False)

    __table_args__ = ({"sqlite_with_rowid": False},)


class PartSum(Summed, Base):
    """The same, apart by part."""

    __tablename__ = "report_part"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    bucket: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    cell: Mapped[int] = mapped_column(_WIDE, primary_key=True, autoincrement=False)

    __table_args__ = ({"sqlite_with_rowid": False},)


class Output(Base):
    """Units that a process handed on in a shift of a production day, in thousandths."""

    __tablename__ = "report_output"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    day: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    process: Mapped[str] = mapped_column(_NAME, primary_key=True)
    shift: Mapped[str] = mapped_column(_NAME, primary_key=True)
    units: Mapped[int] = mapped_column(_WIDE)

    __table_args__ = ({"sqlite_with_rowid": False},)


class Alarms(Base):
    """Rungs of ladders that were climbed in ten minutes, by the role that was told."""

    __tablename__ = "report_alarm"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    at: Mapped[int] = mapped_column(_WIDE, primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(_NAME, primary_key=True)
    line: Mapped[str] = mapped_column(_NAME, primary_key=True)
    shift: Mapped[str] = mapped_column(_NAME, primary_key=True)
    day: Mapped[int] = mapped_column(sa.Integer)
    n: Mapped[int] = mapped_column(_WIDE)

    __table_args__ = (sa.Index("ix_report_alarm_day", "site", "day"), {"sqlite_with_rowid": False})


class Closed(Base):
    """The last production day whose facts are in the sums; later ones are added up when they are asked for."""

    __tablename__ = "report_closed"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    day: Mapped[int] = mapped_column(sa.Integer)


class ActionRow(Base):
    """One action. `doc` is its document as JSON, the columns are what is looked for."""

    __tablename__ = "action"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(16))
    due_on: Mapped[str] = mapped_column(sa.String(10))
    complaint: Mapped[str | None] = mapped_column(_ID)
    eight_d: Mapped[str | None] = mapped_column(_ID)
    doc: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index("ix_action_state", "site", "state", "due_on"),
        sa.Index("ix_action_eight_d", "site", "eight_d"),
        sa.Index("ix_action_complaint", "site", "complaint"),
    )


class EightDRow(Base):
    """One 8D. `doc` is its document as JSON; `complaint` is the first of those it is about."""

    __tablename__ = "eight_d"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(16))
    complaint: Mapped[str] = mapped_column(_ID)
    opened_at: Mapped[int] = mapped_column(_WIDE)
    doc: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index("ix_eight_d_state", "site", "state", "opened_at"),
        sa.Index("ix_eight_d_complaint", "site", "complaint"),
    )


class Pack(Base):
    """A review pack as it was made: which line and ISO week, after which row of the journal, what was asked as JSON."""

    __tablename__ = "pack"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    line: Mapped[str] = mapped_column(_NAME)
    week: Mapped[str] = mapped_column(sa.String(8))
    at: Mapped[datetime]
    seq: Mapped[int] = mapped_column(_WIDE)
    hash: Mapped[str] = mapped_column(sa.String(64))
    filter: Mapped[str] = mapped_column(sa.Text)


class PackFile(Base):
    """A file of a pack, byte for byte as it was made."""

    __tablename__ = "pack_file"

    site: Mapped[str] = mapped_column(_NAME, primary_key=True)
    pack: Mapped[str] = mapped_column(_ID, primary_key=True)
    format: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)


#: What the fold fills and a rebuild empties. Packs are not among it: they stay as they were made.
DERIVED: tuple[sa.Table, ...] = tuple(
    Base.metadata.tables[mapped.__tablename__]
    for mapped in (Fact, DaySum, MonthSum, PartSum, Output, Alarms, Closed, ActionRow, EightDRow)
)
