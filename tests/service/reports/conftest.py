"""Fixtures: the example factory and the quality engineer's desk, on SQLite or on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from service.complaints.works import begin
from service.reports.desk import Desk, opened

from threenos_server.db import Database


@pytest.fixture(scope="session")
def imported(prepared: Callable[..., Path]) -> Path:
    """A SQLite file in which the chain is imported."""
    return prepared(begin)


@pytest.fixture
def desk(imported: Path) -> Iterator[Desk]:
    with opened(imported) as desk:
        yield desk


@pytest.fixture
def either(either_db: Database) -> Desk:
    return Desk(begin(either_db))
