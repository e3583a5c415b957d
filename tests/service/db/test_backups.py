"""A backup of one moment while everything runs, and the way back; on both databases."""

import errno
import json
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from plant import wait_for
from service.complaints.works import SITE, Works
from service.db.hour import Call, on_sqlite, press

from threenos_server import cli
from threenos_server.backups import files, manifest, sqlite, take
from threenos_server.backups.restore import Wanted, restore
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.journal import service as journal
from threenos_server.journal.model import Head


def head(works: Works) -> Head:
    with works.db.read() as session:
        return journal.head(session, SITE)


def everything(works: Works) -> dict[str, list[Any]]:
    """Every row of every table."""
    meta = sa.MetaData()
    meta.reflect(works.db.engine)
    with works.db.read() as session:
        return {t.name: sorted(map(repr, session.execute(sa.select(t)))) for t in meta.sorted_tables}


def test_a_backup_says_what_it_is(works: Works, called: Call, tmp_path: Path) -> None:
    """Beside it, for its owner only: where the journals stood, by which program, and how the file is known again."""
    target = tmp_path / "copy"
    said = called("db", "backup", target)
    found = manifest.read(manifest.beside(target))
    assert said["manifest"]["sha256"] == found.sha256 == manifest.sha256(target)
    assert (found.size, found.file) == (target.stat().st_size, "copy")
    assert [Head(j.seq, j.hash) for j in found.journals] == [head(works)]
    assert found.schema == said["manifest"]["schema"] != ""
    assert {oct(p.stat().st_mode & 0o777) for p in (target, manifest.beside(target))} == {"0o600"}
    assert "nothing is overwritten" in called("db", "backup", target, fails=True)


@on_sqlite
def test_a_manifest_is_a_witness(works: Works, called: Call, tmp_path: Path) -> None:
    """Of a journal that was rewritten behind it; of the one that went on it is none."""
    called("db", "backup", tmp_path / "copy")
    press(works, 1)
    witness = manifest.beside(tmp_path / "copy")
    assert called("journal", "verify", "--witness", witness)[0]["ok"]
    forged = json.loads(witness.read_text())
    forged["journals"][0]["hash"] = "f" * 64
    witness.write_text(json.dumps(forged))
    (told,) = called("journal", "verify", "--witness", witness, fails=True)
    assert "rewritten" in told["detail"]


def test_a_backup_is_one_moment_while_people_press(works: Works, called: Call, tmp_path: Path) -> None:
    """Its manifest, its journal and the tables beside it are of the same row; nobody had to stop."""
    stop = Event()
    writer = Works(Database(works.db.url, works.db._info["folds"]), works.now)

    def pressing() -> None:
        while not stop.is_set():
            press(writer, 1)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(pressing)
        try:
            taken = []
            for n in range(2):
                taken.append(take.take(works.db, tmp_path / f"copy-{n}", utc_now()))
                wait_for("somebody pressed on", lambda: head(works).seq > taken[-1].journals[0].seq)
        finally:
            stop.set()
        done.result(30)
    writer.db.close()
    assert len({m.journals[0].seq for m in taken}) == 2
    called("db", "restore", tmp_path / "copy-1")
    assert head(works).seq == taken[1].journals[0].seq + 1
    assert works.differences() == []


@on_sqlite
def test_backups_by_time_keep_the_newest(called: Call, tmp_path: Path) -> None:
    """A folder for a timer: the oldest go with their manifests, and nothing else that lies there."""
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("threenos-20200101T000000Z.db", "threenos-20200102T000000Z.dump", "threenos-before-upgrade.db"):
        (folder / name).write_bytes(b"x")
        manifest.beside(folder / name).write_bytes(b"x")
    left = folder / ".threenos-20200103T000000Z.db.half"
    left.write_bytes(b"x")
    os.utime(left, (0, 0))
    said = called("db", "backup", "--to", folder, "--keep", "2")
    made = Path(said["file"])
    assert said["removed"] == [str(folder / "threenos-20200101T000000Z.db")]
    kept = ["threenos-20200102T000000Z.dump", "threenos-before-upgrade.db", made.name]
    assert {p.name for p in folder.iterdir()} == {*kept, *(name + manifest.ENDING for name in kept)}
    for wrong in (["x", "--to", folder], [], ["x", "--keep", "2"]):
        assert called("db", "backup", *wrong, fails=True)


