"""The fixtures that several folders of tests use. What takes long is made once and copied."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from homes import CHOSEN, EITHER, POSTGRESQL, SQLITE, Home, PostgresqlHome, SqliteHome, Template
from hypothesis import settings
from plant import RunningSystem, postgres_cluster

from threenos_server.db import Database

# The same examples on every run, so that red means that somebody changed something. To look further than that:
# `pytest --hypothesis-profile=explore`.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("explore", max_examples=500, deadline=None)
settings.load_profile("same")


def pytest_report_header() -> str:
    """On what the tests run that do not say it."""
    return f"database: {CHOSEN}"


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """A command that runs in this process writes its log to the terminal of its test, which is closed after it."""
    level = logging.root.level
    yield
    for handler in [h for h in logging.root.handlers if type(h) is logging.StreamHandler]:
        logging.root.removeHandler(handler)
    logging.root.setLevel(level)


@pytest.fixture(scope="session")
def sqlite_home(tmp_path_factory: pytest.TempPathFactory) -> SqliteHome:
    return SqliteHome(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster; a URL with `{}` for a database's name."""
    with postgres_cluster() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_home(postgres: str) -> PostgresqlHome:
    return PostgresqlHome(postgres)


@pytest.fixture(scope="session")
def home(request: pytest.FixtureRequest) -> Home:
    """Where the databases are of tests that do not say it."""
    found: Home = request.getfixturevalue(f"{CHOSEN}_home")
    return found


@pytest.fixture(scope="session")
def prepared(home: Home) -> Callable[..., Template]:
    """Makes a database in which `prepare(database)` was done once, to be copied by each test."""
    return home.template


@pytest.fixture(scope="session")
def blank(home: Home) -> Template:
    """A database of this version with nothing in it."""
    return home.template()


@pytest.fixture
def db(blank: Template, tmp_path: Path) -> Iterator[Database]:
    """A database of its own, with every table and every fold."""
    with blank.copied(tmp_path) as database:
        yield database


@pytest.fixture
def sqlite_db(sqlite_home: SqliteHome) -> Iterator[Database]:
    """The same on SQLite, whatever was chosen: for what only SQLite has."""
    with sqlite_home.empty.copied() as database:
        yield database


@pytest.fixture
def postgres_db(postgresql_home: PostgresqlHome) -> Iterator[Database]:
    """A PostgreSQL database of its own, with every table and every fold."""
    with postgresql_home.empty.copied() as database:
        yield database


@pytest.fixture(params=EITHER)
def either_db(request: pytest.FixtureRequest) -> Database:
    """One test, on both databases."""
    of_its_own = {SQLITE: "sqlite_db", POSTGRESQL: "postgres_db"}
    found: Database = request.getfixturevalue("db" if request.param == CHOSEN else of_its_own[request.param])
    return found


@pytest.fixture(scope="session", autouse=CHOSEN == POSTGRESQL)
def every_system_on_postgresql(request: pytest.FixtureRequest) -> None:
    """Each `threenos up` has a database of its own in the cluster, without being told."""
    made: PostgresqlHome = request.getfixturevalue("postgresql_home")
    RunningSystem.database = staticmethod(made.bare)


@pytest.fixture
def run_system(tmp_path: Path) -> Iterator[Callable[..., RunningSystem]]:
    """Runs `threenos up` with these flags on a data directory of its own, as often as it is called."""
    running: list[RunningSystem] = []

    def run(*flags: str) -> RunningSystem:
        running.append(RunningSystem(tmp_path / f"data-{len(running)}", *flags))
        return running[-1]

    yield run
    with ExitStack() as stack:
        for one in running:
            stack.callback(one.close)


@pytest.fixture
def system(run_system: Callable[..., RunningSystem]) -> RunningSystem:
    """`threenos up` for real, with an empty database."""
    return run_system()
