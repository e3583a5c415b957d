"""A figure of the bench, and the table that shows ours beside the floor."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number. `who` is `ours`, `floor`, or a target written as `target`."""

    what: str
    who: str
    value: float
    unit: str


def percentile(values: list[float], q: float) -> float:
    """The q-th percentile (nearest rank) of sorted values."""
    return values[min(len(values) - 1, int(len(values) * q / 100))]


#: What the issue asks for; shown beside what was measured, never asserted.
TARGETS = {
    "press→board p50 at 100/s": "≤ 8",
    "press→board p99 at 100/s": "≤ 20",
    "press→board p99 at 500/s": "≤ 80",
    "single events": "≥ 2,000 and the floor",
    "events in arrays of 100": "≥ 8,000",
    "live press→ack p99 while 200 stations return": "≤ 500",
    "press→board p99 while one floods singly": "≤ 2,000",
    "press→board p99 while one floods in arrays": "≤ 2,000",
    "presses shown while one floods singly": "≥ 100",
    "presses shown while one floods in arrays": "≥ 100",
    "500 stops pressed within": "1",
    "of 500 stops on the board": "≥ 100",
    "the slowest stop→board of 500": "≤ 2,000",
    "messages to the team-leader within 75 s": "≤ 10",
    "messages to the supervisor within 75 s": "≤ 10",
    "messages to the director within 75 s": "≤ 10",
    "upgrade on SQLite: intake paused": "< 5",
    "upgrade on PostgreSQL: intake paused": "< 5",
    "agent press→saved p99": "≤ 20",
    "agent memory": "≤ 60",
    "agent start": "≤ 1.5",
    "journal verified": "≥ 50,000",
    "station code, gzip": "≤ 60",
    "board code, gzip": "≤ 60",
    "station first paint, CPU slowed 4×": "≤ 1,000",
    "station press possible, CPU slowed 4×": "≤ 1,500",
    "board first paint, CPU slowed 4×": "≤ 1,000",
    "board tiles drawn, CPU slowed 4×": "≤ 1,500",
    "board of 200 tiles, main thread": "< 15",
    "board of 200 tiles, whole process": "< 15",
    "deltas while the board was measured": "20",
    "cost of an event at 5 million rows against none": "within 10",
    "reports' share of the intake, batches of 100": "≤ 15",
    "reports' share of the intake, batches of 1000": "≤ 15",
    "slowest report of a quarter, p95, SQLite": "≤ 300",
    "slowest report of a quarter, p95, PostgreSQL": "≤ 300",
    "slowest report of three years, SQLite": "≤ 1,500",
    "slowest report of three years, PostgreSQL": "≤ 1,500",
    "process A found, of 20 seeds": "100",
    "process B found, of 20 seeds": "100",
    "process C found, of 20 seeds": "100",
}


def table(figures: Iterable[Figure]) -> str:
    """A line per figure: ours, the floor of the same run, the target."""
    rows: dict[str, dict[str, Figure]] = {}
    for f in figures:
        rows.setdefault(f.what, {})[f.who] = f
    lines = [f"{'figure':52}{'ours':>14}{'floor':>14}  {'unit':10}target"]
    for what, by in rows.items():
        unit = next(iter(by.values())).unit
        shown = [f"{by[who].value:,.2f}" if who in by else "–" for who in ("ours", "floor")]
        lines.append(f"{what:52}{shown[0]:>14}{shown[1]:>14}  {unit:10}{TARGETS.get(what, '')}")
    return "\n".join(lines)
