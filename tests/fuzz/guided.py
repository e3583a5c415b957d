"""The same parsers, led by what they run through: `python tests/fuzz/guided.py NAME COUNT SEED`, with atheris.

Atheris counts which branches of our Python an input takes, and keeps those that take a new one. It ends at the first
crash, which it writes down; a result is printed only when there was none.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import atheris  # type: ignore[import-not-found]  # it is installed by `make fuzz` alone, where there is a wheel

with atheris.instrument_imports(include=["threenos_wire", "threenos_server", "threenos_station", "ruamel"]):
    from fuzz.inside import MAKE, MOST_S, rss

from fuzz.quiet import be_quiet


def main(arguments: list[str]) -> int:
    """NAME COUNT SEED."""
    name, count, seed = arguments[0], int(arguments[1]), int(arguments[2])
    be_quiet()
    target = MAKE[name]()
    outcomes: Counter[str] = Counter()
    done, early, began = 0, 0, monotonic()

    def one(raw: bytes) -> None:
        nonlocal done, early
        done += 1
        outcomes[target.one(raw)] += 1
        if done * 10 == count or (not early and monotonic() - began > MOST_S / 10):
            early = rss()
        if done == count or monotonic() - began > MOST_S:
            late = rss()
            print(json.dumps({
                "name": f"{name} guided", "inputs": done, "crashes": 0, "first": [], "outcomes": len(outcomes),
                "most": outcomes.most_common(6), "seconds": round(monotonic() - began, 1), "early": early or late,
                "late": late, "threads": 1,
            }), flush=True)  # fmt: skip
            # An orderly end would be taken for a crash.
            os._exit(0)

    with tempfile.TemporaryDirectory(prefix="threenos-fuzz-") as directory:
        for i, raw in enumerate((*target.seeds, target.valid)):
            Path(directory, str(i)).write_bytes(raw)
        limits = ["-max_len=4096", f"-seed={seed % 2**31}", "-rss_limit_mb=4096", "-timeout=20"]
        limits.append(f"-artifact_prefix={Path.cwd()}/")
        atheris.Setup([sys.argv[0], *limits, directory], one)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
