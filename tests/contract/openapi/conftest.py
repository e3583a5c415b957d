"""One server over the example factory for all questions about its routes: none of them changes what another reads."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHEAP, Browser, MovedClock, serve, signed_in, with_example
from flask import Flask

from threenos_server.access import Grant, Role
from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.people import passwords


@pytest.fixture(scope="module")
def shared_db(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    directory = tmp_path_factory.mktemp("openapi")
    shutil.copy(empty_sqlite, directory / "threenos.db")
    database = Database(sqlite_url(directory), FOLDS)
    with_example(database)
    passwords.use(CHEAP)
    yield database
    passwords.use(passwords.COST)
    database.close()


@pytest.fixture(scope="module")
def app(shared_db: Database) -> Flask:
    return serve(shared_db, MovedClock())


@pytest.fixture(scope="module")
def everything(app: Flask, shared_db: Database) -> Browser:
    """Somebody with every role, without the CSRF token."""
    browser = signed_in(app, shared_db, "Everything", *(Grant(role) for role in Role))
    browser.csrf = None
    return browser
