"""Checks of this machine: who may read the data and the keys, how much room is left, who keeps its clock. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from threenos_server.doctor.finding import Finding, ok, warning, wrong
from threenos_server.keys import KEY_BYTES

OTHERS = 0o077
WRITERS = 0o022
GIB = 1 << 30
#: Under this a database or a broker fails within the hour.
NO_ROOM = GIB // 2
#: Under this, or under a tenth of the disk where that is less, somebody has to see to it this week.
LITTLE_ROOM = 5 * GIB


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder as it was found. `mode` are its permission bits, None when it is not there."""

    path: Path
    mode: int | None = None
    owner: int = 0
    #: How many characters a key file holds; 0 for everything else.
    length: int = 0
    #: We may not look at it, whether it is there or not.
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """The disk under `path`, in bytes."""

    path: Path
    free: int
    total: int


def data_directory(place: Place, me: int) -> Finding:
    """It is there, it belongs to whom the processes run as, and nobody else can look into it. `me`: our user number."""
    name = "data directory"
    if place.mode is None:
        return wrong(
            name, f"{place.path} is not there", "name the right one with --data or the setting data; "
            "for a new installation `threenos db upgrade` makes it",
        )  # fmt: skip
    if me not in (0, place.owner):
        return wrong(
            name, f"{place.path} belongs to user {place.owner}, and this is user {me}",
            "run threenos, also threenos doctor, as the user who owns it: `runuser -u threenos -- threenos doctor`",
        )  # fmt: skip
    if place.mode & OTHERS:
        return wrong(name, f"other users of this machine can look into {place.path}", f"chmod 700 {place.path}")
    return ok(name, f"{place.path}, for its owner only")


def keys(found: Sequence[Place], rows: int) -> Finding:
    """The keys are there, whole, and their owner's only. `rows`: how many the journal has."""
    name = "keys"
    if closed := [p.path for p in found if p.closed]:
        return wrong(
            name, f"what is there cannot be read: {_names(closed)}", "as root, `chown -R` of the folder keys to the "
            "user who owns the data directory; a copy that root puts back belongs to root",
        )  # fmt: skip
    missing = [p.path for p in found if p.mode is None]
    if missing and rows:
        return wrong(
            name, f"the journal has {rows} rows, but {_names(missing)} is gone: nobody can be found behind it",
            "put back the copy of keys/ that was kept apart, before anything is started: a start makes a new key",
        )  # fmt: skip
    open_ = [p.path for p in found if p.mode is not None and p.mode & OTHERS]
    if open_:
        return wrong(name, f"others can read {_names(open_)}", "chmod 600 " + " ".join(map(str, open_)))
    cut = [p.path for p in found if p.mode is not None and p.length != 2 * KEY_BYTES]
    if cut:
        return wrong(name, f"{_names(cut)} is not a whole key", "put back the copy that was kept apart")
    if missing:
        return ok(name, "none yet: the first start makes them")
    return ok(name, "whole, and their owner's only")


def secrets(found: Iterable[Place]) -> Finding:
    """Nobody but its owner reads a file in which a password stands."""
    name = "secrets"
    found = list(found)
    open_ = [p.path for p in found if p.mode is not None and p.mode & 0o007]
    if open_:
        return wrong(name, f"everybody on this machine can read {_names(open_)}", f"chmod o= {_spaced(open_)}")
    return ok(name, f"{len(found)} files with passwords or keys, none for everybody to read")


def clock(synchronised: bool) -> Finding:
    """This machine's clock is kept by another one: due times, sign-ins and certificates are read from it."""
    if not synchronised:
        return warning(
            "clocks", "this machine's clock is set by no time server, and will be wrong by more each week",
            "`timedatectl set-ntp true`, or chrony with the plant's own time server; `timedatectl` shows it",
        )  # fmt: skip
    return ok("clocks", "this machine's clock is kept by a time server")


def rooms(found: Iterable[Room]) -> Iterable[Finding]:
    """There is room left wherever something grows."""
    for room in found:
        words = f"{room.free / GIB:.1f} of {room.total / GIB:.1f} GiB are free under {room.path}"
        if room.free < NO_ROOM:
            yield wrong("disk", words, "make room at once: a full disk takes no press")
        elif room.free < min(LITTLE_ROOM, room.total // 10):
            yield warning("disk", words, "make room, or give it a larger disk")
        else:
            yield ok("disk", words)


def disk_is_written(path: Path, *, read_only: bool) -> Finding:
    """What is under the data directory can be written at all."""
    if read_only:
        return wrong(
            "disk", f"{path} is on a disk that can only be read: no press is taken", "`dmesg` says why: mostly the "
            "disk begins to die; have a backup elsewhere before you mount it again",
        )  # fmt: skip
    return ok("disk", f"{path} can be written")


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def _spaced(paths: Sequence[Path]) -> str:
    return " ".join(map(str, paths))
