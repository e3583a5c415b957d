"""No late-response: a missed limit is written down, and the complaint that the station has about it is not."""

from types import ModuleType
from typing import Any


def _decide(module: ModuleType) -> None:
    missed = module.missed

    def only_late(*asked: Any) -> Any:
        return missed(*asked)[:1]

    module.missed = only_late


PATCHES = {"threenos_server.escalation.decide": _decide}
