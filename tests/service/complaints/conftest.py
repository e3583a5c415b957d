"""Fixtures: the works, on SQLite or on both databases; and its file for tests that begin many times."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from service.complaints.works import Works, begin, copied

from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS


@pytest.fixture(scope="session")
def made(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which the chain is imported."""
    directory = tmp_path_factory.mktemp("made")
    shutil.copy(empty_sqlite, directory / "threenos.db")
    db = Database(sqlite_url(directory), FOLDS)
    begin(db)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return directory / "threenos.db"


@pytest.fixture
def works(made: Path) -> Iterator[Works]:
    with copied(made) as works:
        yield works


@pytest.fixture
def either(either_db: Database) -> Works:
    return begin(either_db)
