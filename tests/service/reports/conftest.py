"""Fixtures: the example factory and the quality engineer's desk, on one or on both databases; and cheap passwords."""

from collections.abc import Callable, Iterator

import pytest
from homes import Template
from service.complaints.works import begin
from service.reports.desk import Desk, opened
from serving import cheap_passwords

from threenos_server.db import Database

__all__ = ["cheap_passwords", "desk", "either", "imported"]


@pytest.fixture(scope="session")
def imported(prepared: Callable[..., Template]) -> Template:
    """A database in which the chain is imported."""
    return prepared(begin)


@pytest.fixture
def desk(imported: Template) -> Iterator[Desk]:
    with opened(imported) as desk:
        yield desk


@pytest.fixture
def either(either_db: Database) -> Desk:
    return Desk(begin(either_db))
