"""Presses for the bench: the same bytes for us and for the floor, from stations of the example factory."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from threenos_server.chain.model import Chain
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

#: The mix, stated because it decides the cost: rejects of a random tile (most are repeats of an open complaint once
#: every station has pressed every tile), stops, catches and counts.
Mix = tuple[tuple[str, int], ...]
MIX: Mix = (("reject", 70), ("stop", 2), ("catch", 8), ("count", 20))
#: For latency: every event changes a card of the board.
PRESSES_ONLY: Mix = (("reject", 1),)


@dataclass
class Station:
    """One station that presses: its boot and how far it has counted."""

    id: str
    defects: tuple[str, ...]
    boot: str
    seq: int = 0

    def press(self, rng: random.Random, mix: Mix) -> dict[str, Any]:
        """The next event, as it stands on the wire."""
        self.seq += 1
        kind = rng.choices([k for k, _ in mix], [w for _, w in mix])[0]
        event: dict[str, Any] = {
            "v": 1, "id": new_id(), "boot": self.boot, "seq": self.seq, "at": format_instant(datetime.now(UTC)),
            "age_ms": 2, "kind": kind, "operator": f"B-{rng.randrange(1000, 1100)}",
        }  # fmt: skip
        if kind in ("reject", "catch"):
            event |= {"defect": rng.choice(self.defects), "qty": rng.randint(1, 5), "part": "P-77", "lot": "L-0931"}
        elif kind == "count":
            event |= {"qty": rng.randint(20, 60)}
        return event

    def message(self, rng: random.Random, mix: Mix = MIX) -> bytes:
        """The next event as bytes."""
        return json.dumps(self.press(rng, mix), separators=(",", ":")).encode()


def stations(chain: Chain, count: int) -> list[Station]:
    """`count` stations of the chain (again from the first when it has fewer), each with a boot of its own."""
    ids = sorted(chain.stations)
    return [Station(ids[i % len(ids)], tuple(sorted(chain.defects)), new_id()) for i in range(count)]


def lines(station: Station, events: int, array: int, seed: int, mix: Mix = MIX) -> Iterator[str]:
    """`events` events as lines of JSON, one message a line: single events, or arrays of `array`."""
    rng = random.Random(seed)
    for start in range(0, events, array):
        batch = [station.press(rng, mix) for _ in range(min(array, events - start))]
        yield json.dumps(batch if array > 1 else batch[0], separators=(",", ":"))
