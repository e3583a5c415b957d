"""deploy/postgresql: an owner that migrates, and a program that adds to the journal and cannot change it."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from service.complaints.works import SITE, begin

from threenos_server.db import Database
from threenos_server.doctor import storage
from threenos_server.doctor.finding import Level
from threenos_server.doctor.look import database as look
from threenos_server.folds import FOLDS
from threenos_server.journal import guard
from threenos_server.journal.model import Head
from threenos_server.journal.verify import verify
from threenos_server.migrations import upgrade

SQL = Path(__file__).parents[3] / "deploy" / "postgresql"


def as_role(postgres: str, role: str) -> str:
    """The URL of the plant's database for somebody else than the superuser."""
    return postgres.replace("postgres@", f"{role}@").format("threenos")


def run(url: str, file: str) -> None:
    command = ["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={SQL / file}", url]
    environment = os.environ | {"PGOPTIONS": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


@pytest.fixture
def plant(postgres: str) -> Iterator[str]:
    """The database `threenos` as the page for one plant makes it."""
    run(postgres.format("postgres"), "roles.sql")
    with closing(Database(as_role(postgres, "threenos_owner"), FOLDS)) as owner:
        upgrade(owner)
    run(as_role(postgres, "threenos_owner"), "grants.sql")
    yield postgres
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE threenos WITH (FORCE)")


def test_both_files_can_be_run_again(plant: str) -> None:
    """After an upgrade the second one is; the first by whoever is not sure."""
    run(plant.format("postgres"), "roles.sql")
    run(as_role(plant, "threenos_owner"), "grants.sql")


def test_the_program_does_its_work_and_cannot_touch_the_guard(plant: str) -> None:
    """A day of complaints, a rebuild and a check too; it changes no row, no trigger and no table, and makes none."""
    with closing(Database(as_role(plant, "threenos"), FOLDS)) as db:
        works = begin(db)
        works.contained("mill-1", defect="porosity")
        assert works.differences() == []
        with db.read() as session:
            assert isinstance(verify(session, SITE), Head)
        for statement in (
            "UPDATE journal SET kind = 'x'", "DELETE FROM journal", "TRUNCATE journal", "DROP TABLE journal",
            "ALTER TABLE journal DISABLE TRIGGER USER", "DROP TRIGGER journal_refuses_change ON journal",
            "CREATE TABLE mine (a int)", "SET ROLE threenos_owner",
        ):  # fmt: skip
            refused = pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner")
            with refused, db.write() as session:
                session.execute(sa.text(statement))


def test_doctor_sees_who_signs_in(plant: str) -> None:
    """The program's role is sound, the owner is a warning, and a right too many is wrong."""
    levels = []
    for role in ("threenos", "threenos_owner"):
        with closing(Database(as_role(plant, role), FOLDS)) as db:
            levels.append(storage.guarded(look.storage(db)).level)
    with psycopg.connect(as_role(plant, "threenos_owner"), autocommit=True) as connection:
        connection.execute("GRANT DELETE ON journal TO threenos")
    with closing(Database(as_role(plant, "threenos"), FOLDS)) as db:
        found = storage.guarded(look.storage(db))
    assert levels == [Level.OK, Level.WARNING]
    assert (found.level, "DELETE" in found.words) == (Level.WRONG, True)


def test_doctor_knows_tables_without_grants_from_none(plant: str) -> None:
    """After a move, or a `db upgrade` by hand, without grants.sql: PostgreSQL shows the program an empty database."""
    with psycopg.connect(as_role(plant, "threenos_owner"), autocommit=True) as connection:
        connection.execute("REVOKE USAGE ON SCHEMA public FROM threenos_app")
    with closing(Database(as_role(plant, "threenos"), FOLDS)) as db:
        found = storage.version(look.storage(db))
    assert (found.level, found.words) == (Level.WRONG, "our role may not use the tables, if there are any")
    assert "threenos-upgrade" in found.cure and "grants.sql" in found.cure


def test_doctor_knows_tables_of_a_newer_program(plant: str) -> None:
    """By their version, which is none of ours; the older one did not get as far as this."""
    with closing(Database(as_role(plant, "threenos_owner"), FOLDS)) as db:
        assert not look.storage(db).newer
        with db.write() as session:
            session.execute(sa.text("UPDATE alembic_version SET version_num = '9999', works_with = '9998'"))
        assert look.storage(db).newer
        assert "deploy/upgrade.md" in storage.version(look.storage(db)).cure


def test_a_stranger_has_no_way_in(plant: str) -> None:
    """A role of the same cluster that belongs to another program."""
    with psycopg.connect(plant.format("postgres"), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS other")
        connection.execute("CREATE ROLE other LOGIN")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(as_role(plant, "other"))


def test_the_grants_are_those_of_the_journals_guard() -> None:
    """They stand in the program and in the file; the role itself is made by roles.sql, since an owner may not."""
    said = re.sub(r"--.*", "", (SQL / "grants.sql").read_text())
    lines = [" ".join(line.split()) for line in said.split(";") if line.strip()]
    assert lines == list(guard.role_statements("threenos_app")[1:])
