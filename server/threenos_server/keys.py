"""The secrets of an installation: made once, kept in `DIR/keys/` for the owner's eyes only, outside every backup.

Without `pseudonym` nobody can be found behind the journal any more; the others only end what is under way.
"""

import os
import secrets
from pathlib import Path

from threenos_server.api import Keys

KEY_BYTES = 32


def key(data: Path, name: str) -> bytes:
    """The key of that name, made when it is asked for the first time; two processes that race get the same."""
    directory = data / "keys"
    path = directory / name
    if not path.exists():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = directory / f".{name}-{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass  # somebody was faster, and theirs counts
        finally:
            fresh.unlink()
    return bytes.fromhex(path.read_text().strip())


def load(data: Path) -> Keys:
    """The keys that routes and the intake need."""
    return Keys(pseudonym=key(data, "pseudonym"), arrival=key(data, "arrival"))
