"""What one complaint or catch adds to the figures, and sums of that. Pure.

A contribution depends on nothing but the complaint's document and the chain of its version, so what it was before a
change can be taken away exactly as it was added.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from threenos_server.chain.model import UNCLASSIFIED, Chain
from threenos_server.complaints.attribution import Attribution
from threenos_server.complaints.decide.lines import StopState
from threenos_server.complaints.life import ComplaintKind, State
from threenos_server.db import to_ms
from threenos_server.reports.rollup_days import Days
from threenos_wire.instants import parse_instant

CATCH = "catch"
#: What is added up, as the columns of a fact are called; `ripe` and `recurred` are told by `rollup_ripe`, `stop_ms`
#: by `rollup_stops`, since they depend on other complaints.
MEASURES = (
    "units", "unsaid", "late_acknowledge", "late_arrive", "late_contain", "late_answer", "closed", "rated", "rating",
    "satisfied", "scrap", "rework_s", "sorting_s", "stop_ms", "ripe", "recurred",
)  # fmt: skip
CLOCKS = ("acknowledge", "arrive", "contain", "answer")
#: Of a catch: it is no complaint, so it follows none.
NO_KEY = 0
#: Later than anything: the line still stands.
FOREVER = 2**62
SATISFIED = 4
_COUNTED = frozenset({ComplaintKind.REJECT, ComplaintKind.STOP})
_OUT = frozenset({State.WITHDRAWN, State.MERGED})
_CONFIRMED = frozenset({Attribution.ACCEPTED, Attribution.CONFIRMED})
_ZERO: dict[str, Any] = dict.fromkeys(MEASURES, 0)
_NOTHING: dict[str, Any] = _ZERO | dict.fromkeys((*CLOCKS, "closed_at", "stop_from", "stop_until"))

Row = dict[str, Any]
"""A fact by its columns."""


class Cell(NamedTuple):
    """What complaints have in common; see `tables.CellRow`."""

    kind: str
    line: str
    made_at: str
    found_at: str
    defect: str
    severity: str
    shift: str
    confirmed: int
    stages: int | None
    passed: str


def complaint_fact(site: str, said: Mapping[str, Any], chain: Chain, days: Days) -> tuple[Row, Cell] | None:
    """The fact of a complaint's document; None when it is in no figure."""
    kind = said["kind"]
    if kind not in _COUNTED or said["drill"] or said["made_at"] is None or said["state"] in _OUT:
        return None
    at = _ms(said["occurred_at"])
    day, shift = days.at(at)
    cell = Cell(
        str(kind), said["line"], said["made_at"], said["customer"], said["defect"] or UNCLASSIFIED,
        str(said["severity"]), shift, int(said["attribution"] in _CONFIRMED), said["stages"],
        " ".join(p["process"] for p in said["passed_by"]),
    )  # fmt: skip
    row = _begun(site, day, said["id"], at, cell, said["part"])
    row["units"], row["unsaid"] = units_of(said["qty"], said["presses"])
    if said["stop"] is not None:
        row["stop_from"], row["stop_until"] = _stopped(said["stop"])
    if said["acknowledged_at"] is not None or said["state"] != State.OPEN:
        _add_progress(row, said, chain, days, at)
    return row, cell


def catch_fact(site: str, named: str, at: int, said: Mapping[str, Any], days: Days) -> tuple[Row, Cell]:
    """The fact of a catch: made and found at the same process, never passed on."""
    day, shift = days.at(at)
    process = said["process"]
    cell = Cell(
        CATCH, said["line"], process, process, said["defect"] or UNCLASSIFIED, said["severity"], shift, 1, 0, ""
    )
    row = _begun(site, day, named, at, cell, said["part"])
    row["units"], row["unsaid"] = units_of(said["qty"], 1)
    row["key"] = NO_KEY
    return row, cell


def units_of(qty: float | None, presses: int) -> tuple[int, int]:
    """Thousandths of a unit that were refused, and whether nobody said how many: then it is one for each press."""
    return (max(presses, 1) * 1000, 1) if qty is None else (round(qty * 1000), 0)


def _begun(site: str, day: int, named: str, at: int, cell: Cell, part: str | None) -> Row:
    row = _NOTHING.copy()
    row["site"], row["day"], row["complaint"], row["at"] = site, day, named, at
    row["cell"], row["part"] = cell_id(site, cell), part or ""
    row["key"] = _hashed((cell.made_at, cell.defect, part or ""))
    return row


