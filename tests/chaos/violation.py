"""What does not hold."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

#: What the issue asks of every storm, by the kind of its violation; all other kinds are counted together.
ASKED = {"lost": "lost", "twice": "doubled", "missing": "recorded but missing", "escalation": "missed escalations"}


@dataclass(frozen=True, slots=True)
class Violation:
    """In one word and in detail."""

    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


def counted(violations: Iterable[Violation]) -> str:
    """How many of each, as the verdict says it."""
    kinds = Counter(v.kind for v in violations)
    rest = {kind: count for kind, count in kinds.items() if kind not in ASKED}
    told = [f"{kinds[kind]} {word}" for kind, word in ASKED.items()]
    others = ", ".join(f"{kind} {count}" for kind, count in sorted(rest.items()))
    return ", ".join(told) + f", {sum(rest.values())} others" + (f" ({others})" if rest else "")
