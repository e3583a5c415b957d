"""What the board keeps: every complaint's card, the lines, the silent stations and the counts. Folded from the journal.

Instants that boards show are kept as the texts that stand in the journal.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base


class BoardCard(Base):
    """A complaint's public card. Kept when it is closed, since it may be reopened; `open` are on the board."""

    __tablename__ = "board_card"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    complaint: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    line: Mapped[str] = mapped_column(sa.String(32))
    station: Mapped[str] = mapped_column(sa.String(32))
    open: Mapped[bool]
    card: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index("ix_board_card_open", "site", sqlite_where=sa.text("open = 1"), postgresql_where=sa.text("open")),
    )


class LineRow(Base):
    """The state of a line; a line that nothing was ever said of has no row and runs."""

    __tablename__ = "line_state"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    line: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(16))
    since: Mapped[str | None] = mapped_column(sa.String(32))
    stop_at: Mapped[str | None] = mapped_column(sa.String(32))
    drill: Mapped[bool]
    first_piece: Mapped[str | None] = mapped_column(sa.String(36))


class StationSilence(Base):
    """Since when a station is not heard; None when it is heard again."""

    __tablename__ = "station_silence"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    station: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    silent_since: Mapped[str | None] = mapped_column(sa.String(32))


class BoardCount(Base):
    """What was opened or caught at a line in a quarter of an hour; `quarter` counts them since 1970, UTC."""

    __tablename__ = "board_count"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    rejects: Mapped[int]
    stops: Mapped[int]
    catches: Mapped[int]
    calls: Mapped[int]
