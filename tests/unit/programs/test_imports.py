"""The programs beside the tests, which `make test` does not run: whoever renames what they use sees it here."""

import json
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
#: Imports each module as its run.py finds it, a bench beside itself and the rest by their folders; prints what failed.
PROGRAM = """
import importlib, json, sys, unittest.mock
from pathlib import Path

tests = Path(sys.argv[1])
# What only `make fuzz` installs.
sys.modules |= {"atheris": unittest.mock.MagicMock(), "schemathesis": unittest.mock.MagicMock()}
found, failed = list(sys.path), {}
for folder, root in (("bench", tests / "bench"), ("chaos", tests), ("faults", tests), ("fuzz", tests)):
    def had(path):
        return importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))

    for path in sorted((tests / folder).rglob("*.py")):
        if path.name.startswith("test_"):
            continue
        sys.path[:] = [str(root), *found]
        try:
            had(tests / folder / "run.py")  # It may say where else to look.
            for bench in getattr(had(path), "BENCHES", ()):
                importlib.import_module(bench).run
        except Exception as e:
            failed[str(path.relative_to(tests))] = repr(e)
        # The next one has to find by itself what it uses.
        for known in [n for n, m in sys.modules.items() if str(getattr(m, "__file__", "")).startswith(str(tests))]:
            del sys.modules[known]
print(json.dumps(failed))
"""


def test_every_module_of_the_other_programs_can_be_imported() -> None:
    """Those of bench, chaos, faults and fuzz; what `make bench` can name can be run."""
    command = [sys.executable, "-c", PROGRAM, str(TESTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}
