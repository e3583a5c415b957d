"""A server over the example factory, with cheap passwords and a clock that is moved by hand."""

from collections.abc import Iterator

import pytest
from browser import CHEAP, MovedClock, serve, with_example
from flask import Flask

from threenos_server.db import Database
from threenos_server.people import passwords


@pytest.fixture(autouse=True)
def cheap_passwords() -> Iterator[None]:
    passwords.use(CHEAP)
    yield
    passwords.use(passwords.COST)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def site(db: Database) -> str:
    return with_example(db)


@pytest.fixture
def app(db: Database, site: str, clock: MovedClock) -> Flask:
    """The server, whose site is there."""
    assert site
    return serve(db, clock)
