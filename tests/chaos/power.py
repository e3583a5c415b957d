"""What a power cut leaves of a SQLite database in WAL mode, by what its commits asked of the disk.

Under synchronous=FULL every commit waits until the WAL is on the disk, so nothing is lost. Under NORMAL the WAL is
synced by a checkpoint only (https://www.sqlite.org/pragma.html#pragma_synchronous): what no checkpoint has copied yet
may be gone, and here it is. The shared-memory index is never on a disk.
"""

from pathlib import Path

FULL = 2
_WAL_HEADER, _FRAME_HEADER, _BACKFILLED_AT = 32, 24, 96


def weakest(syncs: Path) -> dict[str, int]:
    """The lowest level with which anybody committed to each database, by its path."""
    found: dict[str, int] = {}
    for file in syncs.iterdir():
        for line in file.read_text().splitlines():
            level, _, path = line.partition(" ")
            found[path] = min(int(level), found.get(path, FULL))
    return found


def cut(database: Path, level: int) -> int:
    """Leave of the WAL what must be on the disk, all its writers being dead; how many bytes are lost."""
    wal, index = Path(f"{database}-wal"), Path(f"{database}-shm")
    if not wal.exists() or not index.exists():
        return 0
    lost = 0 if level >= FULL else _lose(wal, index)
    index.unlink()
    return lost


def _lose(wal: Path, index: Path) -> int:
    size = wal.stat().st_size
    if size < _WAL_HEADER:
        return 0
    with wal.open("r+b") as file:
        page = int.from_bytes(file.read(12)[8:], "big")
        copied = int.from_bytes(index.read_bytes()[_BACKFILLED_AT : _BACKFILLED_AT + 4], "little")
        kept = min(size, _WAL_HEADER + copied * (_FRAME_HEADER + page)) if copied else 0
        file.truncate(kept)
    return size - kept
