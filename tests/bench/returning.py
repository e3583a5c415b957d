"""Two hundred stations come back with a hundred thousand events while others go on pressing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import system
from figures import Figure, percentile
from intake import Place, press
from presses import PRESSES_ONLY

RETURNING, EVENTS = 200, 100_000
LIVE, LIVE_RATE, LIVE_S = 20, 50, 15


def run(directory: Path) -> Iterator[Figure]:
    """How long live presses wait for their ack meanwhile, and how fast the backlog is taken."""
    with system.running(directory, RETURNING + LIVE) as up:
        everybody = Place("ours", up.host, up.port, up.stations, up.http, up.data)
        live = replace(everybody, stations=up.stations[:LIVE])
        back = replace(everybody, stations=up.stations[LIVE:])
        with ThreadPoolExecutor(2) as both:
            backlog = both.submit(press, back, directory / "back", up.chain, EVENTS, 100, None)
            alive = both.submit(
                press, live, directory / "live", up.chain, LIVE_RATE * LIVE_S, 1, LIVE_RATE, PRESSES_ONLY
            )
            returned, pressed = backlog.result(), alive.result()
    waits = sorted(
        1000 * (pressed["acked_at"][i] - at) for i, at in pressed["sent_at"].items() if i in pressed["acked_at"]
    )
    yield Figure("events of returning stations", "ours", returned["acked"] / returned["seconds"], "events/s")
    yield Figure("live press→ack p50 while 200 stations return", "ours", percentile(waits, 50), "ms")
    yield Figure("live press→ack p99 while 200 stations return", "ours", percentile(waits, 99), "ms")
    yield Figure("live presses acknowledged", "ours", 100 * len(waits) / len(pressed["sent_at"]), "%")
