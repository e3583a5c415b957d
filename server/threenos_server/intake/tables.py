"""What could not be read, kept as it came, so that nothing is dropped in silence; and how much was done."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base, BigId


class IntakeTally(Base):
    """How much the intakes have done, by what it was; for the metrics."""

    __tablename__ = "intake_tally"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    value: Mapped[int] = mapped_column(sa.BigInteger)


class Quarantined(Base):
    """The raw bytes of a message or an event that was refused before it could be judged."""

    __tablename__ = "quarantine"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site: Mapped[str | None] = mapped_column(sa.String(32))
    station: Mapped[str | None] = mapped_column(sa.String(32))
    topic: Mapped[str] = mapped_column(sa.Text)
    raw: Mapped[bytes] = mapped_column(sa.LargeBinary)
    reason: Mapped[str] = mapped_column(sa.String(32))
    detail: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime]
    times: Mapped[int] = mapped_column(sa.Integer, default=1)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    settled_at: Mapped[datetime | None]
    settled_how: Mapped[str | None] = mapped_column(sa.String(500))
