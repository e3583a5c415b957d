"""One station floods with a thousand events a second: how long the others' presses take to the board meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import system
from figures import Figure, percentile
from intake import Place, on_board, press, watched
from presses import PRESSES_ONLY

#: Events a second of the one, presses a second of all the others together, and for how long.
FLOOD_RATE, LIVE, LIVE_RATE, SECONDS = 1000, 20, 20, 20
#: How the flood comes: not at all, each event by itself, or so many in an array.
FLOODS = {"without a flood": 0, "while one floods singly": 1, "while one floods in arrays": 100}


def run(directory: Path) -> Iterator[Figure]:
    """The same presses without a flood, beside one of single events, and beside one of arrays."""
    for number, (when, array) in enumerate(FLOODS.items()):
        with system.running(directory / f"{number}", LIVE + 1) as up, ThreadPoolExecutor(1) as beside:
            everybody = Place("ours", up.host, up.port, up.stations, up.http, up.data)
            one, others = replace(everybody, stations=up.stations[:1]), replace(everybody, stations=up.stations[1:])
            with watched(everybody) as shown:
                flood = None
                if array:
                    where, events = directory / f"flood-{number}", FLOOD_RATE * (SECONDS + 1)
                    flood = beside.submit(press, one, where, up.chain, events, array, FLOOD_RATE, PRESSES_ONLY)
                where, events = directory / f"live-{number}", LIVE_RATE * SECONDS
                seen = press(others, where, up.chain, events, 1, LIVE_RATE, PRESSES_ONLY)
                flooded = flood.result() if flood is not None else None
            yield from _figures(when, seen, on_board(everybody, shown))
            if flooded is not None:
                yield Figure(f"of the flood recorded {when}", "ours", flooded["acked"] / flooded["seconds"], "events/s")


def _figures(when: str, seen: dict[str, Any], at: dict[str, float]) -> Iterator[Figure]:
    waits = sorted(1000 * (at[i] - sent) for i, sent in seen["sent_at"].items() if i in at)
    for q in (50, 99):
        yield Figure(f"press→board p{q} {when}", "ours", percentile(waits, q), "ms")
    yield Figure(f"presses shown {when}", "ours", 100 * len(waits) / len(seen["sent_at"]), "%")
