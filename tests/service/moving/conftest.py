"""A plant that has a history in SQLite, and an empty PostgreSQL for it."""

import shutil
from pathlib import Path

import pytest
from homes import PostgresqlHome, SqliteHome, SqliteTemplate
from service.moving.history import tell


@pytest.fixture(scope="session")
def history(sqlite_home: SqliteHome) -> SqliteTemplate:
    return sqlite_home.template(tell)


@pytest.fixture
def data(history: SqliteTemplate, tmp_path: Path) -> Path:
    """A data directory with that history."""
    directory = tmp_path / "data"
    directory.mkdir()
    shutil.copy(history, directory / "threenos.db")
    return directory


@pytest.fixture
def target(postgresql_home: PostgresqlHome) -> str:
    """The URL of a database with nothing in it."""
    return postgresql_home.bare()
