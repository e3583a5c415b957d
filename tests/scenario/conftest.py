"""The plant of a story. Every story ends with the same look at its journal."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from scenario.story import Plant, begin, opened

from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS


@pytest.fixture(scope="session")
def begun(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with the example factory and its people."""
    directory = tmp_path_factory.mktemp("begun")
    shutil.copy(empty_sqlite, directory / "threenos.db")
    db = Database(sqlite_url(directory), FOLDS)
    begin(db)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return directory / "threenos.db"


@pytest.fixture
def plant(begun: Path) -> Iterator[Plant]:
    """The example factory with its people; at the end the journal is whole and the tables are what it says."""
    with opened(begun) as told:
        yield told
        told.check()
