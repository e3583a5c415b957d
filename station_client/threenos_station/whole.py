"""A file that is there whole or not at all, and what of it outlives a power cut."""

import os
import secrets
from pathlib import Path


def put(path: Path, content: bytes, *, lasting: bool) -> None:
    """Put `content` in the place of a file, for its owner's eyes only: a reader finds the old one or the new one.

    `lasting` has it on the disk with its name before this returns, so that a power cut takes neither. Raises OSError;
    then nothing is left behind.
    """
    part = path.with_name(f".{path.name}-{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
        if lasting:
            sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk: that of a new file is there only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
