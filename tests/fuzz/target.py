"""What is fuzzed: something that takes bytes and says in a word what became of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Takes an input and says what became of it: `taken`, or why not. Whatever it raises is a crash.
One = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Target:
    """One parser in this process. `valid` is what must be taken, again and again, between all the others."""

    name: str
    one: One
    seeds: Sequence[bytes]
    valid: bytes
    tokens: Sequence[bytes] = ()
