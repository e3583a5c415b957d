"""Which person stands behind an account of the plant's provider."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
works_with = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_identity",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_person_identity_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_person_identity")),
        sa.UniqueConstraint("issuer", "person", name=op.f("uq_person_identity_issuer_person")),
    )
    op.create_index(op.f("ix_person_identity_person"), "person_identity", ["person"], unique=False)
