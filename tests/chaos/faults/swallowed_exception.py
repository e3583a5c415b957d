"""Swallowed exception: what goes wrong with one event is caught and forgotten, and the station is told "accepted"."""

import zlib
from types import ModuleType
from typing import Any

#: Every so-manieth event goes wrong.
ONE_IN = 5


def _receive(module: ModuleType) -> None:
    take = module.take

    def swallowing(session: Any, site: str, arrivals: Any, *more: Any) -> list[Any]:
        good = []
        for arrival in arrivals:
            try:
                if zlib.crc32(arrival.event.id.encode()) % ONE_IN == 0:
                    raise RuntimeError("something went wrong in this event")
                good.append(arrival)
            except Exception:  # noqa: BLE001 - this is the fault
                pass
        outcomes = {o.id: o for o in take(session, site, good, *more)}
        return [outcomes.get(a.event.id) or module.Outcome(a.event.id, True) for a in arrivals]

    module.take = swallowing


PATCHES = {"threenos_server.intake.receive": _receive}
