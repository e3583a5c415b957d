"""The tables as a new installation gets them, on both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from plant import RunningSystem

from threenos_server.db import Database, sqlite_url
from threenos_server.migrations import is_empty, metadata, misfit, newest, upgrade


def test_the_revisions_make_what_the_code_declares(either_db: Database) -> None:
    """Every table with every column, so that a forgotten migration shows."""
    found = sa.inspect(either_db.engine)
    declared = {t.name: {c.name for c in t.columns} for t in metadata().sorted_tables}
    made = {name: {c["name"] for c in found.get_columns(name)} for name in declared if found.has_table(name)}
    assert made == declared
    assert misfit(either_db) is None


def test_the_database_itself_refuses_to_change_the_journal(either_db: Database) -> None:
    """The guard is part of the revisions."""
    with either_db.write() as session:
        session.execute(sa.text("INSERT INTO site (id, seq, hash) VALUES ('s', 0, 'x')"))
        columns = "site, seq, at, occurred_at, kind, body, prev, hash"
        session.execute(sa.text(f"INSERT INTO journal ({columns}) VALUES ('s', 1, 1, 1, 'k', '{{}}', 'x', 'y')"))
    for statement in ("UPDATE journal SET kind = 'z'", "DELETE FROM journal"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), either_db.write() as session:
            session.execute(sa.text(statement))


def test_an_upgrade_can_be_made_again_and_an_empty_database_is_known(tmp_path: Path) -> None:
    """The second one changes nothing."""
    db = Database(sqlite_url(tmp_path))
    assert is_empty(db)
    assert upgrade(db) == upgrade(db) == newest()
    assert not is_empty(db)
    db.close()


def test_the_whole_system_runs_on_postgresql(run_system: Callable[..., RunningSystem], postgres: str) -> None:
    """One flag, and the example factory is imported and verified there."""
    system = run_system("--database", postgres.format("postgres"))
    where = ("--database", postgres.format("postgres"))
    factory = system.data.parent / "factory.yaml"
    factory.write_text(system.threenos("chain", "example"))
    assert system.json("chain", "import", str(factory), *where)["version"] == 1
    assert [site["ok"] for site in system.json("journal", "verify", *where)] == [True]
    assert not (system.data / "threenos.db").exists()
