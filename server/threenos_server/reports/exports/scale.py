"""Axes of charts: round steps, and how much room a text takes. Pure; lengths are a quarter of a millimetre."""

from dataclasses import dataclass
from math import ceil, floor, log10
from unicodedata import east_asian_width

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Of its size: what a wide and what a narrow character takes in the font that is embedded.
_WIDE, _NARROW = 1.0, 0.56


@dataclass(frozen=True, slots=True)
class Scale:
    """Values `low` to `high` drawn from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values from at or under `low` to at or above `high`, at most about `most` of them."""
    if high <= low:
        high = low + 1.0
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(r * power for r in _ROUND if r * power >= rough * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def second_ticks(high: float) -> list[float]:
    """Those of a time in seconds, from 0: round in the unit in which they will be said."""
    unit = 3600.0 if high >= 7200 else 60.0 if high >= 120 else 1.0
    return [unit * value for value in ticks(0, high / unit)]


def width_of(text: str, size: float) -> float:
    """About how long a text is."""
    return sum(size * (_WIDE if east_asian_width(c) in "WF" else _NARROW) for c in text)


def fitted(text: str, size: float, room: float) -> str:
    """The text, cut where it would need more room."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"
