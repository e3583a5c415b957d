"""Fixtures: the works, on one or on both databases; and its template for tests that begin many times."""

from collections.abc import Callable, Iterator

import pytest
from homes import Template
from service.complaints.works import Works, begin, copied

from threenos_server.db import Database


@pytest.fixture(scope="session")
def made(prepared: Callable[..., Template]) -> Template:
    """A database in which the chain is imported."""
    return prepared(begin)


@pytest.fixture
def works(made: Template) -> Iterator[Works]:
    with copied(made) as works:
        yield works


@pytest.fixture
def either(either_db: Database) -> Works:
    return begin(either_db)
