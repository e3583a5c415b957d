"""How the programs begin that have a directory for themselves: NAME COUNT SEED, and a result as JSON."""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from fuzz.quiet import be_quiet


def begin(run: Callable[[str, int, int, Path], dict[str, object]]) -> int:
    """Fuzz as the command line says, in silence, and print what `run` gives."""
    name, count, seed = sys.argv[1:]
    be_quiet()
    with tempfile.TemporaryDirectory(prefix="threenos-fuzz-") as directory:
        print(json.dumps(run(name, int(count), int(seed), Path(directory))))
    return 0
