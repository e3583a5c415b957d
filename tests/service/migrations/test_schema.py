"""The migrations make the very tables that the code declares, on both databases."""

import re
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from threenos_server.db import Database, sqlite_url
from threenos_server.migrations import metadata


def test_nothing_differs_from_what_the_code_declares(either_db: Database) -> None:
    """A table or column that was changed without a revision shows here."""
    with either_db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata()) == []


def test_sqlite_has_the_same_indexes_triggers_and_options(sqlite_db: Database, tmp_path: Path) -> None:
    """What a comparison of columns cannot see: WITHOUT ROWID, partial indexes, the guard of the journal."""
    other = Database(sqlite_url(tmp_path))
    metadata().create_all(other.engine)
    assert _schema(sqlite_db) == _schema(other)
    other.close()


def _schema(db: Database) -> set[str]:
    """Each statement of the schema without its layout; constraints in one order."""
    with db.engine.connect() as connection:
        found = connection.scalars(sa.text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {" ".join(sorted(re.split(r"[\s,]+", sql.replace('"', "")))) for sql in found if "alembic" not in sql}
