"""A disk that fails where SQLite asks for the write lock."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from threenos_server.db import Database


@contextmanager
def failing_begins(db: Database, *codes: int) -> Iterator[list[int]]:
    """Its next asks fail with these codes of SQLite, one each; which are still to come."""
    left = list(codes)

    class Failing(sqlite3.Connection):
        def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
            if left and sql.startswith("BEGIN"):
                error = sqlite3.OperationalError("the disk fails")
                error.sqlite_errorcode = left.pop(0)
                raise error
            return super().execute(sql, *more)

    def connecting(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options["factory"] = Failing

    db.engine.dispose()
    event.listen(db.engine, "do_connect", connecting)
    yield left
    event.remove(db.engine, "do_connect", connecting)
    db.engine.dispose()
