"""Fixtures: a server over the example factory, with cheap passwords and a clock that is moved by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import CHEAP, MovedClock, serve, with_example
from flask import Flask
from homes import Template

from threenos_server.db import Database
from threenos_server.people import passwords


@pytest.fixture(autouse=True)
def cheap_passwords() -> Iterator[None]:
    passwords.use(CHEAP)
    yield
    passwords.use(passwords.COST)


@pytest.fixture(scope="session")
def factory_made(prepared: Callable[..., Template]) -> Template:
    """A database with the example factory in it."""
    return prepared(with_example)


@pytest.fixture
def db(factory_made: Template, tmp_path: Path) -> Iterator[Database]:
    """A database of its own with the example factory."""
    with factory_made.copied(tmp_path) as database:
        yield database


@pytest.fixture
def site() -> str:
    """The example factory's."""
    return "lakeside"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def app(db: Database, clock: MovedClock) -> Flask:
    return serve(db, clock)
