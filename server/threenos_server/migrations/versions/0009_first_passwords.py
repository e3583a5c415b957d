"""Passwords that somebody else has set, and who is on the way in: an older program knows neither."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
works_with = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_password",
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_first_password_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_first_password")),
    )
    op.create_table(
        "unfinished_session",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("lacks", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["person.id"], name=op.f("fk_unfinished_session_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_unfinished_session")),
    )
    op.create_index(op.f("ix_unfinished_session_person"), "unfinished_session", ["person"], unique=False)
