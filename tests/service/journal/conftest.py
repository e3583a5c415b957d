"""A journal of a few rows, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from threenos_server.db import Database
from threenos_server.journal.model import Entry
from threenos_server.journal.service import add_site, append

NOW = datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC)


def entry(n: int) -> Entry:
    """The n-th entry: an event with its id."""
    body = {"event": {"defect": "刮伤", "n": n}, "digest": f"{n:064d}", "then": {}}
    at = NOW + timedelta(seconds=n, milliseconds=7)
    return Entry("reject", body, at, "l1", "s1", f"c{n}", "p-1", f"event-{n}")


@pytest.fixture
def plain_db(either_db: Database) -> Iterator[Database]:
    """A database that folds nothing but the event ids."""
    database = Database(either_db.url)
    yield database
    database.close()


@pytest.fixture
def journal(plain_db: Database) -> Database:
    """A site `plant` with eight rows in three transactions."""
    with plain_db.write() as session:
        add_site(session, "plant")
    for numbers in (range(1, 4), range(4, 8), range(8, 9)):
        with plain_db.write() as session:
            append(session, "plant", [entry(n) for n in numbers], NOW)
    return plain_db
