"""Which programs work on which tables: while a release is rolled out, old and new ones run side by side. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A revision, and the oldest one whose program goes on working once this one has changed the tables."""

    revision: str
    works_with: str


def oldest(steps: Sequence[Step]) -> str:
    """The oldest revision whose program works on tables that all `steps`, first to last, have made.

    A program has to work with every step that is newer than itself. Raises KeyError for one that names no revision.
    """
    order = {step.revision: place for place, step in enumerate(steps)}
    found, needed = len(steps) - 1, 0
    while found:
        needed = max(needed, order[steps[found].works_with])
        if needed >= found:
            break
        found -= 1
    return steps[found].revision


def why_not(tables: str | None, works_with: str | None, known: Sequence[str]) -> str | None:
    """Why a program cannot work on tables of revision `tables`, in words; None when it can.

    `known` are the revisions of the program, first to last; `works_with` is what stands beside the tables' revision.
    """
    program = known[-1]
    if tables == program:
        return None
    if tables is None or tables in known:
        return f"the tables are of version {tables or 'none'} and this program needs {program}: `threenos db upgrade`"
    if works_with in known:
        return None
    return (
        f"the tables are of version {tables}, which a newer program made; they work with programs of version "
        f"{works_with or tables} and later, and this one is of version {program}. Tables are never taken back to an "
        "older version: run the newer program, or restore a backup that was made before the upgrade"
    )
