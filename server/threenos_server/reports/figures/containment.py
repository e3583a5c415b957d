"""Stage containment: how much of what reaches or arises at a stage is stopped there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from threenos_server.errors import Invalid
from threenos_server.reports.figures.matrix import Cell


@dataclass(frozen=True, slots=True)
class Stage:
    """Shares from 0 to 1, None of nothing.

    `containment` is formula 1, found / (incoming + made here): the one that is shown. `later` is formula 2, found /
    (found here + found later anywhere): the same only while nothing more is made downstream. `own` is caught in the
    own stage / made, `interception` incoming caught here / incoming. `bystander` are foreign defects that passed by.
    """

    process: str
    made: int
    found: int
    incoming: int
    escaped: int
    containment: float | None
    later: float | None
    own: float | None
    interception: float | None
    bystander: int


def containment(cells: Iterable[Cell], order: Sequence[str]) -> tuple[Stage, ...]:
    """One stage for each process of `order`, a line: what is made at one passes all after it until it is found.

    Raises Invalid for a process that is not in `order` or a defect found before it was made.
    Source: Kan, Metrics and Models in Software Quality Engineering, 2nd ed., 6.3 (phase effectiveness; formula 1 needs
    made-at).
    """
    place = {process: i for i, process in enumerate(order)}
    counts = [[0] * len(order) for _ in order]
    for cell in cells:
        made, found = (_place(place, process) for process in (cell.made_at, cell.found_at))
        if found < made and cell.count:
            raise Invalid(f"{cell.made_at} comes after {cell.found_at}, where its defects were found")
        counts[made][found] += cell.count
    return tuple(_stage(process, i, counts) for i, process in enumerate(order))


def _place(place: dict[str, int], process: str) -> int:
    if process not in place:
        raise Invalid(f"{process} is none of the stages")
    return place[process]


def _stage(process: str, here: int, counts: list[list[int]]) -> Stage:
    made, own = sum(counts[here]), counts[here][here]
    found = sum(row[here] for row in counts[: here + 1])
    incoming = sum(sum(row[here:]) for row in counts[:here])
    found_later = sum(sum(row[here + 1 :]) for row in counts)
    return Stage(
        process=process,
        made=made,
        found=found,
        incoming=incoming,
        escaped=incoming + made - found,
        containment=_share(found, incoming + made),
        later=_share(found, found + found_later),
        own=_share(own, made),
        interception=_share(found - own, incoming),
        bystander=incoming - (found - own),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def overall(stages: Sequence[Stage]) -> float | None:
    """The share of all defects that was stopped before the last stage, the customer."""
    found = sum(stage.found for stage in stages)
    return (found - stages[-1].found) / found if found else None
