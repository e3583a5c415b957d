"""One parser of this process, so many inputs: `python tests/fuzz/inside.py NAME COUNT SEED` prints a result as JSON."""

import ctypes
import gc
import json
import resource
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from time import monotonic, perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz import documents, messages, web
from fuzz.mutate import Mutator
from fuzz.quiet import be_quiet
from fuzz.target import Target

MAKE = {**messages.MAKE, **web.MAKE, **documents.MAKE}
#: A valid input comes after so many others.
VALID_EVERY = 500
#: How long one call of this program goes on, whatever the count.
MOST_S = 330.0


def rss() -> int:
    """Resident memory of this process, in KiB, without what its allocator keeps though nobody uses it."""
    gc.collect()
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def run(target: Target, count: int, seed: int, most_s: float) -> dict[str, object]:
    """Give it the inputs; what became of them, and what it cost."""
    mutator = Mutator(target.seeds, target.tokens, seed)
    outcomes: Counter[str] = Counter()
    crashes: list[tuple[str, str]] = []
    slowest, waited, early, done = 0.0, 0.0, 0, 0
    began = monotonic()
    # Everything that is made once is made before memory is compared.
    for raw in target.seeds:
        target.one(raw)
    for raw in mutator.inputs(count):
        before = perf_counter()
        try:
            outcomes[target.one(raw)] += 1
        except Exception as e:  # noqa: BLE001 - gives up this input, which is what is looked for
            crashes.append((f"{type(e).__name__}: {e}"[:200], raw.hex()))
        took = perf_counter() - before
        slowest, done = max(slowest, took), done + 1
        if done % VALID_EVERY == 0:
            before = perf_counter()
            target.one(target.valid)
            waited = max(waited, took + perf_counter() - before)
        if done * 10 == count or (not early and monotonic() - began > most_s / 10):
            early = rss()
        if monotonic() - began > most_s or len(crashes) > 100:
            break
    late = rss()
    return {
        "name": target.name, "inputs": done, "crashes": len(crashes), "first": crashes[:5], "outcomes": len(outcomes),
        "most": outcomes.most_common(6), "seconds": round(monotonic() - began, 1), "early": early or late, "late": late,
        "threads": threading.active_count(), "slowest_ms": round(slowest * 1000, 1),
        "waited_ms": round(waited * 1000, 1),
    }  # fmt: skip


def main(arguments: list[str]) -> int:
    """NAME COUNT SEED."""
    name, count, seed = arguments[0], int(arguments[1]), int(arguments[2])
    be_quiet()
    print(json.dumps(run(MAKE[name](), count, seed, MOST_S)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
