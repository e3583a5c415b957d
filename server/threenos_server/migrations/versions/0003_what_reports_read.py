"""What reports read: a narrow row for each complaint, its sums; actions and 8D. Made again by `journal rebuild`."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MEASURES = (
    "units", "unsaid", "late_acknowledge", "late_arrive", "late_contain", "late_answer", "closed", "rated", "rating",
    "satisfied", "scrap", "rework_s", "sorting_s", "stop_ms", "ripe", "recurred",
)  # fmt: skip
_CLOCKS = ("acknowledge", "arrive", "contain", "answer")


def upgrade() -> None:
    op.create_table(
        "report_cell",
        _text("site", 32),
        _number("id"),
        *(_text(name, length) for name, length in (
            ("kind", 16), ("line", 32), ("made_at", 32), ("found_at", 32), ("defect", 64), ("severity", 16),
            ("shift", 32),
        )),
        _number("confirmed", sa.SmallInteger()),
        sa.Column("stages", sa.SmallInteger(), nullable=True),
        sa.Column("passed", sa.Text(), nullable=False),
        _key("report_cell", "site", "id"),
        sqlite_with_rowid=False,
    )  # fmt: skip
    _facts()
    for table, key in (("day", "bucket"), ("month", "bucket"), ("part", "part")):
        op.create_table(
            f"report_{table}",
            _text("site", 32),
            *([_text("part", 64)] if key == "part" else []),
            _number("bucket", sa.Integer()),
            _number("cell"),
            *(_number(name) for name in (*_MEASURES, "n")),
            *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in _CLOCKS),
            _key(f"report_{table}", "site", *(["part"] if key == "part" else []), "bucket", "cell"),
            sqlite_with_rowid=False,
        )
    _others()
    _documents()


def _facts() -> None:
    op.create_table(
        "report_fact",
        _text("site", 32),
        _number("day", sa.Integer()),
        _text("complaint", 36),
        _number("at"),
        _number("cell"),
        _text("part", 64),
        _number("key"),
        *(
            sa.Column(name, sa.BigInteger(), nullable=True)
            for name in (*_CLOCKS, "closed_at", "stop_from", "stop_until")
        ),
        *(_number(name) for name in _MEASURES),
        _key("report_fact", "site", "day", "complaint"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_report_fact_part", "report_fact", ["site", "part", "day"])
    op.create_index("ix_report_fact_key", "report_fact", ["site", "key", "at"])
    stopped, unripe = sa.text("stop_until IS NOT NULL"), sa.text("closed_at IS NOT NULL AND ripe = 0")
    op.create_index(
        "ix_report_fact_stop", "report_fact", ["site", "stop_until"], sqlite_where=stopped, postgresql_where=stopped
    )
    op.create_index(
        "ix_report_fact_unripe",
        "report_fact",
        ["site", "closed_at", "cell", "part", "day", "key"],
        sqlite_where=unripe,
        postgresql_where=unripe,
    )


def _others() -> None:
    op.create_table(
        "report_output",
        _text("site", 32),
        _number("day", sa.Integer()),
        _text("process", 32),
        _text("shift", 32),
        _number("units"),
        _key("report_output", "site", "day", "process", "shift"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report_alarm",
        _text("site", 32),
        _number("at"),
        _text("role", 32),
        _text("line", 32),
        _text("shift", 32),
        _number("day", sa.Integer()),
        _number("n"),
        _key("report_alarm", "site", "at", "role", "line", "shift"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_report_alarm_day", "report_alarm", ["site", "day"])
    op.create_table(
        "report_closed", _text("site", 32), _number("day", sa.Integer()), _key("report_closed", "site")
    )  # fmt: skip


def _documents() -> None:
    op.create_table(
        "action",
        _text("site", 32),
        _text("id", 36),
        _number("version", sa.Integer()),
        _text("state", 16),
        _text("due_on", 10),
        sa.Column("complaint", sa.String(length=36), nullable=True),
        sa.Column("eight_d", sa.String(length=36), nullable=True),
        sa.Column("doc", sa.Text(), nullable=False),
        _key("action", "site", "id"),
    )
    op.create_index("ix_action_state", "action", ["site", "state", "due_on"])
    op.create_index("ix_action_eight_d", "action", ["site", "eight_d"])
    op.create_index("ix_action_complaint", "action", ["site", "complaint"])
    op.create_table(
        "eight_d",
        _text("site", 32),
        _text("id", 36),
        _number("version", sa.Integer()),
        _text("state", 16),
        _text("complaint", 36),
        _number("opened_at"),
        sa.Column("doc", sa.Text(), nullable=False),
        _key("eight_d", "site", "id"),
    )
    op.create_index("ix_eight_d_state", "eight_d", ["site", "state", "opened_at"])
    op.create_index("ix_eight_d_complaint", "eight_d", ["site", "complaint"])


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _number(name: str, kind: sa.Integer | None = None) -> sa.Column[int]:
    return sa.Column(name, kind or sa.BigInteger(), autoincrement=False, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))
