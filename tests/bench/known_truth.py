"""Twenty generated factories whose truth is known: what the reports find, and how often they accuse the innocent.

Nothing is asserted here (two of the seeds are tests, `tests/scenario/test_known_truth.py`). `KNOWN_SEEDS` sets another
number of factories. Beside the signals on charts of processes that did not change stands what the rules promise there.
"""

import os
import statistics
from collections.abc import Iterator
from pathlib import Path

from figures import Figure
from homes import SqliteHome
from scenario import looking, truth

SEEDS = int(os.environ.get("KNOWN_SEEDS", "20"))


def run(directory: Path) -> Iterator[Figure]:
    """Each seed on a line, then the sums."""
    begun = SqliteHome(directory).template(truth.begin)
    before, after = looking.Alarms(), looking.Alarms()
    delays, ratios, found = list[int](), list[float](), {"a": 0, "b": 0, "c": 0}
    for seed in range(1, SEEDS + 1):
        known = truth.drawn(seed)
        with truth.running(begun, known) as factory:
            desk = factory.desk
            charts = {p: looking.charted(desk, p) for p in looking.CHARTED}
            passing = looking.under_all(looking.shares(desk, "not_accept"))
            hiding = looking.under_all(looking.shares(desk, "not_pass"))
            refused = looking.refused(desk)
        a = charts[known.a]
        late = a.days_until_seen
        delays.append(truth.DAYS if late is None else late)
        ratios.append(a.ratio)
        found["a"] += late is not None and a.interval.low > 1
        found["b"] += passing == [known.b]
        found["c"] += hiding == [known.c] and max(refused, key=lambda p: refused[p]) == known.c
        print(
            f"seed {seed:2}: a {known.a}, seen after {late} days, ×{a.ratio:.2f} [{a.interval.low:.2f}, "
            f"{a.interval.high:.2f}]; b {known.b}: {passing}; c {known.c}: {hiding}",
            flush=True,
        )
        for process, chart in charts.items():
            before.add(chart, 0, truth.CHANGED)
            if process != known.a:
                after.add(chart, truth.CHANGED, truth.DAYS)
                after.add_change(chart)
    for name in found:
        yield Figure(f"process {name.upper()} found, of {SEEDS} seeds", "ours", 100 * found[name] / SEEDS, "%")
    yield Figure("days until the doubled rate is seen, median", "ours", statistics.median(delays), "days")
    yield Figure("days until the doubled rate is seen, longest", "ours", max(delays), "days")
    yield Figure("doubled rate, mean of the ratios (truth 2)", "ours", statistics.mean(ratios), "×")
    yield from _alarms("day 1–39", before)
    yield from _alarms("day 40–80", after)
    yield Figure("“worse” or “better” said where nothing changed", "ours", 100 * after.accused / after.judged, "%")
    yield Figure("“worse” or “better” said where nothing changed", "floor", 5.0, "%")


def _alarms(when: str, alarms: looking.Alarms) -> Iterator[Figure]:
    """Seen as `ours`; as `floor` what the rules promise of points that differ by chance only."""
    print(f"{when}: {alarms.points} points where nothing changed, {alarms.signals} with a signal", flush=True)
    for rule in looking.RULES:
        what = f"false {rule}, {when}"
        yield Figure(what, "ours", 100 * alarms.seen[rule] / alarms.points, "% of points")
        yield Figure(what, "floor", 100 * alarms.promised[rule] / alarms.points, "% of points")
    what = f"false alarms, any rule, {when}"
    yield Figure(what, "ours", 100 * alarms.signals / alarms.points, "% of points")
    yield Figure(what, "floor", 100 * sum(alarms.promised.values()) / alarms.points, "% of points")
    what = f"false long run or few crossings, {when}"
    yield Figure(what, "ours", 100 * alarms.runs / alarms.phases, "% of charts")
    yield Figure(what, "floor", 100 * looking.runs_by_chance(alarms.points // alarms.phases), "% of charts")
