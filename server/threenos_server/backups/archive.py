"""The journal's rows outside of the database as they come: with a backup, what brings a plant back to its last row.

A folder with a file for each 64 MiB of a site's rows, `SITE-000000000001.jsonl`, named by its first row. What a station
has been told was recorded it no longer holds, so after a restore of last night's backup only these rows know of today.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy.orm import Session

from threenos_server.db import Database
from threenos_server.errors import Conflict
from threenos_server.journal import stored
from threenos_server.journal.follow import BATCH, follow_by
from threenos_server.journal.lines import line_of, row_of
from threenos_server.journal.model import EMPTY, Head
from threenos_server.journal.service import sites
from threenos_server.whole import sync

ENDING = ".jsonl"
FILE_BYTES = 64 * 1024 * 1024
#: A site that begins meanwhile is found so soon.
_LOOK_S = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the journal as a line of the archive."""

    site: str
    seq: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Torn:
    """A file whose last line was torn off, and the row before it, the last that is whole; None where none is."""

    path: Path
    site: str | None = None
    seq: int | None = None


class Archive:
    """The rows of every site in a directory. One process at a time writes to it: see `alone`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Raises Conflict while another process writes to it: every row would stand there twice, or in two halves."""
        held = os.open(self._directory, os.O_RDONLY)
        try:
            self._claim(held)
            yield
        finally:
            os.close(held)

    def _claim(self, held: int) -> None:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise Conflict(f"another process writes to the archive {self._directory}: end it, or take another") from e
        except OSError:
            return  # A share of another machine may know no lock on a folder, and is a good place for an archive.

    def last(self, site: str) -> Head:
        """The last row of a site that stands here whole; what was torn off behind it by a power cut is removed."""
        for path in reversed(self._files(site)):
            size = whole_size(path)
            if size < path.stat().st_size:
                os.truncate(path, size)
            if size:
                row = row_of(_last_line(path, size))
                return Head(row[1], row[-1])
        return EMPTY

    def append(self, lines: list[Line]) -> None:
        """Have these, of one site, on the disk behind the last. Raises OSError when they are not."""
        first = lines[0]
        found = self._files(first.site)
        grows = found and found[-1].stat().st_size < FILE_BYTES
        path = found[-1] if grows else self._directory / f"{first.site}-{first.seq:012d}{ENDING}"
        fresh = not path.exists()
        with path.open("ab") as file:
            file.writelines(line.text for line in lines)
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            sync(self._directory)

    def _files(self, site: str) -> list[Path]:
        """In the order of their rows."""
        return sorted(self._directory.glob(f"{site}-{'[0-9]' * 12}{ENDING}"))


def bring_up(db: Database, archive: Archive) -> dict[str, int]:
    """Write what the archive lacks; how many rows of each site. Raises Conflict for an archive of another journal."""
    written: dict[str, int] = {}
    with archive.alone():
        for site, seq in _reached(db, archive).items():
            written[site] = 0
            while lines := _next(db, site, seq + written[site]):
                archive.append(lines)
                written[site] += len(lines)
    return written


def follow_into(db: Database, archive: Archive, stop: Event) -> None:
    """Write every row as soon as it is committed, until `stop`. Raises what the database and the disk raise."""
    with archive.alone():
        while not stop.is_set():
            reached = _reached(db, archive)
            if not reached:
                stop.wait(_LOOK_S)
                continue
            _follow(db, archive, reached, stop)


def _follow(db: Database, archive: Archive, reached: Mapping[str, int], stop: Event) -> None:
    """Until `stop`, or until there is a site that is not followed."""
    looked = monotonic()
    for lines in follow_by(_lines, db, reached, stop, beat_s=1.0):
        if lines:
            archive.append(lines)
        # Also where somebody always presses, and there are lines each time.
        if monotonic() - looked > _LOOK_S:
            looked = monotonic()
            with db.read() as session:
                if sites(session) != list(reached):
                    return


def _lines(session: Session, site: str, seq: int, limit: int) -> list[Line]:
    asked = {"site": site, "seq": seq, "limit": limit}
    return [Line(site, r.seq, line_of(tuple(r))) for r in session.connection().execute(stored.NEXT, asked)]


def _next(db: Database, site: str, seq: int) -> list[Line]:
    with db.read() as session:
        return _lines(session, site, seq, BATCH)


def _reached(db: Database, archive: Archive) -> dict[str, int]:
    """The row of each site up to which the archive stands, which has to be a row of this very journal."""
    with db.read() as session:
        return {site: _known(session, site, archive.last(site)).seq for site in sites(session)}


def _known(session: Session, site: str, last: Head) -> Head:
    if last == EMPTY:
        return last
    asked = {"site": site, "seq": last.seq - 1, "limit": 1}
    found = session.connection().execute(stored.NEXT, asked).one_or_none()
    if found is None or found.hash != last.hash:
        raise Conflict(
            f"the archive holds a row {last.seq} of {site} that this journal does not have: it is the archive of "
            "another one, or of this one before a restore. Keep it, and begin another folder"
        )
    return last


def whole_size(path: Path) -> int:
    """Up to where a file of lines was written whole, in bytes."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for begin, end in _backwards(size):
            file.seek(begin)
            if (found := file.read(end - begin).rfind(b"\n")) >= 0:
                return begin + found + 1
    return 0


def _last_line(path: Path, size: int) -> bytes:
    """The last line of a file that ends with a whole one at `size`."""
    with path.open("rb") as file:
        text = b""
        for begin, end in _backwards(size):
            file.seek(begin)
            text = file.read(end - begin) + text
            if (found := text[:-1].rfind(b"\n")) >= 0:
                return text[found + 1 :]
        return text


def _backwards(size: int, step: int = 65_536) -> Iterator[tuple[int, int]]:
    """Pieces of a file, the last first."""
    for end in range(size, 0, -step):
        yield max(0, end - step), end


def torn(path: Path) -> Torn | None:
    """What is torn at the end of a file; None where it is whole. Raises OSError, and ValueError for no archive."""
    size = whole_size(path)
    if size == path.stat().st_size:
        return None
    if not size:
        return Torn(path)
    row = row_of(_last_line(path, size))
    return Torn(path, row[0], row[1])


def standing(directory: Path, site: str) -> Head:
    """The last whole row of a site in a folder, for who only looks: nothing is made, and what was torn off stays.

    Raises OSError for what cannot be read and ValueError for what is no archive.
    """
    for path in sorted(directory.glob(f"{site}-{'[0-9]' * 12}{ENDING}"), reverse=True):
        if size := whole_size(path):
            row = row_of(_last_line(path, size))
            return Head(row[1], row[-1])
    return EMPTY
