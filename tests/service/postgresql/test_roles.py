"""What `deploy/postgresql/` gives the program is enough for its work, and not enough to change the journal."""

import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from plant import postgres_cluster
from service.complaints.works import SITE, begin

from threenos_server import cli
from threenos_server.db import Database
from threenos_server.folds import FOLDS
from threenos_server.journal.model import Head
from threenos_server.journal.verify import verify

FILES = Path(__file__).parents[3] / "deploy" / "postgresql"


def psql(url: str, file: str) -> None:
    """Run one of the files, as its first lines say."""
    program = shutil.which("psql") or str(max(Path("/usr/lib/postgresql").glob("*/bin/psql")))
    command = [program, "--quiet", "--no-psqlrc", f"--file={FILES / file}", url]
    subprocess.run(command, check=True, capture_output=True)


def test_the_program_works_and_cannot_change_the_journal(tmp_path: Path) -> None:
    """Roles, tables, rights as on the page; then a day as the program, a rebuild too; PostgreSQL refuses the rest."""
    with postgres_cluster() as url:
        psql(url.format("postgres"), "roles.sql")
        owner, program = (
            url.format("threenos").replace("//postgres@", f"//{who}@") for who in ("threenos_owner", "threenos")
        )
        assert cli.main(["db", "upgrade", "--data", str(tmp_path), "--database", owner]) == 0
        psql(owner, "grants.sql")
        with closing(Database(program, FOLDS)) as db:
            works = begin(db)
            works.contained("mill-1", defect="porosity")
            assert works.differences() == []
            with db.read() as session:
                assert isinstance(verify(session, SITE), Head)
        for statement in ("UPDATE journal SET kind = 'x'", "DELETE FROM journal", "TRUNCATE journal"):
            with psycopg.connect(program) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
