"""A data directory belongs to one supervisor at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from threenos_server.errors import Conflict


@contextmanager
def claimed(data: Path) -> Iterator[None]:
    """The data directory is ours until we end, however we end."""
    (data / "run").mkdir(exist_ok=True)
    with (data / "run" / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            raise Conflict(f"another `threenos up` runs on {data}") from e
        yield
