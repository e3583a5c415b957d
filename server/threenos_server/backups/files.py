"""Files that are there whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from threenos_server.errors import Conflict, ThreenosError
from threenos_server.whole import sync

_MB = 1_000_000
#: A half file under this ending was left by a process that was killed.
HALF = ".half"


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A name beside `target` to write to. What stands there becomes `target`, on the disk, when the block ends well.

    When it does not, nothing is left. Only the owner may read it. Raises Conflict when `target` is there already, and
    ThreenosError with the disk's free space when it could not be written.
    """
    if target.exists():
        raise Conflict(f"{target} is there already, and nothing is overwritten")
    half = target.with_name(f".{target.name}{HALF}")
    try:
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield half
        sync(half)
        half.rename(target)
        sync(target.parent)
    except OSError as e:
        raise ThreenosError(f"{target} was not written: {e.strerror}{room(target.parent)}") from e
    finally:
        half.unlink(missing_ok=True)


def room(directory: Path) -> str:
    """How much is free there, to stand behind why something was not written."""
    try:
        return f" ({shutil.disk_usage(directory).free // _MB} MB are free there)"
    except OSError:
        return ""
