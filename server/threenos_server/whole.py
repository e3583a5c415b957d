"""A file that is there whole or not at all, and what of it outlives a power cut."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def put(
    path: Path,
    content: bytes,
    *,
    lasting: bool,
    fresh: bool = False,
    rights: Callable[[int], None] = lambda _descriptor: None,
) -> None:
    """Put `content` in the place of a file: a reader finds the old one or the new one, never half of one.

    `lasting` has it on the disk with its name before this returns, so that a power cut takes neither. It is its owner's
    only, from the first moment, until `rights` has said otherwise of its descriptor. `fresh` raises FileExistsError
    where there is a file already, however little faster somebody was. Raises OSError; then nothing is left behind.
    """
    part = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            rights(descriptor)
            file.write(content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        if fresh:
            path.hardlink_to(part)
        else:
            part.replace(path)
        if lasting:
            sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have a file or a directory on the disk before this returns. A name is there only when its directory is."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
