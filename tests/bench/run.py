"""`make bench`: every speed and size that the issues ask for, each beside its floor or peer in the same run.

`python tests/bench/run.py [NAME …]` runs some of them; without a name all. Nothing here asserts: figures are read.
"""

import importlib
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, table

sys.path.append(str(Path(__file__).parents[1]))  # what the tests share lies beside this folder

BENCHES = (
    "intake",
    "returning",
    "flood",
    "storm",
    "agent",
    "journal",
    "growth",
    "faces",
    "reports",
    "known_truth",
    "upgrade",
    "intakes",
    "fanout",
)


def main(names: list[str]) -> int:
    """Run the benches of these names; 2 for a name that there is not."""
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name in names or BENCHES:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as directory:
            figures += importlib.import_module(name).run(Path(directory))
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
