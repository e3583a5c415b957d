"""The secrets of an installation: made once, kept in `DIR/keys/` for the owner's eyes only, outside every backup.

Without `pseudonym` nobody can be found behind the journal any more; the others only end what is under way.
"""

import secrets
from contextlib import suppress
from pathlib import Path

from threenos_server.api import Keys
from threenos_server.whole import put

KEY_BYTES = 32


def key(data: Path, name: str) -> bytes:
    """The key of that name, made when it is asked for the first time; two processes that race get the same."""
    directory = data / "keys"
    path = directory / name
    if not path.exists():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = secrets.token_hex(KEY_BYTES).encode()
        with suppress(FileExistsError):  # somebody was faster, and theirs counts
            # Lasting: what is written by it from now on would be nobody's without it.
            put(path, made, lasting=True, fresh=True)
    return bytes.fromhex(path.read_text().strip())


def load(data: Path) -> Keys:
    """The keys that routes and the intake need."""
    return Keys(pseudonym=key(data, "pseudonym"), arrival=key(data, "arrival"))
