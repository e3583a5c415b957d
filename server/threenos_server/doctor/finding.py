"""What a check says: how it stands, in words, and what cures it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`wrong` loses presses, tells nobody or lets somebody in; a `warning` is what becomes wrong if it is left."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one thing. `cure` is what a person does about it; empty when all is well."""

    check: str
    level: Level
    words: str
    cure: str = ""


def ok(check: str, words: str) -> Finding:
    return Finding(check, Level.OK, words)


def warning(check: str, words: str, cure: str) -> Finding:
    return Finding(check, Level.WARNING, words, cure)


def wrong(check: str, words: str, cure: str) -> Finding:
    return Finding(check, Level.WRONG, words, cure)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level among them."""
    order = list(Level)
    return max((f.level for f in findings), key=order.index, default=Level.OK)
