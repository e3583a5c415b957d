"""`threenos db move`: everything arrives and the plant goes on, or nothing has happened."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from plant import next_line
from service.moving.history import AWKWARD, known

from threenos_server import cli
from threenos_server import db as databases
from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.intake import quarantine
from threenos_server.migrations import metadata
from threenos_server.moving import copying, move
from threenos_server.moving import source as sources
from threenos_server.moving.source import alone
from threenos_wire.events import Malformed, Reason

#: The command, which stops for ever when it has copied the journal, and says so.
HALF_WAY = """
import sys
from threading import Event
from threenos_server import cli
from threenos_server.moving import move
copy = move.copy
def stopping(table, source, target):
    copied = copy(table, source, target)
    if table.name == "journal":
        print("half", flush=True)
        Event().wait()
    return copied
move.copy = stopping
sys.exit(cli.main(sys.argv[1:]))
"""
Capture = pytest.CaptureFixture[str]


def content(data: Path) -> list[str]:
    """All that the file says, as statements."""
    with closing(sqlite3.connect(data / "threenos.db")) as db:
        return list(db.iterdump())


def tables(url: str) -> int:
    """How many there are in a PostgreSQL database."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found is not None
    return int(found[0])


def moving(data: Path, target: str, *flags: str) -> int:
    return cli.main(["db", "move", target, "--data", str(data), *flags])


