"""Whose turn it is to be told: each at most once in a while, and once more when it has been quiet. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Turns:
    """Who is to be told, each at most once in `pause_s`: the first change at once, those that follow together.

    Who was told of a change is told once more after `again_s`: what another intake said late does not stand for ever.
    """

    pause_s: float
    again_s: float
    _due: set[str] = field(default_factory=set)
    _told_at: dict[str, float] = field(default_factory=dict)
    _again_at: dict[str, float] = field(default_factory=dict)

    def add(self, names: Iterable[str]) -> None:
        self._due.update(names)

    def waiting(self, now: float) -> bool:
        """Whether somebody waits for a turn."""
        return bool(self._due) or any(at <= now for at in self._again_at.values())

    def take(self, now: float) -> list[str]:
        """Those whose turn it is, sorted; they are told now. `now` in seconds on a monotonic clock."""
        changed = {n for n in self._due if now - self._told_at.get(n, -self.pause_s) >= self.pause_s}
        again = {n for n, at in self._again_at.items() if at <= now and n not in self._due}
        self._due -= changed
        self._told_at.update(dict.fromkeys(changed | again, now))
        for name in again:
            del self._again_at[name]
        self._again_at.update(dict.fromkeys(changed, now + self.again_s))
        return sorted(changed | again)
