"""Writes a new revision, for `make migration NAME="what changed"`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from threenos_server.cli import show
from threenos_server.db import Database, sqlite_url
from threenos_server.migrations import new_revision, upgrade


def main(message: str) -> int:
    if not message:
        show.problem('say what changed: make migration NAME="what changed"', (), as_json=False)
        return 2
    with TemporaryDirectory() as directory:
        db = Database(sqlite_url(Path(directory)))
        upgrade(db)
        show.line(f"{new_revision(db, message)}: read it, and try it on both databases")
        db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
