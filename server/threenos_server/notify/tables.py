"""The outbox. It is no fold: what was sent to whom is a fact of its own, and a rebuild leaves it alone."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base
from threenos_server.notify.model import NoticeState, Reason


class Notice(Base):
    """One thing that one person is to be told.

    `message` is shared by the notices that went out in one message. `next_try_at` is when it may go out; while it is
    being sent, when the sender's lease ends.
    """

    __tablename__ = "notice"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    site: Mapped[str] = mapped_column(sa.String(32))
    person: Mapped[str | None] = mapped_column(sa.String(64))
    role: Mapped[str | None] = mapped_column(sa.String(32))
    kind: Mapped[str] = mapped_column(sa.String(16))
    complaint: Mapped[str | None] = mapped_column(sa.String(36))
    line: Mapped[str | None] = mapped_column(sa.String(32))
    params: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None] = mapped_column(sa.String(36))
    sent_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(16), default=NoticeState.WAITING)
    reason: Mapped[str] = mapped_column(sa.String(24), default=Reason.NEW)
    error: Mapped[str | None] = mapped_column(sa.String(500))

    __table_args__ = (
        # What is to be sent next is asked four times a second and is nearly always nothing.
        sa.Index(
            "ix_notice_open",
            "next_try_at",
            sqlite_where=sa.text("state IN ('waiting', 'sending')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        ),
        sa.Index("ix_notice_person", "site", "person", "sent_at"),
        sa.Index("ix_notice_complaint", "complaint"),
    )
