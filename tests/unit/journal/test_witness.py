"""What a witness file says."""

import pytest

from threenos_server.errors import Invalid
from threenos_server.journal.witness import read_witnesses

HASH = "ab" * 32


def _line(seq: int, site: str = "plant") -> bytes:
    return f'{{"site":"{site}","seq":{seq},"hash":"{HASH}","at":"2026-11-22T02:00:00.000Z"}}\n'.encode()


def test_heads_are_read_by_site() -> None:
    """Empty lines and the empty journal's head say nothing."""
    seen = read_witnesses([_line(3), b"\n", _line(9), _line(4, "other"), _line(0)])
    assert {site: [(w.seq, w.hash) for w in heads] for site, heads in seen.items()} == {
        "plant": [(3, HASH), (9, HASH)],
        "other": [(4, HASH)],
    }


def test_lines_that_are_none_are_named() -> None:
    """Each with its number, and all of them."""
    with pytest.raises(Invalid) as refused:
        short = b'{"site":"plant","seq":1,"hash":"short","at":""}'
        read_witnesses([_line(3), b"not json", short, _line(1).replace(b"2026-", b"")])
    assert [fault.where for fault in refused.value.faults] == ["line 2", "line 3", "line 4"]
