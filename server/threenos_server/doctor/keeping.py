"""Checks of what is kept for later: backups, archive, checkpoints elsewhere, the end of the journal, packages. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from threenos_server.doctor.finding import Finding, ok, warning, wrong
from threenos_server.journal.model import Break, Head

#: A backup is made each night; it may take an hour or two, and one may be late.
OLD = timedelta(hours=26)
#: The clock of another machine, whose disk it is on, may be so far ahead of ours.
AHEAD = timedelta(hours=1)
#: Checkpoints leave hourly.
LATE = timedelta(hours=2)
#: An archive that follows has a row within a second, and one that a timer writes every five minutes within these.
BEHIND = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Backups:
    """The newest backup in `directory`: when it was made and how large it is; None when there is none.

    `error`: why we cannot look there; empty when we can.
    """

    directory: Path
    newest: datetime | None
    size: int = 0
    error: str = ""


def backups(found: Backups | None, now: datetime) -> Finding:
    """There is one of the last day, and it is not empty. None: nobody said where backups go."""
    cure = "`systemctl status threenos-backup.timer`, `systemctl start threenos-backup`"
    if found is None:
        return warning("backups", "doctor was not told where backups go", "threenos doctor --backups DIR")
    if found.error:
        whose = f"it belongs to the user who owns the data directory, whom doctor runs as: `ls -ld {found.directory}`"
        return wrong("backups", f"{found.directory} cannot be read: {found.error}", whose)
    if found.newest is None:
        return wrong("backups", f"there is no backup in {found.directory}", cure)
    age = now - found.newest
    if age < -AHEAD:
        return wrong(
            "backups", f"the newest in {found.directory} is from {-age.total_seconds() / 3600:.0f} hours from now, so "
            "nobody sees whether last night's is there", "the clock is wrong, or was: `timedatectl`; then put aside "
            "what says that it is from the future",
        )  # fmt: skip
    words = f"the newest in {found.directory} is {age.total_seconds() / 3600:.0f} hours old"
    if age > OLD:
        return wrong("backups", words, cure)
    if not found.size:
        return wrong("backups", f"the newest in {found.directory} is empty", cure)
    return ok("backups", f"{words}, {found.size / 1_000_000:.1f} MB")


@dataclass(frozen=True, slots=True)
class Archived:
    """How far the archive reaches of a site: `last` is its last row, 0 for none, and `head` that of the journal.

    `since`: when the first row that it lacks was received; None when it lacks none. `error`: why it cannot be read, or
    is not of this journal; empty when it can and is.
    """

    last: int = 0
    head: int = 0
    since: datetime | None = None
    error: str = ""


def archive(directory: Path | None, found: Mapping[str, Archived], now: datetime, shut: str = "") -> Iterable[Finding]:
    """Each site's rows are in the archive soon after they are in the journal. None: nobody said where it is.

    `shut`: why there is no looking into the folder; empty when there is.
    """
    if directory is None:
        words = "doctor was not told where the archive of the journal is; without one a restore ends at the last backup"
        yield warning("archive", words, "threenos doctor --archive DIR")
        return
    cure = "`systemctl status threenos-archive`, `journalctl -u threenos-archive`"
    if shut:
        where = f"name the folder of the archive with --archive; see whether its disk is mounted; {cure}"
        yield wrong("archive", f"{directory} {shut}", where)
        return
    for site, seen in sorted(found.items()):
        rows = f"the archive in {directory} has {site} up to row {seen.last} of {seen.head}"
        if seen.error:
            yield wrong("archive", f"{directory}: {seen.error}", f"{cure}; after a restore move the folder aside")
        elif seen.since is None or now - seen.since <= BEHIND:
            yield ok("archive", rows)
        else:
            yield wrong("archive", f"{rows}, and lacks what came since {seen.since:%Y-%m-%d %H:%M} UTC", cure)


def journal(ends: Mapping[str, Head | Break]) -> Iterable[Finding]:
    """The last rows of each site follow from one another."""
    for site, end in sorted(ends.items()):
        if isinstance(end, Break):
            yield wrong(
                "journal", f"{site} is broken at row {end.seq}: {end.detail}",
                "stop threenos.target, copy the database as evidence, then `threenos journal verify`",
            )  # fmt: skip
        else:
            yield ok("journal", f"the last rows of {site} follow from one another, up to {end.seq}")


def checkpoints(to: str, given: datetime | None, arrived: datetime | None, shut: str = "") -> Finding:
    """The heads of the journals leave this machine.

    `given`: when a head was last to leave, None for never. `arrived`: when the file `to` was last written, None where
    that cannot be seen from here. `shut`: why there can be no such file; empty when there can.
    """
    name = "checkpoints"
    if not to:
        return warning(
            name, "no head of the journal leaves this machine by itself; only the stations remember them",
            "set checkpoint_to to a file on another machine's disk, or to a URL",
        )  # fmt: skip
    if shut:
        return wrong(
            name, f"nothing can be written to {to}: {shut}", "see whether the disk is mounted; set checkpoint_to"
        )
    if to.startswith(("http://", "https://")) or given is None:
        return ok(name, f"they leave for {to}; whether they arrive is seen there")
    if arrived is None or given - arrived > LATE:
        return wrong(
            name, f"{to} was not written when a head of the journal was to leave, at {given:%Y-%m-%d %H:%M} UTC",
            "see whether the user threenos can write it; `journalctl -u threenos-clock`",
        )  # fmt: skip
    return ok(name, f"the last one was written to {to} at {arrived:%Y-%m-%d %H:%M} UTC")


def packages(lacking: Sequence[tuple[str, str]]) -> Iterable[Finding]:
    """Everything from outside is installed. `lacking`: what cannot be done, and what to install for it."""
    for what, cure in lacking:
        yield warning("packages", what, cure)
    if not lacking:
        yield ok("packages", "all there")
