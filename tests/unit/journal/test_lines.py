"""Rows as lines, there and back, to the letter."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.journal.chained import stored

from threenos_server.errors import Invalid, NotFound
from threenos_server.journal.lines import line_of, read, row_of
from threenos_server.journal.model import Head, walk

TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=8)
MS = st.integers(0, 4_102_444_800_000)


@settings(max_examples=25)
@given(st.lists(TEXT, min_size=5, max_size=5), MS, MS)
def test_a_row_comes_back_as_it_was(some: list[str | None], at: int, occurred_at: int) -> None:
    """Also a body that no encoder of today would write so: the hash is of the text, not of what it means."""
    names = ("line", "station", "complaint", "actor", "event_id")
    said = dict(zip(names, some, strict=True))
    row = stored(1, '{"b": 1.0,  "a":[1e3, "\\u00e9", -0]}', at=at, occurred_at=occurred_at, **said)
    again = row_of(line_of(row))
    assert again == row
    assert walk([again]) == Head(1, row[-1])


def test_a_line_that_was_not_written_to_its_end_is_none(tmp_path: Path) -> None:
    """The power went just then; the ones before it count."""
    first = stored(1, "{}")
    second = stored(2, "{}", first[-1])
    path = tmp_path / "x.jsonl"
    path.write_bytes(line_of(first) + line_of(second)[:-1])
    assert list(read(path)) == [first]


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    """With its number; a file that is not there is one as well."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(line_of(stored(1, "{}")) + b'{"site": "plant"}\n')
    with pytest.raises(Invalid) as refused:
        list(read(path))
    assert refused.value.faults[0].where == "line 2"
    with pytest.raises(NotFound, match="none"):
        list(read(tmp_path / "none"))
