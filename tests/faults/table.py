"""What came out, one row for each fault; as the table that is printed and kept in deploy/faults.md."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HEAD = ("fault", "where", "database", "what was done and seen", "lost", "doubled", "missed", "recovered", "verdict")


@dataclass(frozen=True, slots=True)
class Row:
    """A fault and its outcome; None is what was not counted.

    `recovered_s`: from the end of the fault (or the kill) to the next stored event.
    """

    fault: str
    where: str
    database: str
    seen: str
    lost: int | None = 0
    doubled: int | None = 0
    missed: int | None = 0
    recovered_s: float | None = None
    wrong: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.missed or self.wrong)

    def cells(self) -> tuple[str, ...]:
        recovered = "–" if self.recovered_s is None else f"{self.recovered_s:.1f} s"
        verdict = "holds" if self.holds else "VIOLATED: " + "; ".join(self.wrong[:3])
        counts = ("–" if n is None else str(n) for n in (self.lost, self.doubled, self.missed))
        return (self.fault, self.where, self.database, self.seen, *counts, recovered, verdict)

    def line(self, *more: str) -> str:
        return _line((*self.cells(), *more))


def markdown(rows: Sequence[Row]) -> str:
    """The table."""
    return "\n".join([*_head(HEAD), *(row.line() for row in rows)])


def keep(page: Path, family: str, meaning: str, rows: Sequence[Row], day: date) -> None:
    """Put the rows of a family into the page, each in the place of the one of that fault, side and database.

    Each says on which day it was found: a run of some faults says nothing of the others.
    """
    text = page.read_text()
    found = re.search(rf"(?ms)^## {re.escape(family)}\n.*?(?=^## |\Z)", text)
    before = re.findall(r"(?m)^\|.*\|$", found[0])[2:] if found else []
    fresh = {_of(row.line()): row.line(day.isoformat()) for row in rows}
    lines = [fresh.pop(_of(line), line) for line in before] + list(fresh.values())
    section = "\n".join([f"## {family}\n\n{meaning}\n", *_head((*HEAD, "run on")), *lines, ""])
    start, end = found.span() if found else (len(text), len(text))
    rest = text[end:]
    page.write_text(text[:start].rstrip() + "\n\n" + section + ("\n" + rest if rest else ""))


def _head(names: Sequence[str]) -> tuple[str, str]:
    return _line(names), "|" + "---|" * len(names)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _of(line: str) -> tuple[str, ...]:
    """Which fault it is about."""
    return tuple(line.split(" | ")[:3])
