"""What the simulated workers press, and when. Pure: the same seed gives the same presses."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from threenos_server.chain.model import Chain
from threenos_server.demo.figures import KINDS, Figures, pieces, ranked

#: The board is alive at once, with one of everything; then come the published gaps.
AT_ONCE = ("stop", "reject", "call", "reject", "reject", "catch", "reject", "reject")
AT_ONCE_GAP_S = 0.4
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Press:
    """A press at a station, `gap_s` seconds of demo after the one before it."""

    gap_s: float
    station: str
    fields: dict[str, Any]


def presses(chain: Chain, figures: Figures, seed: int, pace: float) -> Iterator[Press]:
    """Presses without end, at `pace` seconds of factory in a second of demo."""
    chance = Random(seed)
    for gap, kind in zip(_gaps(figures, pace), _kinds(chance), strict=False):
        fields = None
        while fields is None:
            station = _station(chance, chain, figures)
            fields = _fields(chance, chain, chain.stations[station].process, kind, figures)
        yield Press(gap, station, fields)


def _kinds(chance: Random) -> Iterator[str]:
    yield from AT_ONCE
    while True:
        yield chance.choices(list(KINDS), list(KINDS.values()))[0]


def _gaps(figures: Figures, pace: float) -> Iterator[float]:
    yield from [AT_ONCE_GAP_S] * len(AT_ONCE)
    while True:
        yield from (hours * HOUR_S / pace for hours in figures.gap_hours)


def _station(chance: Random, chain: Chain, figures: Figures) -> str:
    weights = [1 + figures.found_at.get(s.process, 0) for s in chain.stations.values()]
    return chance.choices(list(chain.stations), weights)[0]


def _fields(chance: Random, chain: Chain, process: str, kind: str, figures: Figures) -> dict[str, Any] | None:
    """The fields of a press at that process; None when it cannot say that kind of thing."""
    if kind == "call":
        line = next(s.line for s in chain.stations.values() if s.process == process)
        functions = [p.id for p in chain.functions_of(line) if p.id != process]
        return {"kind": kind, "supplier": chance.choice(functions)} if functions else None
    if kind == "stop":
        causes = [*chain.direct_suppliers(process), "maintenance"]
        return {"kind": kind, "supplier": chance.choice(causes)}
    defects = chain.own_defects(process) if kind == "catch" else chain.defects_at(process)
    if not defects:
        return None
    defect = ranked(chance, defects, figures.defect_counts)
    return {"kind": kind, "defect": defect.code, "qty": pieces(chance)}
