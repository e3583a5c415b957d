"""Waiting forgotten: an event that waits for its complaint is written down, and never gets its turn."""

from types import ModuleType
from typing import Any


def _taking(module: ModuleType) -> None:
    def _release(_self: Any, _candidates: Any) -> None:
        """Nobody's turn."""

    module.Taking._release = _release


PATCHES = {"threenos_server.complaints.taking": _taking}
