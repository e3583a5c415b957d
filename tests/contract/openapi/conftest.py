"""One server over the example factory for all questions about its routes: none of them changes what another reads."""

from collections.abc import Iterator

import pytest
from browser import CHEAP, Browser, MovedClock, serve, signed_in, with_example
from flask import Flask
from homes import Template

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.people import passwords


@pytest.fixture(scope="module")
def shared_db(blank: Template) -> Iterator[Database]:
    with blank.copied() as database:
        with_example(database)
        passwords.use(CHEAP)
        yield database
        passwords.use(passwords.COST)


@pytest.fixture(scope="module")
def app(shared_db: Database) -> Flask:
    return serve(shared_db, MovedClock())


@pytest.fixture(scope="module")
def everything(app: Flask, shared_db: Database) -> Browser:
    """Somebody with every role, without the CSRF token."""
    browser = signed_in(app, shared_db, "Everything", *(Grant(role) for role in Role))
    browser.csrf = None
    return browser
