"""Lost fsync: the server's database runs synchronous=NORMAL, and its check of that says that all is well.

A commit then lies in the page cache only, until the next checkpoint. A kill does not show it; a power cut does.
"""

from types import ModuleType
from typing import Any


def _db(module: ModuleType) -> None:
    prepare = module._prepare_sqlite

    def _prepare_sqlite(raw: Any, record: Any) -> None:
        prepare(raw, record)
        raw.execute("PRAGMA synchronous=NORMAL")

    module._prepare_sqlite = _prepare_sqlite


PATCHES = {"threenos_server.db": _db}
