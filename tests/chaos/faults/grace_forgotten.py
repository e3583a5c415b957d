"""Grace forgotten: a line that was to stop at its fixed position goes on."""

from types import ModuleType
from typing import Any


def _clock(module: ModuleType) -> None:
    def stop_lines_due(*_asked: Any) -> int:
        return 0

    module.stop_lines_due = stop_lines_due


PATCHES = {"threenos_server.escalation.clock": _clock}
