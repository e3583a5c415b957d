"""Checks of the database: it answers, it is of this version, a commit is durable, and the journal cannot be changed.

Pure: `look/database.py` fills what is judged here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from threenos_server.doctor.finding import Finding, ok, warning, wrong

#: The clock of another machine differs from ours by less where anything keeps them.
APART = timedelta(seconds=2)
#: So far apart clocks make a due time wrong by what a person notices.
FAR_APART = timedelta(seconds=30)
#: The program's own role may not change tables.
_UPGRADE = "`systemctl start threenos-upgrade`, or `threenos db upgrade` as the owner of the tables"
ROLES = "run deploy/postgresql/roles.sql and grants.sql, and let the program sign in as the role threenos"


@dataclass(frozen=True, slots=True)
class Storage:
    """A database that answers.

    `version` is the revision of the tables, `misfit` why this program cannot work on them. `soft` says what makes a
    commit less than durable, in the database's own words. `guards` is how many of the `guards_wanted` triggers the
    journal has. `may` is what our role may do to its rows beside adding to them, `owns` whether the role could take the
    guard away. `shut`: our role may not look into the place where the tables are, or would be. `newer`: a program made
    them that is newer than this one.
    """

    product: str
    version: str | None
    misfit: str = ""
    soft: tuple[str, ...] = ()
    guards: int = 0
    guards_wanted: int = 0
    may: tuple[str, ...] = ()
    owns: bool = False
    shut: bool = False
    newer: bool = False


def version(seen: Storage) -> Finding:
    """The program can work on the tables."""
    upgrade = _UPGRADE if seen.product.startswith("PostgreSQL") else "`threenos db upgrade`"
    if seen.shut:
        return wrong("tables", "our role may not use the tables, if there are any", f"{upgrade}, then grants.sql")
    if seen.version is None:
        return wrong("tables", "the database is empty", upgrade)
    if seen.misfit and seen.newer:
        cure = (
            "let the newer program run (`ls -l /opt/threenos/current`), or go back as deploy/upgrade.md says at its end"
        )
        return wrong("tables", seen.misfit, cure)
    if seen.misfit:
        return wrong("tables", seen.misfit, f"{upgrade}, or install the program that goes with the tables")
    return ok("tables", f"{seen.product}, version {seen.version}")


def durable(seen: Storage) -> Finding:
    """What was committed is on the disk."""
    if seen.soft:
        return wrong(
            "durability", f"a power cut loses presses that were acknowledged: {', '.join(seen.soft)}",
            "take these lines out of postgresql.conf and reload it",
        )  # fmt: skip
    return ok("durability", "a commit is on the disk before a press is acknowledged")


def guarded(seen: Storage) -> Finding:
    """The database itself refuses to change a row of the journal."""
    name = "journal guard"
    if seen.guards < seen.guards_wanted:
        return wrong(
            name, f"{seen.guards_wanted - seen.guards} of the {seen.guards_wanted} triggers that keep the journal "
            "append-only are gone", "find out who took them, then `threenos journal verify`, and restore them: "
            "they stand in server/threenos_server/journal/guard.py",
        )  # fmt: skip
    if seen.owns:
        return warning(
            name, "the program signs in as a role that could take the journal's guard away", ROLES
        )  # fmt: skip
    if seen.may:
        return wrong(name, f"the program's role has the right to {', '.join(seen.may)} on the journal", ROLES)
    return ok(name, "the database refuses to change or delete a row")


def skew(theirs: datetime, ours: datetime) -> Finding:
    """The clock of the machine with the database against this one's."""
    apart = theirs - ours
    side = "ahead of" if apart > timedelta() else "behind"
    words = f"the database's clock is {abs(apart).total_seconds():.1f} s {side} ours"
    cure = "let both machines take their time from one NTP server"
    if abs(apart) > FAR_APART:
        return wrong("clocks", words, cure)
    return warning("clocks", words, cure) if abs(apart) > APART else ok("clocks", words)
