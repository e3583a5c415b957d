"""What is folded from the journal, and can be made again from it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "board_card",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "complaint", name=op.f("pk_board_card")),
    )
    op.create_index(
        "ix_board_card_open",
        "board_card",
        ["site"],
        unique=False,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "board_count",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("rejects", sa.Integer(), nullable=False),
        sa.Column("stops", sa.Integer(), nullable=False),
        sa.Column("catches", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "quarter", "line", name=op.f("pk_board_count")),
    )
    op.create_table(
        "catch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("defect", sa.String(length=64), nullable=True),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("qty", sa.Double(), nullable=True),
        sa.Column("part", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catch")),
    )
    op.create_index("ix_catch_site", "catch", ["site", "occurred_at"], unique=False)
    op.create_table(
        "chain_version",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "version", name=op.f("pk_chain_version")),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("supplier", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=True),
        sa.Column("defect", sa.String(length=64), nullable=True),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("live", sa.SmallInteger(), nullable=True),
        sa.Column("merge_key", sa.String(length=255), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
    )
    op.create_index(
        "ix_complaint_live",
        "complaint",
        ["site", "station"],
        unique=False,
        sqlite_where=sa.text("live IS NOT NULL"),
        postgresql_where=sa.text("live IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_merge_key",
        "complaint",
        ["merge_key"],
        unique=False,
        sqlite_where=sa.text("merge_key IS NOT NULL"),
        postgresql_where=sa.text("merge_key IS NOT NULL"),
    )
    op.create_index("ix_complaint_site_seq", "complaint", ["site", "seq"], unique=False)
    op.create_table(
        "deadline",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clock", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("site", "complaint", "round", "clock", "level", name=op.f("pk_deadline")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_deadline_open",
        "deadline",
        ["site", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "event_id",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exposure",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("units_milli", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "process", "hour", name=op.f("pk_exposure")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "line_state",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=True),
        sa.Column("stop_at", sa.String(length=32), nullable=True),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("first_piece", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("site", "line", name=op.f("pk_line_state")),
    )
    op.create_table(
        "period_count",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("site", "process", "since", name=op.f("pk_period_count")),
    )
    op.create_table(
        "press",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("qty", sa.Double(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "station_boot",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("boot", sa.String(length=36), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("beyond", sa.Text(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "boot", "station", name=op.f("pk_station_boot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "station_place",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site", "id", name=op.f("pk_station_place")),
    )
    op.create_index(op.f("ix_station_place_id"), "station_place", ["id"], unique=False)
    op.create_table(
        "station_silence",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("silent_since", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("site", "station", name=op.f("pk_station_silence")),
    )
    op.create_table(
        "stop",
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("complaint", name=op.f("pk_stop")),
    )
    op.create_index("ix_stop_line", "stop", ["site", "line", "from_at"], unique=False)
    op.create_index(
        "ix_stop_standing",
        "stop",
        ["site"],
        unique=False,
        sqlite_where=sa.text("until_at IS NULL"),
        postgresql_where=sa.text("until_at IS NULL"),
    )
    op.create_table(
        "waiting_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=36), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("boot", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=True),
        sa.Column("roles", sa.String(length=255), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_event")),
    )
    op.create_index("ix_waiting_event_station", "waiting_event", ["site", "station"], unique=False)
