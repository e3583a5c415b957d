"""The tables as the code declares them, with the guard of the journal."""

from alembic import op

from threenos_server.migrations import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata().create_all(op.get_bind())
