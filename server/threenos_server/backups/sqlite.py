"""A SQLite database: copied while it is written to, and put in the place of another."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from threenos_server.errors import Conflict, ThreenosError
from threenos_server.whole import sync

_SIDES = ("", "-wal", "-shm")


def copy(source: Path, target: Path) -> None:
    """One moment of it, as a file by itself; a writer is not disturbed. Raises ThreenosError also for a damaged one."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(target)) as made,
        ):
            live.backup(made)
            # Without a log beside it: then it can be read on a disk that cannot be written.
            made.execute("PRAGMA journal_mode=DELETE")
            (state,) = made.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as e:
        raise ThreenosError(f"{source}: {e}") from e
    if state != "ok":
        raise ThreenosError(f"{source} is damaged: {state}")


def replace(fresh: Path, target: Path, kept: Path) -> bool:
    """Put `fresh` in the place of `target`, whose present file becomes `kept`; whether there was one. Its owner stays.

    There is a database under the name of `target` at every moment, the one or the other: where there is none, `up`
    would begin an empty one after a power cut. Raises Conflict while another process has it open, which would go on
    writing to the old one.
    """
    _close(fresh)
    there = target.exists()
    if os.geteuid() == 0:
        owner = (target if there else target.parent).stat()
        os.chown(fresh, owner.st_uid, owner.st_gid)
    if there:
        _close(target)
        for side in _SIDES:
            if _beside(target, side).exists():
                _beside(kept, side).hardlink_to(_beside(target, side))
        sync(target.parent)
        # Only a damaged one still has them; with them SQLite would take the log of the old for that of the new.
        for side in _SIDES[1:]:
            _beside(target, side).unlink(missing_ok=True)
        sync(target.parent)
    fresh.rename(target)
    sync(target.parent)
    return there


def _beside(path: Path, side: str) -> Path:
    return path.with_name(path.name + side)


def _close(path: Path) -> None:
    """Bring what stands in the log beside it into the file. Only who is alone with a database may do that."""
    try:
        with closing(sqlite3.connect(path, timeout=2)) as alone:
            alone.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as e:
        if getattr(e, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Conflict(f"something still runs on {path}: stop up, web, intake and clock first") from e
        # It is damaged, perhaps the very reason for the restore: then it is kept as it lies there.
