"""The matrix: where defects were made, against where they were found."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from threenos_server.reports.figures.pareto import UNCLASSIFIED


@dataclass(frozen=True, slots=True)
class Cell:
    """What was made at one process and found at another: complaints, rejected units, money. One pair's are added."""

    made_at: str
    found_at: str
    count: int
    units: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell of the matrix. `stages` are the links travelled; None: no way leads there, or made-at is unknown."""

    made_at: str
    found_at: str
    count: int
    units: float
    cost: float
    stages: int | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """`made` names the rows, `found` the columns, in the order of the chain; `entries` are cells that are not empty."""

    made: tuple[str, ...]
    found: tuple[str, ...]
    entries: tuple[Entry, ...]
    made_totals: dict[str, int]
    found_totals: dict[str, int]
    total: int
    mean_stages: float | None


def matrix(cells: Iterable[Cell], order: Sequence[str], stages: Callable[[str, str], int | None]) -> Matrix:
    """M[made-at, found-at] with its margins, and the mean number of links a defect travelled.

    `order` are the processes as the chain has them; what is not in it follows, "unclassified" last. `stages` gives the
    links between two processes, 0 for the same. Entries without stages are left out of the mean.
    Source: Kan, Metrics and Models in Software Quality Engineering, 2nd ed., ch. 6; made-at and found-at: domain.md.
    """
    sums: dict[tuple[str, str], Entry] = {}
    for cell in cells:
        pair = (cell.made_at, cell.found_at)
        old = sums.get(pair)
        sums[pair] = Entry(
            *pair,
            cell.count + (old.count if old else 0),
            cell.units + (old.units if old else 0.0),
            cell.cost + (old.cost if old else 0.0),
            old.stages if old else stages(*pair),
        )
    rank = _ranked(order)
    entries = tuple(
        sorted(
            (e for e in sums.values() if e.count or e.units or e.cost),
            key=lambda e: (rank(e.made_at), rank(e.found_at)),
        )
    )
    made = _totals((entry.made_at, entry.count) for entry in entries)
    found = _totals(sorted(((e.found_at, e.count) for e in entries), key=lambda pair: rank(pair[0])))
    return Matrix(tuple(made), tuple(found), entries, made, found, sum(made.values()), _mean_stages(entries))


def _ranked(order: Sequence[str]) -> Callable[[str], tuple[int, str]]:
    places = {process: i for i, process in enumerate(order)}
    return lambda key: (len(places) + 1, "") if key == UNCLASSIFIED else (places.get(key, len(places)), key)


def _totals(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for key, count in pairs:
        totals[key] = totals.get(key, 0) + count
    return totals


def _mean_stages(entries: Iterable[Entry]) -> float | None:
    travelled = [(entry.count, entry.stages) for entry in entries if entry.stages is not None]
    count = sum(n for n, _ in travelled)
    return sum(n * stages for n, stages in travelled) / count if count else None