@on_sqlite
def test_what_a_wrong_clock_has_named_pushes_no_backup_out(called: Call, tmp_path: Path) -> None:
    """With a clock back in 1970 tonight's backup was the oldest, and went as soon as it was there."""
    folder = tmp_path / "backups"
    folder.mkdir()
    later = [f"threenos-2099010{day}T000000Z.db" for day in (1, 2)]
    for name in ("threenos-20200101T000000Z.db", *later):
        (folder / name).write_bytes(b"x")
    said = called("db", "backup", "--to", folder, "--keep", "1")
    assert said["removed"] == [str(folder / "threenos-20200101T000000Z.db")]
    assert {p.name for p in folder.glob("*.db")} == {Path(said["file"]).name, *later}


def test_a_full_disk_leaves_no_half_file_and_says_so(called: Call, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk here."""
    folder = tmp_path / "small"
    folder.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    try:
        said = called("db", "backup", folder / "copy", fails=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert f"{folder / 'copy'} was not written" in said
    assert "are free there" in said
    assert list(folder.iterdir()) == []


def test_a_restore_is_verified_told_and_keeps_what_was_there(works: Works, called: Call, tmp_path: Path) -> None:
    """Every table is as it was, but for the row that says so; the one before can be had back."""
    called("db", "backup", tmp_path / "copy")
    before = everything(works)
    press(works, 3)
    later = head(works)
    said = called("db", "restore", tmp_path / "copy")
    (told,) = said["journals"]
    assert {name: told[name] for name in ("site", "backup", "replayed", "noted")} == {
        "site": SITE, "backup": 5, "replayed": 0, "noted": 6,
    }  # fmt: skip
    assert works.rows()[-1].kind == "restored"
    after = everything(works)
    told = {"journal", "site", "report_closed"}
    assert {name: rows for name, rows in after.items() if name not in told} == {
        name: rows for name, rows in before.items() if name not in told
    }
    assert after["journal"][: len(before["journal"])] == before["journal"]
    assert works.differences() == []
    assert _head_of(works, said["kept"]) == later


def _head_of(works: Works, kept: str) -> Head:
    url = f"sqlite:///{kept}" if works.db.sqlite else sa.make_url(works.db.url).set(database=kept).render_as_string()
    old = Database(url)
    try:
        with old.read() as session:
            return journal.head(session, SITE)
    finally:
        old.close()


@on_sqlite
def test_a_backup_that_is_not_what_was_written_is_refused(works: Works, called: Call, tmp_path: Path) -> None:
    """A byte that was changed, a piece that is missing, a manifest that is gone; what is there stays."""
    copy = tmp_path / "copy"
    called("db", "backup", copy)
    press(works, 1)
    stands = head(works)
    whole = copy.read_bytes()
    copy.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "SHA-256" in called("db", "restore", copy, fails=True)
    copy.write_bytes(whole[:-1])
    assert "not whole" in called("db", "restore", copy, fails=True)
    copy.write_bytes(whole)
    manifest.beside(copy).unlink()
    assert "missing" in called("db", "restore", copy, fails=True)
    assert "no file" in called("db", "restore", tmp_path / "none", fails=True)
    assert head(works) == stands
    called("db", "restore", copy, "--without-manifest")
    assert head(works).seq == 6


@on_sqlite
def test_a_backup_with_a_journal_that_was_changed_is_refused(works: Works, called: Call, tmp_path: Path) -> None:
    """Though somebody has made the manifest anew: the chain shows it, and what is there stays."""
    copy = tmp_path / "copy"
    called("db", "backup", copy)
    _forge(copy)
    found = json.loads(manifest.beside(copy).read_text())
    found |= {"sha256": manifest.sha256(copy), "size": copy.stat().st_size}
    manifest.beside(copy).write_text(json.dumps(found))
    stands = everything(works)
    assert "broken at row 3" in called("db", "restore", copy, fails=True)
    assert everything(works) == stands


def _forge(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as made, made:
        made.execute("DROP TRIGGER journal_refuses_update")
        made.execute("UPDATE journal SET body = '{}' WHERE seq = 3")


def test_a_restore_is_refused_while_something_runs(works: Works, called: Call, tmp_path: Path) -> None:
    """It would go on writing into what was put aside."""
    called("db", "backup", tmp_path / "copy")
    other = Database(works.db.url)
    with other.read() as session:
        session.execute(sa.text("SELECT 1 FROM site"))
        said = called("db", "restore", tmp_path / "copy", fails=True)
    other.close()
    assert "stop" in said
    assert head(works).seq == 5


@on_sqlite
def test_a_restore_beside_a_database_that_was_moved_is_refused(
    called: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command would refuse the restored one; it says where the plant's database is, and makes nothing."""
    called("db", "backup", tmp_path / "copy")
    data = tmp_path / "moved"
    data.mkdir()
    (data / "threenos.db.moved").touch()
    assert cli.main(["db", "restore", str(tmp_path / "copy"), "--data", str(data)]) == 1
    assert "was moved to PostgreSQL: set `database`" in capsys.readouterr().err
    assert [p.name for p in data.iterdir()] == ["threenos.db.moved"]


@on_sqlite
def test_a_backup_of_the_other_database_is_refused(works: Works, called: Call, tmp_path: Path) -> None:
    """With what it is."""
    copy = tmp_path / "copy"
    called("db", "backup", copy)
    other = "postgresql" if works.db.sqlite else "sqlite"
    found = json.loads(manifest.beside(copy).read_text()) | {"database": other}
    manifest.beside(copy).write_text(json.dumps(found))
    assert f"backup of {other}" in called("db", "restore", copy, fails=True)


def test_the_password_of_the_database_stands_in_no_command_line(
    postgres_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody on the machine can read those; the program gets it by its environment."""
    spy = tmp_path / "bin" / "pg_dump"
    spy.parent.mkdir()
    real = shutil.which("pg_dump")
    says = f'echo "$@" >{tmp_path}/said; echo "$PGPASSWORD" >{tmp_path}/given'
    spy.write_text(f'#!/bin/sh\n{says}\nexec {real} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    db = Database(sa.make_url(postgres_db.url).set(password="open sesame").render_as_string(hide_password=False))
    take.take(db, tmp_path / "copy", utc_now())
    db.close()
    assert "sesame" not in (tmp_path / "said").read_text()
    assert (tmp_path / "given").read_text() == "open sesame\n"


@pytest.mark.parametrize("damaged", [False, True])
def test_there_is_a_database_at_every_moment_of_a_restore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: bool
) -> None:
    """Whenever the power goes, `up` finds the old or the new one; a log that the old one left is none of the new."""
    fresh, target, kept = (tmp_path / name for name in ("fresh", "threenos.db", "kept"))
    for path in (fresh, target):
        with closing(sqlite3.connect(path)) as made, made:
            made.execute("CREATE TABLE t (name)")
            made.execute("INSERT INTO t VALUES (?)", (path.name,))
    if damaged:
        monkeypatch.setattr(sqlite, "_close", lambda _: None)
        (tmp_path / "threenos.db-wal").write_bytes(b"a log")
    old, moments = target.read_bytes(), []

    def watched(name: str) -> Callable[..., Any]:
        real = getattr(Path, name)

        def step(path: Path, *to: Any, **more: Any) -> Any:
            done = real(path, *to, **more)
            moments.append(target.exists())
            return done

        return step

    for name in ("rename", "replace", "unlink", "hardlink_to"):
        monkeypatch.setattr(Path, name, watched(name))
    assert sqlite.replace(fresh, target, kept)
    assert moments
    assert all(moments)
    assert kept.read_bytes() == old
    assert (tmp_path / "kept-wal").exists() is damaged
    assert {p.name for p in tmp_path.glob("threenos*")} == {"threenos.db"}
    with closing(sqlite3.connect(target)) as now:
        assert now.execute("SELECT name FROM t").fetchall() == [("fresh",)]


@on_sqlite
def test_a_backup_that_fails_at_its_end_leaves_no_manifest(
    called: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would tell of a backup that is none; that of one which is there is not touched."""
    folder = tmp_path / "backups"
    folder.mkdir()
    sync = files.sync

    def failing(path: Path) -> None:
        if path.name == ".copy.half":
            raise OSError(errno.EIO, "Input/output error")
        sync(path)

    with monkeypatch.context() as disk:
        disk.setattr(files, "sync", failing)
        assert "was not written" in called("db", "backup", folder / "copy", fails=True)
    assert list(folder.iterdir()) == []
    called("db", "backup", folder / "copy")
    called("db", "backup", folder / "copy", fails=True)
    assert sorted(p.name for p in folder.iterdir()) == ["copy", "copy.manifest.json"]


@on_sqlite
def test_what_two_restores_of_one_second_kept_is_all_there(works: Works, tmp_path: Path) -> None:
    """The first kept what was there before; the second must not take its name."""
    now = utc_now()
    take.take(works.db, tmp_path / "copy", now)
    press(works, 2)
    later, kept = head(works), []
    for _ in range(3):
        works.db.engine.dispose()
        kept.append(restore(works.db.url, Wanted(tmp_path / "copy"), now).kept)
    assert len(set(kept)) == 3
    assert _head_of(works, str(kept[0])) == later
