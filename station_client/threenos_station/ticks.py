"""How long ago something happened: by the machine's uptime, never by its wall clock, which may be wrong or jump."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from threenos_wire.ids import new_id

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Tick:
    """A reading of a clock that only counts up: nanoseconds within one `scope`, an uninterrupted run of the machine."""

    scope: str
    ns: int

    def before(self, ms: int) -> "Tick":
        """The tick `ms` milliseconds earlier."""
        return Tick(self.scope, self.ns - ms * 1_000_000)


def age_ms(then: Tick, now: Tick) -> int | None:
    """Milliseconds from `then` to `now`; None when the machine was off in between, because nobody counted."""
    if then.scope != now.scope or now.ns < then.ns:
        return None
    return (now.ns - then.ns) // 1_000_000


class Clock(Protocol):
    """The time as it is handed in, so that a test can move it."""

    def wall(self) -> datetime: ...

    def tick(self) -> Tick: ...


class MachineClock:
    """This machine's clocks. On Linux ticks outlive the agent and count suspend; elsewhere they do not."""

    def __init__(self) -> None:
        self._id = getattr(time, "CLOCK_BOOTTIME", None)
        scope = _boot_id() if self._id is not None else None
        self._scope = scope or f"process-{new_id()}"

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def tick(self) -> Tick:
        ns = time.monotonic_ns() if self._id is None else time.clock_gettime_ns(self._id)
        return Tick(self._scope, ns)


def _boot_id() -> str | None:
    try:
        return _BOOT_ID.read_text().strip() or None
    except OSError:
        return None
