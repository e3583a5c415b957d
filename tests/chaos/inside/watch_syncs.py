"""Writes down with which `PRAGMA synchronous` each database is committed to: what a power cut then leaves of it.

It is read on the very connection that commits, so nothing is taken on trust: not what the product says it sets.
"""

import os
import sqlite3
import sqlite3.dbapi2
from pathlib import Path
from typing import Any

_connect = sqlite3.connect


def install(folder: Path) -> None:
    """From now on every connection of this process is watched; `folder` gets a line for each database and level."""
    seen: set[tuple[str, int]] = set()

    class Watched(sqlite3.Connection):
        path = ""

        def commit(self) -> None:
            super().commit()
            self._note()

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *values)
            if sql == "COMMIT":
                self._note()
            return cursor

        def _note(self) -> None:
            level = int(super().execute("PRAGMA synchronous").fetchone()[0])
            if (self.path, level) not in seen:
                seen.add((self.path, level))
                with (folder / f"{os.getpid()}").open("a") as file:
                    file.write(f"{level} {self.path}\n")

    def connect(database: Any, *args: Any, **options: Any) -> sqlite3.Connection:
        options.setdefault("factory", Watched)
        connection = _connect(database, *args, **options)
        if isinstance(connection, Watched):
            connection.path = str(Path(os.fsdecode(database)).absolute())
        return connection

    sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment]  # watched from here on
