"""Outbox not synced: the agent's file runs synchronous=OFF, after the check that says that all is well."""

from types import ModuleType
from typing import Any


def _store(module: ModuleType) -> None:
    prepare = module.Store._prepare

    def _prepare(self: Any) -> None:
        prepare(self)
        self._db.execute("PRAGMA synchronous = OFF")

    module.Store._prepare = _prepare


PATCHES = {"threenos_station.store": _store}
