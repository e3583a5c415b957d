"""A machine whose disk, network calls and wall clock are ours: the test's end of native/between.c."""

import atexit
import mmap
import os
import shutil
import struct
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

SOURCE = Path(__file__).parent / "native" / "between.c"
#: The fields of its `struct control`, eight bytes each.
_FIELDS = (
    "counting", "count", "end_at", "end_how", "fail_write", "fail_sync", "recording", "stamp", "shift_ns",
)  # fmt: skip
BEFORE, AFTER, MIDDLE = range(3)
HOW = {BEFORE: "before", AFTER: "after", MIDDLE: "in the middle of"}


@cache
def library() -> Path:
    """The shared library, built once a run."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler is not None, "install a C compiler (gcc) for the faults of disk, network calls and clocks"
    folder = mkdtemp(prefix="threenos-faults-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    built = Path(folder) / "between.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(built), str(SOURCE)], check=True, timeout=120)
    return built


@dataclass(frozen=True, slots=True)
class Change:
    """One write or truncation that no sync had followed when the power went."""

    path: Path
    offset: int
    size_before: int
    old: bytes
    new: bytes
    truncated: bool


class Machine:
    """What the programs with `environment` run on; `under` is the folder whose files are meant."""

    def __init__(self, folder: Path, under: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._record = folder / "control", folder / "record"
        self._path.write_bytes(bytes(4096))
        with self._path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 4096)
        self.environment = {
            "LD_PRELOAD": str(library()),
            "FAULTS_CONTROL": str(self._path),
            "FAULTS_UNDER": str(under.resolve()),
            "FAULTS_RECORD": str(folder),
        }

    def _get(self, name: str) -> int:
        return int(struct.unpack_from("q", self._map, 8 * _FIELDS.index(name))[0])

    def _set(self, name: str, value: int) -> None:
        struct.pack_into("q", self._map, 8 * _FIELDS.index(name), value)

    def count_calls(self, end_at: int = 0, how: int = BEFORE) -> None:
        """Count from now on; end the process at call number `end_at` (0: never)."""
        self._set("counting", 0)
        self._set("end_at", end_at)
        self._set("end_how", how)
        self._set("count", 0)
        self._set("counting", 1)

    def stop_counting(self) -> int:
        """How many calls there were."""
        self._set("counting", 0)
        return self._get("count")

    @property
    def calls(self) -> int:
        return self._get("count")

    def fail(self, *, write: int = 0, sync: int = 0) -> None:
        """From now on writes and syncs fail with these error numbers; 0: they do not."""
        self._set("fail_write", write)
        self._set("fail_sync", sync)

    def shift_clock(self, seconds: float) -> None:
        """The wall clock is so much ahead of the true time; negative: behind it."""
        self._set("shift_ns", int(seconds * 1_000_000_000))

    def record(self, on: bool = True) -> None:
        """Write down what is written and what is synced."""
        self._set("recording", int(on))

    def forget(self) -> None:
        """Begin a new record; nobody writes."""
        self._record.unlink(missing_ok=True)

    def unsynced(self) -> list[Change]:
        """What a power cut at this moment may take back, oldest first; nobody writes any more."""
        pending: list[tuple[int, tuple[int, int], Change]] = []
        for stamp, op, inode, change in sorted(_read(self._record), key=lambda entry: entry[0]):
            if op == _SYNC:
                pending = [p for p in pending if p[1] != inode or p[0] > stamp]
            elif _is(change.path, inode):
                pending.append((stamp, inode, change))
        return [change for _, _, change in pending]


_SYNC, _TRUNCATE = 3, 2
_HEAD = struct.Struct("9Q")


def _read(path: Path) -> list[tuple[int, int, tuple[int, int], Change]]:
    """(stamp, what, device and inode, change) of each entry. A kill may have cut the last one of a process short."""
    data = path.read_bytes() if path.exists() else b""
    found, at = [], 0
    while at + _HEAD.size <= len(data):
        stamp, op, device, inode, offset, size, old_length, new_length, path_length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        name, old, new = (
            data[at : at + path_length],
            data[at + path_length : at + path_length + old_length],
            data[at + path_length + old_length : at + path_length + old_length + new_length],
        )
        at += path_length + old_length + new_length
        change = Change(Path(os.fsdecode(name)), offset, size, old, new, op == _TRUNCATE)
        found.append((stamp, op, (device, inode), change))
    return found


def _is(path: Path, inode: tuple[int, int]) -> bool:
    """Whether the file of that name is still the one that was written."""
    try:
        about = path.stat()
    except OSError:
        return False
    return (about.st_dev, about.st_ino) == inode


def take_back(changes: list[Change], keep: list[Change]) -> int:
    """Undo `changes`, then do those of `keep` again, as a disk that wrote in another order; how many bytes changed."""
    for change in reversed(changes):
        with change.path.open("r+b") as file:
            file.seek(change.offset)
            file.write(change.old)
            file.truncate(change.size_before)
    for change in keep:
        with change.path.open("r+b") as file:
            if change.truncated:
                file.truncate(change.offset)
            else:
                file.seek(change.offset)
                file.write(change.new)
    return sum(len(c.new) for c in changes) - sum(len(c.new) for c in keep)
