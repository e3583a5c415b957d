"""PostgreSQL as a plant runs it: the tables' owner restores, who is no superuser, and the program's rights stay."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from threenos_server import cli
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.folds import FOLDS
from threenos_server.journal.guard import role_statements
from threenos_server.migrations import upgrade


@pytest.fixture
def owned(postgres: str) -> Iterator[tuple[str, str, str]]:
    """A database with the example factory: its URL with `{}` for who signs in, its owner, and the program's role."""
    name = f"owned_{uuid4().hex[:8]}"
    owner, program = f"{name}_owner", f"{name}_app"
    url = postgres.format(name).replace("postgres@", "{}@")
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {owner} LOGIN CREATEDB")
        superuser.execute(f"CREATE DATABASE {name} OWNER {owner}")
        with psycopg.connect(url.format("postgres"), autocommit=True) as inside:
            inside.execute(f"ALTER SCHEMA public OWNER TO {owner}")
            _fill(url.format(owner))
            for statement in role_statements(program):
                inside.execute(statement)
            inside.execute(f"ALTER ROLE {program} LOGIN")
        yield url, owner, program
        found = superuser.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}%"]).fetchall()
        for (made,) in found:
            superuser.execute(f"DROP DATABASE {made} WITH (FORCE)")
        superuser.execute(f"DROP ROLE {owner}, {program}")


def _fill(url: str) -> None:
    db = Database(url, FOLDS)
    upgrade(db)
    with db.write() as session:
        import_chain(session, example.text(), None, utc_now())
    db.close()


def test_the_program_backs_up_and_the_owner_restores(
    owned: tuple[str, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The restored database is the same owner's; the program may write to it, and still not change the journal."""
    url, owner, program = owned
    copy = str(tmp_path / "copy")
    assert cli.main(["db", "backup", copy, "--database", url.format(program)]) == 0
    assert cli.main(["db", "restore", copy, "--database", url.format(program)]) == 1
    assert "permission denied" in capsys.readouterr().err
    assert cli.main(["db", "restore", copy, "--json", "--database", url.format(owner)]) == 0
    assert json.loads(capsys.readouterr().out)["journals"][0]["noted"] == 2
    db = Database(url.format(program), FOLDS)
    with db.write() as session:
        session.execute(sa.text("INSERT INTO service_beat (name, at) VALUES ('intake', 1)"))
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.write() as session:
        session.execute(sa.text("DELETE FROM journal"))
    with db.engine.connect() as connection:
        tables = connection.scalars(sa.text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"))
        assert list(tables) == [owner]
    db.close()
