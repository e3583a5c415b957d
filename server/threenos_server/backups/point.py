"""Up to which point a restore goes, and which rows of an archive lie between a backup and it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from threenos_server.backups.archive import ENDING, Torn, torn
from threenos_server.db import to_ms
from threenos_server.errors import Invalid, NotFound
from threenos_server.journal.lines import read
from threenos_server.journal.model import Head, Stored
from threenos_wire.instants import parse_instant


@dataclass(frozen=True, slots=True)
class Point:
    """The last row that counts: by its number, or as the last one the server received up to an instant."""

    said: str
    seq: int | None = None
    at: datetime | None = None

    def holds(self, row: Stored) -> bool:
        """Whether the row still belongs to it."""
        if self.seq is not None:
            return bool(row[1] <= self.seq)
        return self.at is None or bool(row[2] <= to_ms(self.at))


def point(text: str) -> Point:
    """A row's number, or an instant such as 2026-11-22T02:11:09Z. Raises Invalid for anything else."""
    if text.isdecimal():
        return Point(text, seq=int(text))
    try:
        return Point(text, at=parse_instant(text))
    except ValueError as e:
        raise Invalid(f"--until takes the number of a row, or an instant as 2026-11-22T02:11:09Z: {e}") from e


def rows_after(
    archive: Sequence[Path], stood: Mapping[str, Head], until: Point | None, over: set[str] | None = None
) -> Iterator[Stored]:
    """The rows of files and folders that follow `stood`, the heads of the sites, up to `until`, each once, in order.

    `over` gets the sites of which the archive holds a row past the point. Raises NotFound for what is not there or
    holds no row at all, and Invalid where the archive is of another journal.
    """
    files = sorted(found for one in archive for found in _of_one(one))
    if until is not None and until.seq is not None:
        _one_site({site for (site, _), _ in files} | set(stood))
    last = {site: head.seq for site, head in stood.items()}
    over = set() if over is None else over
    for _, path in files:
        for row in read(path):
            site, seq = row[0], row[1]
            head = stood.get(site)
            if head is not None and seq == head.seq and row[-1] != head.hash:
                raise Invalid(f"{path} is of another journal: its row {seq} of {site} is not the one of the backup")
            if seq <= last.get(site, 0) or site in over:
                continue
            if until is not None and not until.holds(row):
                over.add(site)  # A clock that was set back must not bring in what comes after it.
                continue
            last[site] = seq
            yield row


def torn_in(archive: Sequence[Path]) -> tuple[Torn, ...]:
    """Which of the files that `rows_after` read end in a torn line, which it left out. Raises NotFound."""
    files = sorted({path for one in archive for path in (_in_folder(one) if one.is_dir() else [one])})
    try:
        return tuple(found for path in files if (found := torn(path)) is not None)
    except OSError as e:
        raise NotFound(f"{e.filename}: {e.strerror}") from e


def _of_one(archive: Path) -> list[tuple[tuple[str, int], Path]]:
    """The files of a folder, or the one file, each behind the site and number of its first row."""
    if not archive.exists():
        raise NotFound(f"there is no archive {archive}")
    files = _in_folder(archive) if archive.is_dir() else [archive]
    found = [(first, path) for path in files for first in _first(path)]
    if not found:
        raise NotFound(f"there is no row of a journal in {archive}: name the archive with --with, or leave it away")
    return found


def _in_folder(archive: Path) -> list[Path]:
    """Raises NotFound for a folder that we may not look into, which a glob takes for an empty one."""
    try:
        return [path for path in archive.iterdir() if path.name.endswith(ENDING)]
    except OSError as e:
        raise NotFound(f"{archive}: {e.strerror}; whoever restores has to be able to read it") from e


def _first(path: Path) -> list[tuple[str, int]]:
    """The site and number of its first row; none of an empty file."""
    return [(row[0], row[1]) for row, _ in zip(read(path), range(1), strict=False)]


def _one_site(found: set[str]) -> None:
    if len(found) > 1:
        raise Invalid(f"there are several sites, so --until takes an instant: {', '.join(sorted(found))}")
