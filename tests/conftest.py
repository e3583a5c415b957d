"""The fixtures that several folders of tests use. What takes long is made once and copied."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from plant import RunningSystem, postgres_cluster

from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.migrations import upgrade

# The same examples on every run, so that red means that somebody changed something. To look further than that:
# `pytest --hypothesis-profile=explore`.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("explore", max_examples=500, deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of this version with nothing in it."""
    directory = tmp_path_factory.mktemp("empty")
    db = Database(sqlite_url(directory), FOLDS)
    upgrade(db)
    db.close()
    return directory / "threenos.db"


@pytest.fixture(scope="session")
def prepared(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a SQLite file in which `prepare(database)` was done once, to be copied by each test."""

    def file(prepare: Callable[[Database], object]) -> Path:
        directory = tmp_path_factory.mktemp("prepared")
        shutil.copy(empty_sqlite, directory / "threenos.db")
        database = Database(sqlite_url(directory), FOLDS)
        prepare(database)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return directory / "threenos.db"

    return file


@pytest.fixture
def db(empty_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite database of its own, with every table and every fold."""
    shutil.copy(empty_sqlite, tmp_path / "threenos.db")
    database = Database(sqlite_url(tmp_path), FOLDS)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster with a database `empty` of this version; a URL with `{}` for a database's name."""
    with postgres_cluster() as url:
        _sql(url, "CREATE DATABASE empty")
        database = Database(url.format("empty"), FOLDS)
        upgrade(database)
        database.close()
        yield url


@pytest.fixture
def postgres_db(postgres: str) -> Iterator[Database]:
    """A PostgreSQL database of its own, with every table and every fold."""
    name = f"test_{uuid4().hex}"
    _sql(postgres, f"CREATE DATABASE {name} TEMPLATE empty")
    database = Database(postgres.format(name), FOLDS)
    yield database
    database.close()
    _sql(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def either_db(request: pytest.FixtureRequest) -> Database:
    """One test, on both databases."""
    found: Database = request.getfixturevalue("db" if request.param == "sqlite" else "postgres_db")
    return found


@pytest.fixture
def run_system(tmp_path: Path) -> Iterator[Callable[..., RunningSystem]]:
    """Runs `threenos up` with these flags on a data directory of its own, as often as it is called."""
    running: list[RunningSystem] = []

    def run(*flags: str) -> RunningSystem:
        running.append(RunningSystem(tmp_path / f"data-{len(running)}", *flags))
        return running[-1]

    yield run
    for one in running:
        one.close()


@pytest.fixture
def system(run_system: Callable[..., RunningSystem]) -> RunningSystem:
    """`threenos up` for real, with an empty SQLite database."""
    return run_system()


def _sql(url: str, statement: str) -> None:
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        connection.execute(statement)
