"""Where the databases of tests are: SQLite files or, with `TEST_DATABASE=postgresql`, databases of a PostgreSQL.

What takes long is made once, as a template, and copied by each test.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from uuid import uuid4

import psycopg
import sqlalchemy as sa

from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.migrations import metadata, upgrade

SQLITE, POSTGRESQL = "sqlite", "postgresql"
#: On which database the tests run that do not say it. The name is not one of the product's settings, which refuse any
#: variable of theirs that they do not know.
CHOSEN = os.environ.get("TEST_DATABASE", SQLITE)
#: On which those run that are for both.
EITHER = (SQLITE, POSTGRESQL) if CHOSEN == SQLITE else (POSTGRESQL,)

Prepare = Callable[[Database], object]


class Template(Protocol):
    """A database with something in it, to be copied."""

    def copied(self, directory: Path | None = None) -> AbstractContextManager[Database]:
        """A copy of its own, which is gone when the block ends. A file is put into `directory`, if one is named."""


class Home(Protocol):
    """Makes databases of one kind."""

    def template(self, prepare: Prepare = lambda _: None) -> Template:
        """A template of this version's tables, in which `prepare` was done once."""


@dataclass(frozen=True)
class SqliteTemplate:
    """A file of SQLite."""

    file: Path

    def __fspath__(self) -> str:
        return str(self.file)

    @contextmanager
    def copied(self, directory: Path | None = None) -> Iterator[Database]:
        with TemporaryDirectory(prefix="threenos-db-") as made:
            chosen = directory or Path(made)
            shutil.copy(self.file, chosen / "threenos.db")
            with _open(sqlite_url(chosen)) as database:
                yield database


class SqliteHome:
    """Files below `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        (directory / "empty").mkdir()
        with _open(sqlite_url(directory / "empty")) as database:
            upgrade(database)
        self.empty = SqliteTemplate(directory / "empty" / "threenos.db")

    def template(self, prepare: Prepare = lambda _: None) -> SqliteTemplate:
        directory = self._directory / uuid4().hex
        directory.mkdir()
        with self.empty.copied(directory) as database:
            prepare(database)
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return SqliteTemplate(directory / "threenos.db")


@dataclass(frozen=True)
class PostgresqlTemplate:
    """A database of the cluster at `url`, in which `{}` stands for a database's name."""

    url: str
    name: str

    @contextmanager
    def copied(self, directory: Path | None = None) -> Iterator[Database]:  # noqa: ARG002 - a file would lie there
        name = f"test_{uuid4().hex}"
        sql(self.url, f"CREATE DATABASE {name} TEMPLATE {self.name}")
        try:
            with _open(self.url.format(name)) as database:
                yield database
        finally:
            sql(self.url, f"DROP DATABASE {name} WITH (FORCE)")


class PostgresqlHome:
    """Databases of the cluster at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.empty = PostgresqlTemplate(url, "empty")
        sql(url, "CREATE DATABASE empty")
        with _open(url.format("empty")) as database:
            upgrade(database)

    def template(self, prepare: Prepare = lambda _: None) -> PostgresqlTemplate:
        name = f"template_{uuid4().hex}"
        sql(self._url, f"CREATE DATABASE {name} TEMPLATE empty")
        with _open(self._url.format(name)) as database:
            prepare(database)
        return PostgresqlTemplate(self._url, name)

    def bare(self) -> str:
        """The URL of a new database without any table."""
        name = f"bare_{uuid4().hex}"
        sql(self._url, f"CREATE DATABASE {name}")
        return self._url.format(name)


def everything(db: Database) -> str:
    """All that stands in any of its tables."""
    with db.engine.connect() as connection:
        rows = (row for table in metadata().sorted_tables for row in connection.execute(sa.select(table)))
        return "\n".join(str(tuple(row)) for row in rows)


def unguard(connection: sa.Connection) -> None:
    """What somebody with the rights of the owner does first: the journal's triggers are gone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE journal DISABLE TRIGGER USER")
        return
    for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def sql(url: str, statement: str) -> None:
    """Run one statement on the cluster."""
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def _open(url: str) -> Iterator[Database]:
    database = Database(url, FOLDS)
    try:
        yield database
    finally:
        database.close()
