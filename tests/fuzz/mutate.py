"""Inputs made of good and bad ones: the same seed makes the same inputs, and each costs some microseconds."""

from collections.abc import Iterator, Sequence
from random import Random

#: What breaks readers of text, of JSON, of numbers and of names.
TOKENS: tuple[bytes, ...] = (
    b"\0", b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xef\xbf\xbf", b"\xe2\x80\xa8", b"\n", b"\r",
    b"\t", b" ", b'"', b"'", b"\\", b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"[", b"]", b"{", b"}", b",", b":",
    b"[[[[[[[[", b"]]]]]]]]", b'{"a":', b"null", b"true", b"NaN", b"Infinity", b"-0", b"1e400", b"1e-400", b"-1",
    b"9223372036854775808", b"99999999999999999999999999999999", b"0.1", b"=1+1", b"@", b"../", b"%00", b"%2e%2e/",
    b"<script>", b"&amp;", b"<!--", b"]]>", b"__proto__", b"\xe4\xb8\xad", b"\xf0\x9f\x91\xbb", b"", b"a" * 65,
)  # fmt: skip
#: Longer inputs cost more than they find.
LONGEST = 4096


class Mutator:
    """Makes inputs of `seeds`; `tokens` are the words of the language that they are written in."""

    def __init__(self, seeds: Sequence[bytes], tokens: Sequence[bytes], seed: int) -> None:
        self._seeds = [s for s in seeds if len(s) <= LONGEST]
        self._tokens = (*TOKENS, *tokens)
        self._random = Random(seed)

    def inputs(self, count: int) -> Iterator[bytes]:
        """So many of them."""
        return (self.one() for _ in range(count))

    def below(self, end: int) -> int:
        """A number from 0 on, of the same chance."""
        return self._random.randrange(end)

    def one(self) -> bytes:
        """A seed with one to four edits."""
        draw = self._random.random
        made = self._pick()
        for _ in range(1 + int(4 * draw() * draw())):
            made = self._edit(made, draw())
        return made[:LONGEST]

    def _pick(self) -> bytes:
        return self._seeds[int(self._random.random() * len(self._seeds))]

    def _edit(self, made: bytes, kind: float) -> bytes:
        draw = self._random.random
        n = len(made) + 1
        a = int(draw() * n)
        b = min(len(made), a + int(draw() * draw() * 24))
        if kind < 0.45:
            return made[:a] + self._tokens[int(draw() * len(self._tokens))] + made[b if draw() < 0.5 else a :]
        if kind < 0.6:
            return made[:a] + made[b:]
        if kind < 0.75 and a < len(made):
            return made[:a] + bytes([made[a] ^ 1 << int(draw() * 8)]) + made[a + 1 :]
        if kind < 0.85:
            return made[:b] + made[a:b] * (1 + int(draw() * 8)) + made[b:]
        other = self._pick()
        return made[:a] + other[int(draw() * (len(other) + 1)) :]
