"""Key ignored: the same command again, under the same key, is given again.

The answer is slow after the commit, as over a bad link, so that a kill falls between the two.
"""

from threading import Event
from types import ModuleType
from typing import Any

SLOW_LINK_S = 0.4


def _routes(module: ModuleType) -> None:
    once = module._once

    def _once(*asked: Any) -> Any:
        answer = once(*asked)
        Event().wait(SLOW_LINK_S)
        return answer

    def nothing(*_asked: Any) -> None:
        """Nobody remembers a key."""

    module._once, module.answered, module.remember = _once, nothing, nothing


PATCHES = {"threenos_server.complaints.routes": _routes}
