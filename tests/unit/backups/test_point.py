"""Which rows of an archive lie between a backup and a point."""

import errno
import os
from pathlib import Path

import pytest
from unit.journal.chained import stored

from threenos_server.backups.point import point, rows_after
from threenos_server.errors import Invalid, NotFound
from threenos_server.journal.lines import line_of
from threenos_server.journal.model import EMPTY, Head, Stored

SECOND = 1000


@pytest.fixture
def rows() -> list[Stored]:
    """Six rows, a second apart from 1970 on; the fifth when the clock was set back."""
    made: list[Stored] = []
    for seq in range(1, 7):
        at = (seq if seq != 5 else 2) * SECOND
        made.append(stored(seq, "{}", made[-1][-1] if made else EMPTY.hash, at=at))
    return made


@pytest.fixture
def archive(tmp_path: Path, rows: list[Stored]) -> Path:
    """Two files that overlap, and one that is empty."""
    for name, some in (("a-2.jsonl", rows[3:]), ("b-1.jsonl", rows[:4]), ("c.jsonl", [])):
        (tmp_path / name).write_bytes(b"".join(line_of(row) for row in some))
    return tmp_path


def seqs(archive: Path, stood: int, rows: list[Stored], until: str | None = None) -> list[int]:
    head = {"plant": Head(stood, rows[stood - 1][-1])} if stood else {}
    return [row[1] for row in rows_after([archive], head, point(until) if until else None)]


def test_each_row_comes_once_and_in_order(archive: Path, rows: list[Stored]) -> None:
    """From all of the files, whatever they are called, and only what the backup does not have."""
    assert seqs(archive, 0, rows) == [1, 2, 3, 4, 5, 6]
    assert seqs(archive, 3, rows) == [4, 5, 6]


def test_a_point_is_a_row_or_an_instant(archive: Path, rows: list[Stored]) -> None:
    """By time nothing comes after the first row that is later, though a clock was set back behind it."""
    assert seqs(archive, 1, rows, "4") == [2, 3, 4]
    assert seqs(archive, 1, rows, "1970-01-01T00:00:03Z") == [2, 3]
    assert seqs(archive, 1, rows, "1970-01-01T00:00:02.999Z") == [2]


@pytest.mark.parametrize("text", ["yesterday", "2026-11-22", "2026-11-22T02:00:00", "-1", ""])
def test_a_point_that_is_none_is_refused(text: str) -> None:
    """An instant without its offset may be of any zone."""
    with pytest.raises(Invalid, match="--until"):
        point(text)


def test_the_archive_of_another_journal_is_refused(archive: Path) -> None:
    """It shows at the row that the backup ends with."""
    with pytest.raises(Invalid, match="another journal"):
        list(rows_after([archive], {"plant": Head(3, "0" * 64)}, None))
    with pytest.raises(NotFound):
        list(rows_after([archive / "none"], {}, None))


def test_an_archive_without_a_row_is_refused(archive: Path) -> None:
    """A folder of something else, or an empty file: a restore with it would bring nothing back and say that it had."""
    (archive / "photos").mkdir()
    for wrong in (archive / "photos", archive / "c.jsonl"):
        with pytest.raises(NotFound, match="no row of a journal"):
            list(rows_after([archive, wrong], {}, None))


def test_the_sites_with_rows_past_the_point_are_told(archive: Path) -> None:
    """Only of these is it known that nothing which belongs to the point is missing."""
    over: set[str] = set()
    list(rows_after([archive], {}, point("1970-01-01T00:00:09Z"), over))
    assert over == set()
    list(rows_after([archive], {}, point("1970-01-01T00:00:03Z"), over))
    assert over == {"plant"}


def test_a_row_is_the_point_of_one_site_only(archive: Path) -> None:
    """With two, their rows have the same numbers."""
    with pytest.raises(Invalid, match="instant"):
        list(rows_after([archive], {"other": EMPTY}, point("3")))


def test_a_folder_that_cannot_be_looked_into_is_not_called_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is told that no row is there leaves it away, and the day with it."""

    def refused(path: str | Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "listdir", refused)
    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(NotFound, match=f"{tmp_path}: Permission denied"):
        list(rows_after([tmp_path], {}, None))
