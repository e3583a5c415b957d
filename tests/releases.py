"""A release that is newer than this one: the same program with a revision more, for who upgrades."""

import shutil
from pathlib import Path

from threenos_server import migrations

REVISION = "9999"
_STEP = '''"""What the next release changes."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{down}"
works_with = "{works_with}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("complaint", sa.Column("colour", sa.String(length=16), nullable=True))
    op.create_table("palette", sa.Column("id", sa.Integer(), primary_key=True))
'''


def newer(directory: Path, works_with: str | None = None) -> Path:
    """The revisions of the next release in a folder. Programs of `works_with` go on with it; none when it is None."""
    shutil.copytree(migrations.VERSIONS, directory, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    step = _STEP.format(revision=REVISION, down=migrations.newest(), works_with=works_with or REVISION)
    (directory / f"{REVISION}_next.py").write_text(step)
    return directory
