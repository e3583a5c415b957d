"""What the quality engineer reads from the reports of a factory, and nothing else: who makes more, passes on, hides."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scenario.truth import CHAIN, CHANGED, DAYS, day_of
from service.reports.desk import Desk, codes, rows

from threenos_server.reports.document import Document
from threenos_server.reports.figures.charts.anhoej import anhoej
from threenos_server.reports.figures.containment import Stage, containment
from threenos_server.reports.figures.distributions import poisson_cdf
from threenos_server.reports.figures.matrix import Cell
from threenos_server.reports.figures.rates import Interval, wilson

#: Nobody refuses what the last process makes: it has no complaints to be drawn.
CHARTED = CHAIN[:-1]
#: How likely a rule that looks at a window of points holds at its end by chance, if no two points are alike (Nelson
#: 1984): nine on one side of the middle, six in a trend, fourteen alternating (twice Euler's zigzag number over 14!).
BY_CHANCE = {"nelson-2": (9, 2 / 2**9), "nelson-3": (6, 2 / 720), "nelson-4": (14, 2 * 199_360_981 / 87_178_291_200)}
RULES = ("nelson-1", *BY_CHANCE)


@dataclass(frozen=True)
class Charted:
    """The u chart of the complaints about one process: the rules broken at each point, and how its rate changed."""

    process: str
    document: Document
    broken: list[list[str]]
    raised: list[bool]
    ratio: float
    interval: Interval
    verdict: str

    @property
    def days_until_seen(self) -> int | None:
        """Days from the change to the first point that is too high; 0 is the day of the change itself."""
        seen = (i for i in range(CHANGED, DAYS) if self.broken[i] and self.raised[i])
        return next((i - CHANGED for i in seen), None)


@dataclass
class Alarms:
    """Signals where nothing changed, and how many the rules promise there, by rule; points and charts looked at."""

    seen: Counter[str] = field(default_factory=Counter)
    promised: dict[str, float] = field(default_factory=lambda: dict.fromkeys(RULES, 0.0))
    points: int = 0
    signals: int = 0
    phases: int = 0
    runs: int = 0
    judged: int = 0
    accused: int = 0

    def add(self, charted: Charted, first: int, end: int) -> None:
        """The points of a phase, `first` to `end`."""
        self.points += end - first
        self.phases += 1
        said = (note.text.en for note in charted.document.notes if note.code == "run")
        self.runs += any(text.startswith(f"From {day_of(first)} to {day_of(end - 1)} ") for text in said)
        for rules in charted.broken[first:end]:
            self.seen.update(rules)
            self.signals += bool(rules)
        self.promised["nelson-1"] += sum(_outside(row) for row in list(rows(charted.document).values())[first:end])
        for rule, (window, chance) in BY_CHANCE.items():
            # A window may reach back into the phase before, never before the first day.
            self.promised[rule] += (end - max(first, window - 1)) * chance

    def add_change(self, charted: Charted) -> None:
        self.judged += 1
        self.accused += charted.verdict in ("worse", "better")


def charted(desk: Desk, process: str) -> Charted:
    """The trend by day with the change at day 40, and the second half beside the first."""
    of: dict[str, Any] = {"made_at": [process], "step": "day"}
    drawn = desk.ask("trend", **of, **_span(0, DAYS), phase_at=day_of(CHANGED))
    assert [chart.title.en for chart in drawn.charts] == ["u chart"], drawn.notes
    assert not codes(drawn) & {"too-few", "gaps", "no-exposure"}
    before = {"compare_from": day_of(0), "compare_to": day_of(CHANGED)}
    (change,) = _cells(desk.ask("trend", **of, **_span(CHANGED, DAYS), **before), "change")
    points = list(rows(drawn).values())
    return Charted(
        process, drawn, [p["rules"] for p in points], [p["value"] > p["centre"] for p in points],
        change["ratio"], Interval(*change["interval"]), change["verdict"]["id"],
    )  # fmt: skip


def shares(desk: Desk, no: str) -> dict[str, Interval]:
    """Of every process the interval of its share `not_pass` or `not_accept`, as far as it can be compared.

    The last process has nobody behind it: what it lets pass is in no figure, so its shares say nothing.
    """
    caught, of = {"not_pass": ("caught_own", "made"), "not_accept": ("caught_incoming", "incoming")}[no]
    found = three_nos(desk)
    known = {p: (found[p], wilson(found[p][caught], found[p][of])) for p in CHARTED}
    for row, interval in known.values():
        assert interval is None or interval.low <= row[no] <= interval.high
    return {p: interval for p, (_, interval) in known.items() if interval is not None}


def under_all(intervals: dict[str, Interval]) -> list[str]:
    """The process whose interval lies under that of every other one, if there is such a one."""
    return [p for p, i in intervals.items() if all(i.high < o.low for q, o in intervals.items() if q != p)]


def refused(desk: Desk) -> dict[str, int]:
    """The matrix's margin of made-at while nothing had changed yet: what others had to refuse of each process."""
    return {p: row["total"] for p, row in rows(desk.ask("matrix", **_span(0, CHANGED))).items()}


def stages(desk: Desk) -> tuple[Stage, ...]:
    """Stage containment from the pairs of the matrix, and what each process caught of its own."""
    cells = [Cell(made, found, count) for (made, found), count in pairs(desk).items()]
    own = three_nos(desk)
    return containment([*cells, *(Cell(p, p, own[p]["caught_own"]) for p in CHAIN)], CHAIN)


def pairs(desk: Desk) -> dict[tuple[str, str], int]:
    """The matrix of the whole time by (made-at, found-at)."""
    said = _cells(desk.ask("matrix", **_span(0, DAYS)), "pairs")
    return {(pair["made_at"].id, pair["found_at"].id): pair["count"] for pair in said}


def three_nos(desk: Desk) -> dict[str, dict[str, Any]]:
    """The three nos of the whole time."""
    return rows(desk.ask("three-nos", **_span(0, DAYS)))


def runs_by_chance(points: int, times: int = 5000) -> float:
    """How often Anhøj's rules signal on so many tosses of a coin, which is what they promise of a phase."""
    rng = random.Random(points)
    return sum(anhoej([rng.choice((1, -1)) for _ in range(points)]).signal for _ in range(times)) / times


def _outside(row: dict[str, Any]) -> float:
    """How likely a Poisson count of that size lies beyond its limits when the centre line is the truth."""
    mean, size = row["centre"] * row["size"], row["size"]
    below = sum(1 for n in range(int(row["lower"] * size) + 1) if n / size < row["lower"])
    top = int(row["upper"] * size)
    return (poisson_cdf(below - 1, mean) if below else 0.0) + 1 - poisson_cdf(top, mean)


def _span(first: int, end: int) -> dict[str, str]:
    return {"from": day_of(first), "to": day_of(end)}


def _cells(document: Document, table: str) -> Iterator[dict[str, Any]]:
    found = next(t for t in document.tables if t.id == table)
    return (dict(zip([c.id for c in found.columns], row.cells, strict=True)) for row in found.rows)
