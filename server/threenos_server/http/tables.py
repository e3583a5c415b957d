"""The table of photos; and the heartbeats, whose table is named here so that migrations find it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.beats import ServiceBeat
from threenos_server.db import Base


class PhotoRow(Base):
    """A photo or a PDF of a site, under the hash of what was uploaded; `stored` is the hash of what is kept."""

    __tablename__ = "photo"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    stored: Mapped[str] = mapped_column(sa.String(64))
    media_type: Mapped[str] = mapped_column(sa.String(32))
    data: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    size: Mapped[int]
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


__all__ = ["PhotoRow", "ServiceBeat"]