def test_a_plant_moves_and_goes_on(data: Path, target: str, capsys: Capture) -> None:
    """Every row of every table; then presses, numbers and the journal go on where they were."""
    with closing(sqlite3.connect(data / "threenos.db")) as db:
        counts = {
            t.name: db.execute(f'SELECT count(*) FROM "{t.name}"').fetchone()[0] for t in metadata().sorted_tables
        }
    assert moving(data, target, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == counts
    assert all(counts[name] for name in ("journal", "complaint", "notice", "person", "quarantine", "waiting_event"))
    moved = Database(target, FOLDS)
    plant = known(moved)
    head = told["journals"]["lakeside"]["seq"]
    assert AWKWARD in [c.note for c in plant.complaints()] or AWKWARD in str([r.body for r in plant.rows()])
    plant.press("leak-1", reject="porosity", seq=900)
    assert plant.rows()[-1].seq > head
    with moved.write() as session:
        bad = Malformed(b"another", Reason.MALFORMED, "no JSON")
        quarantine.keep(session, "t", None, bad, plant.now())
    moved.close()
    for command in (["journal", "verify"], ["journal", "rebuild"]):
        assert cli.main([*command, "--data", str(data), "--database", target]) == 0


def test_the_program_is_not_told_to_sign_in_as_the_owner(data: Path, target: str, capsys: Capture) -> None:
    """The owner of the tables makes the move; a program that goes on as that could take the journal's guard away."""
    assert moving(data, target) == 0
    said = capsys.readouterr().out
    assert "+psycopg" not in said and "database = " not in said
    assert "grants.sql" in said and "not as the owner" in said


def test_afterwards_nobody_goes_on_with_the_file(data: Path, target: str, capsys: Capture) -> None:
    """What is not told of the new database refuses to start; renamed back the file is what it was."""
    before = content(data)
    assert moving(data, target) == 0
    for command in (["station", "list"], ["journal", "verify"], ["db", "upgrade"]):
        assert cli.main([*command, "--data", str(data)]) == 1
        assert "was moved to PostgreSQL" in capsys.readouterr().err
    assert not (data / "threenos.db").exists()
    (data / "threenos.db.moved").rename(data / "threenos.db")
    assert content(data) == before
    assert cli.main(["journal", "verify", "--data", str(data)]) == 0


def _lost(table: str, statement: str) -> Callable[..., int]:
    """Copying after which a statement has spoilt what arrived."""

    def spoiling(copied: Any, source: Any, target: Any) -> int:
        count = copying.copy(copied, source, target)
        if copied.name == table:
            target.exec_driver_sql(statement)
        return count

    return spoiling


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("notice", "DELETE FROM notice WHERE id = (SELECT max(id) FROM notice)"),
        ("person", "UPDATE person SET active = false"),
        ("quarantine", "UPDATE quarantine SET raw = '\\x00'"),
        ("journal", "ALTER TABLE journal DISABLE TRIGGER USER; UPDATE journal SET body = '{}' WHERE seq = 3"),
        ("witness", "INSERT INTO witness (site, seq, hash, at) VALUES ('lakeside', 1, 'x', 1)"),
    ],
)
def test_what_did_not_arrive_as_it_was_is_found(
    data: Path, target: str, table: str, statement: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A row or a value lost, changed or made up on the way: nothing counts, and a second try is a whole one."""
    before = content(data)
    with monkeypatch.context() as patched:
        patched.setattr(move, "copy", _lost(table, statement))
        assert moving(data, target) == 1
    said = capsys.readouterr().err
    assert f"what arrived is not what was sent: {table} " in said
    assert "Nothing was moved" in said
    assert (content(data), tables(target)) == (before, 0)
    assert moving(data, target) == 0


def test_the_journal_and_the_tables_are_looked_at_there(
    data: Path, target: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Were the comparison blind, the hash chain and the rebuild would still see."""
    monkeypatch.setattr(move, "difference", lambda *_: None)
    for table, statement, seen in (
        ("journal", "ALTER TABLE journal DISABLE TRIGGER USER; UPDATE journal SET line = 'x' WHERE seq = 3", "row 3"),
        ("board_card", "DELETE FROM board_card", "not what its journal says"),
    ):
        monkeypatch.setattr(move, "copy", _lost(table, statement))
        assert moving(data, target) == 1
        assert seen in capsys.readouterr().err
        assert tables(target) == 0


def test_a_move_that_is_cut_off_has_moved_nothing(data: Path, target: str, capsys: Capture) -> None:
    """kill -9 when the journal is there already: the file is as it was, the target is empty, and it is called again."""
    before = content(data)
    command = [sys.executable, "-c", HALF_WAY, "db", "move", target, "--data", str(data), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert next_line(process) == "half\n"
        finally:
            process.kill()
    assert (content(data), tables(target)) == (before, 0)
    assert moving(data, target, "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"]["journal"] > 0


def test_what_is_in_use_is_not_moved(data: Path, target: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A web server that only idles has the file open; and while it is moved nobody can open it."""
    monkeypatch.setattr(sources, "PATIENCE_S", 0.1)
    idle = Database(sqlite_url(data))
    with idle.read() as session:
        session.connection().exec_driver_sql("SELECT 1 FROM site")
    assert moving(data, target) == 1
    assert "in use" in capsys.readouterr().err
    assert tables(target) == 0
    idle.close()
    monkeypatch.setattr(databases, "BUSY_TIMEOUT_MS", 50)
    late = Database(sqlite_url(data))
    with alone(data / "threenos.db"), pytest.raises(Exception, match="locked"), late.read() as session:
        session.connection()
    late.close()


def test_a_target_with_tables_is_refused(data: Path, postgres_db: Database, capsys: Capture) -> None:
    """Whoever they belong to."""
    assert moving(data, postgres_db.url) == 1
    assert "not empty" in capsys.readouterr().err
    assert (data / "threenos.db").exists()


def test_what_is_broken_or_does_not_fit_is_named_and_stays(data: Path, target: str, capsys: Capture) -> None:
    """A text longer than PostgreSQL takes, by table and column and without the text; a journal that was changed."""
    with closing(sqlite3.connect(data / "threenos.db", isolation_level=None)) as db:
        db.execute("UPDATE person SET name = ? WHERE name = 'director'", ("Chen Wei" * 30,))
    assert moving(data, target) == 1
    said = capsys.readouterr().err
    assert "person" in said and "name" in said and "Chen Wei" not in said
    with closing(sqlite3.connect(data / "threenos.db", isolation_level=None)) as db:
        db.execute("UPDATE person SET name = 'director' WHERE length(name) > 200")
        db.execute("DROP TRIGGER journal_refuses_update")
        db.execute("UPDATE journal SET kind = 'x' WHERE seq = 2")
    assert moving(data, target) == 1
    assert "broken at row 2" in capsys.readouterr().err
    assert tables(target) == 0


def test_only_from_sqlite_to_postgresql(data: Path, target: str, tmp_path: Path, capsys: Capture) -> None:
    """Every other direction is refused with the reason."""
    for target_url, flags, why in (
        (f"sqlite:///{tmp_path}/other.db", [], "PostgreSQL database, as in"),
        (target, ["--database", target], "no SQLite file"),
        ("what:ever", [], "not understood"),
        ("postgresql://127.0.0.1:1/x", [], "Nothing was moved"),
        (target, ["--data", str(tmp_path / "none")], "there is no database"),
    ):
        assert moving(data, target_url, *flags) == 1
        assert why in capsys.readouterr().err


def test_every_type_of_a_column_is_thought_of() -> None:
    """A column of a new type has to say how it is moved."""
    makers = {copying._maker(column) for table in metadata().sorted_tables for column in table.c}
    assert makers == {None, bool, copying._MADE[copying.sa.Date]}


def test_a_move_may_work_for_long_between_two_statements(
    data: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It compares every row in one transaction, which is no host that hangs."""
    monkeypatch.setattr(databases, "HANGS_MS", 1)
    assert moving(data, target) == 0
