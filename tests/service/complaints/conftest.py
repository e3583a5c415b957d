"""Fixtures: the works, on SQLite or on both databases; and its file for tests that begin many times."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from service.complaints.works import Works, begin, copied

from threenos_server.db import Database


@pytest.fixture(scope="session")
def made(prepared: Callable[..., Path]) -> Path:
    """A SQLite file in which the chain is imported."""
    return prepared(begin)


@pytest.fixture
def works(made: Path) -> Iterator[Works]:
    with copied(made) as works:
        yield works


@pytest.fixture
def either(either_db: Database) -> Works:
    return begin(either_db)
