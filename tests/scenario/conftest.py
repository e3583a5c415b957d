"""The plant of a story. Every story ends with the same look at its journal."""

from collections.abc import Callable, Iterator

import pytest
from homes import Template
from scenario.story import Plant, begin, opened


@pytest.fixture(scope="session")
def begun(prepared: Callable[..., Template]) -> Template:
    """A database with the example factory and its people."""
    return prepared(begin)


@pytest.fixture
def plant(begun: Template) -> Iterator[Plant]:
    """The example factory with its people; at the end the journal is whole and the tables are what it says."""
    with opened(begun) as told:
        yield told
        told.check()
