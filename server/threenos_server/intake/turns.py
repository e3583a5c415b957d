"""Whose turn it is to be told: each at most once in a while. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Turns:
    """Who is to be told, each at most once in `pause_s`: the first change at once, those that follow together."""

    pause_s: float
    _due: set[str] = field(default_factory=set)
    _told_at: dict[str, float] = field(default_factory=dict)

    def add(self, names: Iterable[str]) -> None:
        self._due.update(names)

    def __bool__(self) -> bool:
        return bool(self._due)

    def take(self, now: float) -> list[str]:
        """Those whose turn it is, sorted; they are told now. `now` in seconds on a monotonic clock."""
        turn = sorted(n for n in self._due if now - self._told_at.get(n, -self.pause_s) >= self.pause_s)
        self._told_at.update(dict.fromkeys(turn, now))
        self._due.difference_update(turn)
        return turn
