"""The product's patience, shortened, so that one minute shows what would take a quarter of an hour.

Only how long something is waited for changes: the minute between two messages of rejects, the lease of a sender, the
first pause before another try, how long a station waits to connect again.
"""

from datetime import timedelta
from types import ModuleType


def _group(module: ModuleType) -> None:
    module.MINUTE, module.WINDOW = timedelta(seconds=1), timedelta(seconds=3)
    module.DISTANCE = dict.fromkeys(module.DISTANCE, timedelta(seconds=0.3))


def _notices(module: ModuleType) -> None:
    module.FIRST_BACKOFF, module.MAX_BACKOFF = timedelta(seconds=0.4), timedelta(seconds=1.5)


def _outbox(module: ModuleType) -> None:
    module.LEASE = timedelta(seconds=4)


def _link(module: ModuleType) -> None:
    module.SHORTEST_S, module.LONGEST_S = 0.2, 1.5


def _window(module: ModuleType) -> None:
    module.FIRST_WAIT_S, module.LONGEST_WAIT_S = 2.0, 4.0


PATCHES = {
    "threenos_server.notify.group": _group,
    "threenos_server.notify.model": _notices,
    "threenos_server.notify.service": _outbox,
    "threenos_station.link": _link,
    "threenos_station.window": _window,
}
