"""The journal's rows outside of the database: with a backup they bring a plant back to a point; on both databases."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from plant import wait_for
from service.complaints.works import SITE, Works
from service.db.hour import Call, on_sqlite, press

from threenos_server import cli
from threenos_server.backups import archive
from threenos_server.db import Database
from threenos_server.errors import Conflict
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry, Row
from threenos_wire.instants import format_instant


def rows(works: Works) -> list[Row]:
    with works.db.read() as session:
        return list(journal.every(session, SITE))


@pytest.fixture
def backed_up(works: Works, called: Call, tmp_path: Path) -> Path:
    """A backup at row 5, four more presses, an archive of all, and three presses that it lacks; the folder of both."""
    called("db", "backup", tmp_path / "copy")
    press(works, 4)
    assert called("journal", "export", "--archive", tmp_path / "archive") == [{"site": SITE, "rows": 9}]
    press(works, 3)
    return tmp_path


def test_a_backup_and_an_archive_bring_back_every_row(works: Works, called: Call, backed_up: Path) -> None:
    """The very rows with their hashes, and the tables that follow from them."""
    before = rows(works)
    said = called("db", "restore", backed_up / "copy", "--with", backed_up / "archive")
    (told,) = said["journals"]
    assert told | {"until": ""} == {
        "site": SITE, "backup": 5, "replayed": 4, "noted": 10, "until": "", "beyond": False,
    }  # fmt: skip
    assert told["until"] == format_instant(before[8].at)
    assert rows(works)[:9] == before[:9]
    assert rows(works)[9].body["restored"] | {"backup": "", "backup_at": ""} == {
        "backup": "", "backup_at": "", "until": None, "seq": 5, "replayed": 4,
    }  # fmt: skip
    assert works.differences() == []
    assert called("journal", "verify")[0]["ok"]
    press(works, 1)
    assert works.differences() == []


@on_sqlite
def test_a_restore_ends_at_the_point(works: Works, called: Call, backed_up: Path) -> None:
    """A row, or the last one that was received up to an instant; a point that the backup has passed is refused."""
    before = rows(works)
    ask = ("db", "restore", backed_up / "copy", "--with", backed_up / "archive", "--until")
    assert "take an older one" in called(*ask, "4", fails=True)
    assert "take an older one" in called(*ask, format_instant(before[3].at), fails=True)
    assert called(*ask, "7")["journals"][0]["replayed"] == 2
    assert rows(works)[:7] == before[:7]
    until = before[7].at + timedelta(milliseconds=1)
    assert called(*ask, format_instant(until))["journals"][0]["replayed"] == 3
    assert rows(works)[:8] == before[:8]
    assert works.differences() == []


@on_sqlite
def test_a_row_that_is_not_reached_is_refused_and_nothing_is_changed(
    works: Works, called: Call, backed_up: Path, tmp_path: Path
) -> None:
    """Whoever names it wants the presses up to it; an archive without any row is not the one that was meant."""
    stands = rows(works)
    empty = tmp_path / "empty"
    empty.mkdir()
    ask = ("db", "restore", backed_up / "copy")
    assert "end with row 9 of lakeside, before row 99999" in called(
        *ask, "--with", backed_up / "archive", "--until", "99999", fails=True
    )
    assert "the backup ends with row 5 of lakeside, before row 6: --with" in called(*ask, "--until", "6", fails=True)
    assert f"no row of a journal in {empty}" in called(*ask, "--with", empty, fails=True)
    (empty / "lakeside-000000000006.jsonl").touch()
    assert f"no row of a journal in {empty}" in called(
        *ask, "--with", backed_up / "archive", "--with", empty, fails=True
    )
    assert rows(works) == stands
    assert called(*ask, "--until", "5")["journals"][0]["replayed"] == 0


@on_sqlite
def test_for_an_instant_it_is_said_whether_the_archive_reaches_it(
    works: Works, backed_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An archive may end before it because nobody pressed, or because it was not written: nobody but a person knows."""
    before = rows(works)
    words = {}
    for name, until in (("within", before[7].at), ("behind", works.now + timedelta(hours=1))):
        works.db.engine.dispose()
        ask = ["db", "restore", str(backed_up / "copy"), "--with", str(backed_up / "archive")]
        where = ["--until", format_instant(until), "--data", str(tmp_path / "data"), "--database", works.db.url]
        assert cli.main([*ask, *where]) == 0
        words[name] = capsys.readouterr().out
    assert f"ends with row 8, received at {format_instant(before[7].at)}; the next row" in words["within"]
    assert f"ends with row 9, received at {format_instant(before[8].at)}; NOTHING LATER" in words["behind"]


