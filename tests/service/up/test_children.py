"""The children of `threenos up`."""

import os
from pathlib import Path

from threenos_server.up.children import Child


def test_a_child_runs_also_when_its_number_cannot_be_written(tmp_path: Path) -> None:
    """A full or broken disk under the data directory is no reason to end everything."""
    child = Child("sleeper", ["sleep", "60"], dict(os.environ), tmp_path / "gone")
    child.tend()
    assert child.process is not None
    assert child.process.poll() is None
    child.process.kill()
    child.process.wait(60)
