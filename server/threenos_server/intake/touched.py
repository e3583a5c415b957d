"""What journal rows change of what stations and lines are told, and when it is their turn to be told. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Written(Protocol):
    """What is needed of a journal row."""

    @property
    def station(self) -> str | None: ...
    @property
    def line(self) -> str | None: ...
    @property
    def body(self) -> Mapping[str, object]: ...


@dataclass(slots=True)
class Touched:
    """The stations, lines and complaints of some rows, and whether the chain changed with them."""

    stations: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)
    complaints: set[str] = field(default_factory=set)
    chain: bool = False

    def take(self, rows: Iterable[Written]) -> None:
        for row in rows:
            then = row.body.get("then")
            if row.station:
                self.stations.add(row.station)
            if not isinstance(then, dict):
                continue
            self.lines.update(then.get("lines", ()))
            self.complaints.update(then.get("complaints", ()))
            self.chain = self.chain or "chain" in then


@dataclass(slots=True)
class Turns:
    """Who is to be told, each at most once in `pause_s`: the first change at once, those that follow together."""

    pause_s: float
    _due: set[str] = field(default_factory=set)
    _told_at: dict[str, float] = field(default_factory=dict)

    def add(self, names: Iterable[str]) -> None:
        self._due.update(names)

    @property
    def waiting(self) -> bool:
        return bool(self._due)

    def tell(self, now: float, tell: Callable[[str], None]) -> None:
        """Call `tell` for each whose turn it is; `now` in seconds on a monotonic clock."""
        for name in sorted(self._due):
            if now - self._told_at.get(name, -self.pause_s) >= self.pause_s:
                tell(name)
                self._told_at[name] = now
                self._due.discard(name)
