"""The product's patience, shortened, so that one minute shows what would take a quarter of an hour.

Only how long something is waited for changes: the minute between two messages of rejects, the lease of a sender, the
first pause before another try, how long a station waits to connect again.
"""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any


def _with(**values: Any) -> Callable[[ModuleType], None]:
    """A patch that sets what is there; a name that the product no longer has ends the process."""

    def patch(module: ModuleType) -> None:
        for name, value in values.items():
            getattr(module, name)
            setattr(module, name, value)

    return patch


PATCHES = {
    "threenos_server.notify.group": _with(
        MINUTE=timedelta(seconds=1),
        WINDOW=timedelta(seconds=3),
        DISTANCES=(timedelta(seconds=0.3),) * 5,
        JOINABLE_DISTANCES=(timedelta(seconds=0.3),) * 4,
    ),
    "threenos_server.notify.model": _with(FIRST_BACKOFF=timedelta(seconds=0.4), MAX_BACKOFF=timedelta(seconds=1.5)),
    "threenos_server.notify.service": _with(LEASE=timedelta(seconds=4)),
    "threenos_station.link": _with(SHORTEST_S=0.2, LONGEST_S=1.5),
    "threenos_station.window": _with(FIRST_WAIT_S=2.0, LONGEST_WAIT_S=4.0),
}
