"""`threenos doctor` and the archive of the journal: how far it is behind, and that who looks changes nothing of it."""

from pathlib import Path

import pytest
from service.complaints.works import SITE, Works, begin
from service.db.hour import press

from threenos_server.backups.archive import Archive, bring_up
from threenos_server.db import Database
from threenos_server.doctor.keeping import Archived
from threenos_server.doctor.look.archive import reaches, shut
from threenos_server.journal import service as journal


@pytest.fixture
def works(db: Database) -> Works:
    """A factory in which two presses were made."""
    works = begin(db)
    press(works, 2)
    return works


@pytest.fixture
def file(works: Works, tmp_path: Path) -> Path:
    """The one file of an archive that has every row."""
    bring_up(works.db, Archive(tmp_path / "archive"))
    (found,) = (tmp_path / "archive").iterdir()
    return found


def head(works: Works) -> int:
    with works.db.read() as session:
        return journal.head(session, SITE).seq


def test_how_far_it_is_behind(works: Works, tmp_path: Path) -> None:
    """Nothing is there before it began, nothing lacks when it is whole, and then the rows since, from the first on."""
    folder = tmp_path / "archive"
    with works.db.read() as session:
        first = next(journal.every(session, SITE))
    assert reaches(works.db, folder) == {SITE: Archived(0, head(works), first.at)}
    assert not folder.exists()
    bring_up(works.db, Archive(folder))
    stood = head(works)
    assert reaches(works.db, folder) == {SITE: Archived(stood, stood)}
    press(works, 2)
    with works.db.read() as session:
        (missed, *_) = journal.after(session, SITE, stood)
    assert reaches(works.db, folder) == {SITE: Archived(stood, head(works), missed.at)}


def test_a_torn_line_is_left_to_who_writes(works: Works, file: Path) -> None:
    """The follower may be writing it at this moment."""
    with file.open("ab") as end:
        end.write(b'{"site":"lakeside","seq":')
    written = file.read_bytes()
    assert reaches(works.db, file.parent) == {SITE: Archived(head(works), head(works))}
    assert (file.read_bytes(), list(file.parent.iterdir())) == (written, [file])


def test_what_is_no_archive_of_this_journal_is_named(works: Works, file: Path) -> None:
    """That of a time before a restore, one that is ahead, one that is none at all, and one that cannot be read."""
    *lines, last = file.read_text().splitlines(keepends=True)
    row = f'"seq":{head(works)},'
    for changed, words in (
        (last.rpartition('"hash":"')[0] + f'"hash":"{"0" * 64}"}}\n', "does not have"),
        (last.replace(row, '"seq":999,'), "a row 999 of lakeside that this journal does not have"),
        ("{}\n", "is no archive"),
    ):
        file.write_text("".join([*lines, changed]))
        assert words in reaches(works.db, file.parent)[SITE].error
    file.unlink()
    file.mkdir()
    assert "directory" in reaches(works.db, file.parent)[SITE].error


def test_a_folder_that_is_none_is_not_called_an_empty_archive(tmp_path: Path) -> None:
    """A mount that did not come back, or a name that was mistyped: what is there reaches to no row either."""
    file = tmp_path / "file"
    file.touch()
    assert shut(tmp_path) == ""
    assert shut(tmp_path / "gone") == "is not there"
    assert shut(file) == "is a file and no folder"
