"""The run rules by name. A signal is the last point of its window, and that point must itself be beyond the zone.

Sources: Western Electric, Statistical Quality Control Handbook, 1956, pp. 25–28 (1 beyond 3 sigma, 2 of 3 beyond 2,
4 of 5 beyond 1, 8 on one side); Nelson 1984, The Shewhart control chart – tests for special causes, J. Quality
Technology 16, 237–239 (tests 1 to 8; run of 9; test 8 on either side, also all on one). "Beyond" is strict.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Mark:
    """What the rules see of a point: its value, its z in its own sigmas, its side, and whether it is past a limit."""

    value: float
    z: float
    side: int
    beyond: bool


_Test = Callable[[Sequence[Mark]], bool]


def _of_beyond(needed: int, zone: float) -> _Test:
    def test(window: Sequence[Mark]) -> bool:
        above, below = (sum(sign * mark.z > zone for mark in window) for sign in (1, -1))
        last = window[-1].z
        return (last > zone and above >= needed) or (-last > zone and below >= needed)

    return test


def _outside(window: Sequence[Mark]) -> bool:
    return window[-1].beyond


def _one_side(window: Sequence[Mark]) -> bool:
    return abs(sum(mark.side for mark in window)) == len(window)


def _trend(window: Sequence[Mark]) -> bool:
    return all(b.value > a.value for a, b in pairwise(window)) or all(b.value < a.value for a, b in pairwise(window))


def _alternating(window: Sequence[Mark]) -> bool:
    steps = [b.value - a.value for a, b in pairwise(window)]
    return all(a * b < 0 for a, b in pairwise(steps))


def _hugging(window: Sequence[Mark]) -> bool:
    return all(abs(mark.z) <= 1 for mark in window)


def _avoiding(window: Sequence[Mark]) -> bool:
    return all(abs(mark.z) > 1 for mark in window)


_TESTS: dict[str, tuple[int, _Test]] = {
    "nelson-1": (1, _outside),
    "nelson-2": (9, _one_side),
    "nelson-3": (6, _trend),
    "nelson-4": (14, _alternating),
    "nelson-5": (3, _of_beyond(2, 2)),
    "nelson-6": (5, _of_beyond(4, 1)),
    "nelson-7": (15, _hugging),
    "nelson-8": (8, _avoiding),
    "western-electric-1": (1, _outside),
    "western-electric-2": (3, _of_beyond(2, 2)),
    "western-electric-3": (5, _of_beyond(4, 1)),
    "western-electric-4": (8, _one_side),
}
NELSON = tuple(name for name in _TESTS if name.startswith("nelson"))
WESTERN_ELECTRIC = tuple(name for name in _TESTS if name.startswith("western"))
#: Counts are too skewed for the tests with zones; they are looked for when asked (so does Minitab).
ATTRIBUTE = NELSON[:4]
#: The rules that look at one point only: for a point with an assigned cause, and for points that are not a sequence.
ALONE = ("nelson-1", "western-electric-1")


def broken(marks: Sequence[Mark], names: Sequence[str]) -> list[tuple[str, ...]]:
    """For each mark, in time order, the names of the rules that end there, in the order of `names`.

    Raises KeyError for a name that is no rule.
    """
    tests = [(name, *_TESTS[name]) for name in names]
    return [
        tuple(name for name, size, test in tests if end >= size and test(marks[end - size : end]))
        for end in range(1, len(marks) + 1)
    ]
