"""A plant that has been pressing for an hour, on both databases, and the command line on its database."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homes import EITHER, SQLITE
from service.complaints.works import Works
from service.db.hour import Call, press

from threenos_server import cli
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.clock import utc_now
from threenos_server.db import Database


@pytest.fixture(params=EITHER)
def own_db(request: pytest.FixtureRequest) -> Database:
    """One test, on both databases; on SQLite where it asks for that, whatever the tests run on."""
    found: Database = request.getfixturevalue("sqlite_db" if request.param == SQLITE else "postgres_db")
    return found


@pytest.fixture
def works(own_db: Database) -> Works:
    """Five rows: the chain and four presses."""
    began = utc_now() - timedelta(hours=1)
    with own_db.write() as session:
        import_chain(session, example.text(), None, began)
    made = Works(own_db, began)
    press(made, 4)
    return made


@pytest.fixture
def called(works: Works, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """`threenos` with these words on the works' database: what it prints as JSON, or the error when `fails`."""

    def call(*words: str | Path, fails: bool = False) -> Any:
        works.db.engine.dispose()  # who restores has to be alone
        where = ("--data", str(tmp_path / "data"), "--database", works.db.url)
        capsys.readouterr()
        code = cli.main([*map(str, words), "--json", *where])
        said = json.loads(capsys.readouterr().out)
        assert code == int(fails), said
        return said["error"] if fails and "error" in said else said

    return call
