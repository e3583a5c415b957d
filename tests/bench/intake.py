"""Latency from press to board, and how much the intake takes, each beside the floor in the same run."""

import json
import sqlite3
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import broker
import system
from figures import Figure, percentile
from presses import MIX, PRESSES_ONLY, Mix, lines, stations

from threenos_server.chain.model import Chain

HERE = Path(__file__).parent
RATES = ((10, 8), (100, 10), (500, 10))  # events a second, for how many seconds
SINGLES, ARRAYS = 30_000, 100_000


@dataclass(frozen=True)
class Place:
    """Where to press: our system, or the floor."""

    name: str
    host: str
    port: int
    stations: list[dict[str, Any]]
    http: str | None = None
    data: Path | None = None


@contextmanager
def floor(directory: Path, enrolled: list[dict[str, Any]]) -> Iterator[Place]:
    """The bare subscriber on a broker of its own."""
    directory.mkdir()
    with broker.mosquitto(directory) as port:
        command = [sys.executable, HERE / "floor.py", "127.0.0.1", str(port), directory / "floor.db"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield Place("floor", "127.0.0.1", port, [{**s, "password": None} for s in enrolled])
        finally:
            process.kill()
            process.wait()


@contextmanager
def ours(directory: Path, count: int) -> Iterator[tuple[system.System, Place]]:
    with system.running(directory, count) as up:
        yield up, Place("ours", up.host, up.port, up.stations, up.http, up.data)


def press(
    place: Place, directory: Path, chain: Chain, events: int, array: int, rate: float | None, mix: Mix = MIX,
    begin_at: float = 0.0,
) -> dict[str, Any]:  # fmt: skip
    """Press `events` events in all from the place's stations, not before that monotonic instant; what it saw."""
    directory.mkdir(parents=True, exist_ok=True)
    plan: dict[str, Any] = {"host": place.host, "port": place.port, "rate": rate, "window": 400, "stations": []}
    plan["begin_at"] = begin_at
    known = {s.id: s for s in stations(chain, len(chain.stations))}
    for i, enrolled in enumerate(place.stations):
        file = directory / f"{enrolled['station']}.jsonl"
        share = events // len(place.stations)
        file.write_text("\n".join(lines(known[enrolled["station"]], share, array, seed=i, mix=mix)))
        plan["stations"].append({**enrolled, "lines": str(file)})
    done = subprocess.run(
        [sys.executable, HERE / "pressing.py"], input=json.dumps(plan), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout))


@contextmanager
def watched(place: Place) -> Iterator[list[tuple[int, float]]]:
    """Up to which row a board was shown, and when; filled when the block ends."""
    shown: list[tuple[int, float]] = []
    if place.http is None:
        yield shown
        return
    command = [sys.executable, HERE / "watching.py", place.http, "bench", system.PASSWORD]
    board = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert board.stdout is not None
    board.stdout.readline()
    yield shown
    out, _ = board.communicate()
    shown.extend((seq, at) for seq, at in json.loads(out))


def latency(place: Place, directory: Path, chain: Chain) -> Iterator[Figure]:
    """From publish to ack, and from publish to the board, at each rate."""
    for rate, seconds in RATES:
        with watched(place) as shown:
            seen = press(place, directory / f"rate-{rate}", chain, rate * seconds, 1, rate, PRESSES_ONLY)
        for what, at in (("ack", seen["acked_at"]), ("board", on_board(place, shown))):
            waits = sorted(1000 * (at[i] - sent) for i, sent in seen["sent_at"].items() if i in at)
            if not waits:
                continue
            for q in (50, 99):
                yield Figure(f"press→{what} p{q} at {rate}/s", place.name, percentile(waits, q), "ms")
            if what == "board":
                yield Figure(f"presses shown at {rate}/s", place.name, 100 * len(waits) / len(seen["sent_at"]), "%")


def on_board(place: Place, shown: list[tuple[int, float]]) -> dict[str, float]:
    """When each event was on the board: with the first delta that reaches its row of the journal."""
    if place.data is None or not shown:
        return {}
    seqs = [seq for seq, _ in shown]
    with closing(sqlite3.connect(f"file:{place.data / 'threenos.db'}?mode=ro", uri=True)) as db:
        found = db.execute("SELECT id, seq FROM event_id WHERE seq <= ?", (seqs[-1],))
        return {event_id: shown[bisect_left(seqs, seq)][1] for event_id, seq in found}


def throughput(place: Place, directory: Path, chain: Chain) -> Iterator[Figure]:
    """Durable, attributed and acknowledged events a second, generator on the same cores."""
    singles = press(place, directory / "singles", chain, SINGLES, 1, None)
    yield Figure("single events", place.name, singles["acked"] / singles["seconds"], "events/s")
    arrays = press(place, directory / "arrays", chain, ARRAYS, 100, None)
    yield Figure("events in arrays of 100", place.name, arrays["acked"] / arrays["seconds"], "events/s")


def run(directory: Path) -> Iterator[Figure]:
    """Both places, one after the other, in this run."""
    with ours(directory / "ours", 20) as (up, place):
        enrolled, chain = up.stations, up.chain
        yield from latency(place, directory / "ours-latency", chain)
        yield from throughput(place, directory / "ours-throughput", chain)
    with floor(directory / "floor", enrolled) as place:
        yield from latency(place, directory / "floor-latency", chain)
        yield from throughput(place, directory / "floor-throughput", chain)