@on_sqlite
def test_rows_that_do_not_follow_are_refused_and_nothing_is_changed(
    works: Works, called: Call, backed_up: Path
) -> None:
    """A row that was changed, and one that is missing."""
    stands = rows(works)
    (file,) = (backed_up / "archive").iterdir()
    lines = file.read_text().splitlines(keepends=True)
    ask = ("db", "restore", backed_up / "copy", "--with", file)
    file.write_text("".join(line.replace('"qty":1', '"qty":9') if '"seq":7,' in line else line for line in lines))
    file.write_text("".join([*lines[:6], lines[6].replace("porosity", "scratch"), *lines[7:]]))
    assert "row 7 was changed" in called(*ask, fails=True)
    file.write_text("".join([*lines[:6], *lines[7:]]))
    assert "row 7 is missing" in called(*ask, fails=True)
    file.write_text("".join([*lines[:6], "{}\n", *lines[7:]]))
    assert "no export" in called(*ask, fails=True)
    assert rows(works) == stands


@on_sqlite
def test_a_torn_last_line_is_left_out_and_said(
    works: Works, called: Call, backed_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its file and the last whole row, also where nothing of a file is whole. A row stood there, and is not back."""
    folder = backed_up / "archive"
    (file,) = folder.iterdir()
    ask = ("db", "restore", backed_up / "copy", "--with", folder)
    assert called(*ask)["torn"] == []
    with file.open("ab") as end:
        end.write(b'{"site":"lakeside","seq":10,"at"')
    begun = folder / "lakeside-000000000011.jsonl"
    begun.write_bytes(b'{"site"')
    said = called(*ask)
    assert said["journals"][0]["replayed"] == 4
    assert said["torn"] == [
        {"file": str(file), "site": SITE, "seq": 9}, {"file": str(begun), "site": None, "seq": None},
    ]  # fmt: skip
    works.db.engine.dispose()
    where = ["--data", str(tmp_path / "data"), "--database", works.db.url]
    assert cli.main([*map(str, ask), *where]) == 0
    words = capsys.readouterr().out
    assert f"The last line of {file} is torn and was left out: its last whole row is 9 of lakeside." in words
    assert f"The last line of {begun} is torn and was left out: no row in it is whole." in words


@on_sqlite
def test_an_export_after_a_row_is_an_archive_too(works: Works, called: Call, backed_up: Path) -> None:
    """A file of one site; the restore takes what it needs of it."""
    file = backed_up / "more.jsonl"
    assert called("journal", "export", file, "--after", "3")["rows"] == 9
    before = rows(works)
    called("db", "restore", backed_up / "copy", "--with", file)
    assert rows(works)[:12] == before


@on_sqlite
def test_an_archive_goes_on_where_it_stood(works: Works, called: Call, backed_up: Path) -> None:
    """Also behind a line that a power cut has torn; a new file begins when one is large enough."""
    (file,) = (backed_up / "archive").iterdir()
    with file.open("ab") as end:
        end.write(b'{"site":"lakeside","seq":10,"at"')
    assert called("journal", "export", "--archive", backed_up / "archive") == [{"site": SITE, "rows": 3}]
    assert [json.loads(line)["seq"] for line in file.read_text().splitlines()] == list(range(1, 13))
    press(works, 1)
    archive.FILE_BYTES, large = 10, archive.FILE_BYTES
    called("journal", "export", "--archive", backed_up / "archive")
    archive.FILE_BYTES = large
    assert sorted(p.name for p in (backed_up / "archive").iterdir()) == [
        "lakeside-000000000001.jsonl",
        "lakeside-000000000013.jsonl",
    ]


def test_an_archive_follows_every_row_and_a_site_that_begins(works: Works, tmp_path: Path) -> None:
    """As soon as it is committed, until it is told to end."""
    folder, stop = archive.Archive(tmp_path / "archive"), Event()
    archive._LOOK_S, usual = 0.0, archive._LOOK_S
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(archive.follow_into, works.db, folder, stop)
        try:
            wait_for("the rows that were there", lambda: folder.last(SITE).seq == 5)
            press(works, 2)
            wait_for("the rows that came", lambda: folder.last(SITE).seq == 7)
            with works.db.write() as session:
                journal.add_site(session, "second")
                journal.append(session, "second", [Entry("comment", {"command": {}, "then": {}}, works.now)], works.now)
            wait_for("the rows of a new site", lambda: folder.last("second").seq == 1)
        finally:
            stop.set()
            archive._LOOK_S = usual
        done.result(10)
    assert folder.last(SITE).hash == rows(works)[-1].hash


@on_sqlite
def test_the_archive_of_the_time_before_a_restore_is_left_alone(works: Works, called: Call, backed_up: Path) -> None:
    """Its rows are no more, and it may be all that is left of them."""
    called("db", "restore", backed_up / "copy")
    said = called("journal", "export", "--archive", backed_up / "archive", fails=True)
    assert "begin another folder" in said
    with pytest.raises(Conflict):
        archive.follow_into(works.db, archive.Archive(backed_up / "archive"), Event())


@on_sqlite
def test_witnesses_of_the_time_before_a_restore_are_told_in_words(works: Works, called: Call, backed_up: Path) -> None:
    """It is no alarm, and nothing is hidden; a tail that is rewritten after it is one."""
    witness = backed_up / "witness.jsonl"
    seen = rows(works)[-1]
    line = {"site": SITE, "seq": seen.seq, "hash": seen.hash, "at": format_instant(seen.at)}
    witness.write_text(json.dumps(line) + "\n")
    called("db", "restore", backed_up / "copy")
    (told,) = called("journal", "verify", "--witness", witness)
    assert told["ok"]
    assert [r["seq"] for r in told["restored"]] == [6]
    assert [w["seq"] for w in told["seen_before_restore"]] == [12]
    later = rows(works)[-1].at + timedelta(seconds=1)
    witness.write_text(json.dumps(line | {"seq": 6, "at": format_instant(later)}) + "\n")
    (told,) = called("journal", "verify", "--witness", witness, fails=True)
    assert "rewritten" in told["detail"]


@on_sqlite
def test_two_do_not_write_to_one_archive(works: Works, called: Call, backed_up: Path) -> None:
    """Each row would stand there twice; the second is told, and goes on when the first has ended."""
    folder = archive.Archive(backed_up / "archive")
    with folder.alone():
        assert "another process writes" in called("journal", "export", "--archive", backed_up / "archive", fails=True)
        with pytest.raises(Conflict):
            archive.follow_into(works.db, archive.Archive(backed_up / "archive"), Event())
        assert folder.last(SITE).seq == 9
    assert called("journal", "export", "--archive", backed_up / "archive") == [{"site": SITE, "rows": 3}]


@on_sqlite
def test_a_site_that_begins_is_found_where_somebody_always_presses(
    works: Works, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when there is no look at the journal that finds nothing new."""
    asked: list[list[str]] = []

    def busy(_read: Any, _db: Any, reached: Mapping[str, int], stop: Event, **_: Any) -> Iterator[Any]:
        asked.append(list(reached))
        if len(reached) > 1:
            stop.set()
            return
        with works.db.write() as session:
            journal.add_site(session, "second")
        for seq in range(1, 50):
            yield [archive.Line(SITE, seq, b"{}\n")]

    monkeypatch.setattr(archive, "follow_by", busy)
    monkeypatch.setattr(archive, "_LOOK_S", 0.0)
    monkeypatch.setattr(archive, "_reached", lambda db, _: dict.fromkeys(_sites(db), 0))
    archive.follow_into(works.db, archive.Archive(tmp_path / "archive"), Event())
    assert asked == [[SITE], [SITE, "second"]]
    (file,) = (tmp_path / "archive").iterdir()
    assert len(file.read_bytes().splitlines()) < 49


def _sites(db: Database) -> list[str]:
    with db.read() as session:
        return journal.sites(session)