def _add_progress(row: Row, said: Mapping[str, Any], chain: Chain, days: Days, at: int) -> None:
    limits = chain.limits(said["supplier"], said["customer"], str(said["kind"]), said["severity"])
    for clock, name, limit in (
        ("acknowledge", "acknowledged_at", limits.acknowledge_s),
        ("arrive", "arrived_at", limits.arrive_s),
        ("contain", "contained_at", limits.contain_s),
    ):
        if said[name] is not None:
            row[clock] = took = max(0, _ms(said[name]) - at)
            row["late_" + clock] = int(limit is not None and took > limit * 1000)
    if said["answered_at"] is not None:
        answered = _ms(said["answered_at"])
        row["answer"] = max(0, answered - at)
        row["late_answer"] = int(limits.answer_s is not None and answered > days.answer_due(at, limits.answer_s))
    if said["state"] == State.CLOSED and said["closed_at"] is not None:
        row["closed"], row["closed_at"] = 1, _ms(said["closed_at"])
    if said["rating"] is not None:
        row["rated"], row["rating"], row["satisfied"] = 1, said["rating"], int(said["rating"] >= SATISFIED)
    for step in said["disposition"]:
        _add_disposition(row, step)


def _add_disposition(row: Row, step: Mapping[str, Any]) -> None:
    if step["decision"] == "scrap":
        row["scrap"] += round((step["qty"] or 0.0) * 1000)
    elif step["decision"] in ("rework", "sort"):
        row["rework_s" if step["decision"] == "rework" else "sorting_s"] += round((step["hours"] or 0.0) * 3600)


def _stopped(stop: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """From when until when the line stood; one that is pending has stopped nothing yet."""
    if stop["state"] == StopState.PENDING:
        return None, None
    return _ms(stop["from"]), FOREVER if stop["until"] is None else _ms(stop["until"])


@lru_cache(maxsize=50_000)
def cell_id(site: str, cell: Cell) -> int:
    """The number of a cell: it follows from what the cell is, so that nobody has to allot it."""
    return _hashed((site, *cell))


@lru_cache(maxsize=50_000)
def _hashed(parts: tuple[object, ...]) -> int:
    return int.from_bytes(blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest(), "big") >> 1


@lru_cache(maxsize=8192)
def _ms(instant: str) -> int:
    return to_ms(parse_instant(instant))


#: A bin is 7 % wide, so that a time read from the middle of one is at most 3.5 % off; the last is a year and more.
_WIDTH = math.log(1.07)


def bin_of(ms: int) -> int:
    """Which of 256 bins a time falls into: the first holds all below a second."""
    return 0 if ms < 1000 else min(255, 1 + int(math.log(ms / 1000) / _WIDTH))


def seconds_of(bin_: int) -> float:
    """The middle of a bin, in seconds."""
    return 0.5 if bin_ == 0 else math.exp((bin_ - 0.5) * _WIDTH)


class Sums:
    """Sums of facts: how many, the measures, and for each clock the bins of those for which it has ended."""

    __slots__ = ("numbers", "times")

    def __init__(self) -> None:
        self.numbers = [0] * (1 + len(MEASURES))
        self.times = tuple(bytearray() for _ in CLOCKS)

    def add(self, row: Row, sign: int = 1) -> None:
        """Add a fact, or take it away."""
        numbers = self.numbers
        numbers[0] += sign
        for i, name in enumerate(MEASURES, start=1):
            value = row[name]
            if value:
                numbers[i] += sign * value
        for clock, bins in zip(CLOCKS, self.times, strict=True):
            if row[clock] is not None:
                if sign > 0:
                    bins.append(bin_of(row[clock]))
                else:
                    bins.remove(bin_of(row[clock]))

    def columns(self) -> Row:
        """As they are stored; bins in order, so that equal sums are stored alike."""
        found: Row = dict(zip(("n", *MEASURES), self.numbers, strict=True))
        return found | {clock: bytes(sorted(bins)) for clock, bins in zip(CLOCKS, self.times, strict=True)}

    @classmethod
    def stored(cls, row: Mapping[str, Any]) -> "Sums":
        """The sums of a stored row."""
        sums = cls()
        sums.numbers = [row["n"], *(row[name] for name in MEASURES)]
        sums.times = tuple(bytearray(row[clock]) for clock in CLOCKS)
        return sums

    @property
    def empty(self) -> bool:
        return self.numbers[0] == 0
