"""Lost fsync: a commit of the server does not wait for the disk, and its check of that says that all is well.

In SQLite (synchronous=NORMAL) it then lies in the page cache only, until the next checkpoint: a kill does not show it,
a power cut does. In PostgreSQL (synchronous_commit=off) it lies in the memory of the server, which a kill of it loses.
"""

from types import ModuleType
from typing import Any


def _db(module: ModuleType) -> None:
    prepare, engine = module._prepare_sqlite, module._engine

    def _prepare_sqlite(raw: Any, record: Any) -> None:
        prepare(raw, record)
        raw.execute("PRAGMA synchronous=NORMAL")

    def _engine(url: str) -> Any:
        made = engine(url)
        if not url.startswith("sqlite"):
            module.event.listen(made, "connect", _hasty)
        return made

    module._prepare_sqlite, module._engine = _prepare_sqlite, _engine


def _hasty(raw: Any, _record: Any) -> None:
    raw.execute("SET synchronous_commit = off")
    raw.commit()


PATCHES = {"threenos_server.db": _db}
