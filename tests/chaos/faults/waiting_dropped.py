"""Waiting dropped: an event that comes before its complaint is accepted, and nobody writes it down."""

from types import ModuleType
from typing import Any


def _taking(module: ModuleType) -> None:
    write = module.Taking._write

    def _write(self: Any, kept: Any, said: Any, decision: Any) -> None:
        if "waiting" not in decision.then:
            write(self, kept, said, decision)

    module.Taking._write = _write


PATCHES = {"threenos_server.complaints.taking": _taking}
