"""No unique event id: nobody asks whether an id was taken before, and the table of ids takes one twice."""

from types import ModuleType, SimpleNamespace
from typing import Any


def _journal(module: ModuleType) -> None:
    def known_events(_session: Any, _ids: Any) -> dict[str, tuple[int, str]]:
        return {}

    module.known_events = known_events


def _events(module: ModuleType) -> None:
    module.bulk = SimpleNamespace(insert=module.bulk.put)


PATCHES = {"threenos_server.journal.service": _journal, "threenos_server.journal.events": _events}
