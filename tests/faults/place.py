"""Where a scenario happens, and what a scenario is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from faults.postgres import Postgres
from faults.table import Row

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
BOTH = (SQLITE, POSTGRESQL)


@dataclass(frozen=True, slots=True)
class Place:
    """An empty directory, the database that is meant, and the PostgreSQL of this run (None: not needed)."""

    directory: Path
    database: str
    postgres: Postgres | None

    def url(self) -> str | None:
        """A new PostgreSQL database, or None for the SQLite file in the data directory."""
        if self.database == SQLITE:
            return None
        return self.cluster.database()

    @property
    def cluster(self) -> Postgres:
        assert self.postgres is not None
        return self.postgres


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault: what is done to a plant, and the rows that come of it. `fault` and `where` name it in the table."""

    name: str
    fault: str
    where: str
    run: Callable[["Scenario", Place], Iterable[Row]]
    databases: tuple[str, ...] = BOTH
    needs: tuple[str, ...] = ()
    root: bool = False
