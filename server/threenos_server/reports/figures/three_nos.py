"""The three nos of each process: not make, not pass, not accept. Three numbers side by side, never one score."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Flow:
    """Defects of one code that went from made-at to found-at: complaints, and catches (made-at is found-at then).

    `passed_by` are all processes that lie on every way between the two, whether they inspect for that code or not.
    """

    made_at: str
    found_at: str
    defect: str
    count: int
    passed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreeNos:
    """`made_per_thousand` is 不制造, `not_passed` 不传递, `not_accepted` 不接受; None: nothing to divide by."""

    process: str
    made: int
    caught_own: int
    incoming: int
    caught_incoming: int
    exposure: float | None
    made_per_thousand: float | None
    not_passed: float | None
    not_accepted: float | None


@dataclass(slots=True)
class _Tally:
    made: int = 0
    caught_own: int = 0
    incoming: int = 0
    caught_incoming: int = 0


def three_nos(
    flows: Iterable[Flow],
    exposure: Mapping[str, float],
    inspects: Container[tuple[str, str]],
    processes: Sequence[str],
) -> tuple[ThreeNos, ...]:
    """One row for each of `processes`. `exposure` are units handed on; `inspects` holds (process, defect code) pairs.

    not make = 1000 · made / units; not pass = caught in the own stage / made; not accept = incoming caught here /
    incoming, which is what was found here or passed by here, of the codes that this process inspects for: nobody is
    held to what its control plan does not look for. Source: domain.md, Figures.
    """
    tallies = {process: _Tally() for process in processes}
    for flow in flows:
        for process in {flow.made_at, flow.found_at, *flow.passed_by} & tallies.keys():
            _add(tallies[process], process, flow, inspects)
    return tuple(_row(process, tally, exposure.get(process)) for process, tally in tallies.items())


def _add(tally: _Tally, process: str, flow: Flow, inspects: Container[tuple[str, str]]) -> None:
    if process == flow.made_at:
        tally.made += flow.count
        tally.caught_own += flow.count * (flow.found_at == process)
    elif (process, flow.defect) in inspects:
        tally.incoming += flow.count
        tally.caught_incoming += flow.count * (flow.found_at == process)


def _row(process: str, tally: _Tally, units: float | None) -> ThreeNos:
    return ThreeNos(
        process=process,
        made=tally.made,
        caught_own=tally.caught_own,
        incoming=tally.incoming,
        caught_incoming=tally.caught_incoming,
        exposure=units,
        made_per_thousand=1000 * tally.made / units if units else None,
        not_passed=tally.caught_own / tally.made if tally.made else None,
        not_accepted=tally.caught_incoming / tally.incoming if tally.incoming else None,
    )


def may_still_be_found(end: datetime, now: datetime, days: int = 30) -> bool:
    """Whether defects of a period that ended at `end` may well be found after `now`: it ended under `days` days ago."""
    return now - end < timedelta(days=days)
