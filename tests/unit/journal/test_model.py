"""The hash chain by itself."""

from threenos_server.journal.model import EMPTY, GENESIS, Break, Head, Stored, row_hash, walk


def _chain(n: int) -> list[Stored]:
    rows: list[Stored] = []
    prev = GENESIS
    for seq in range(1, n + 1):
        hashed = ("plant", seq, seq * 1000, seq * 1000, "reject", "l1", "s1", f"c{seq}", None, f"e{seq}", '{"n":1}')
        digest = row_hash(prev, hashed)
        rows.append((*hashed, prev, digest))
        prev = digest
    return rows


def test_a_chain_that_was_appended_is_whole() -> None:
    """The head after the last row."""
    rows = _chain(5)
    assert walk(rows) == Head(5, rows[-1][-1])
    assert walk([]) == EMPTY


def test_a_chain_may_be_followed_in_pieces() -> None:
    """The head after one piece is where the next begins."""
    rows = _chain(5)
    first = walk(rows[:3])
    assert isinstance(first, Head)
    assert walk(rows[3:], first) == walk(rows)


def test_no_two_rows_read_alike() -> None:
    """Lengths stand before the values, so that text cannot move from one column into the next."""
    assert row_hash(GENESIS, ("ab", "c")) != row_hash(GENESIS, ("a", "bc"))
    assert row_hash(GENESIS, ("a|1:b",)) != row_hash(GENESIS, ("a", "b"))
    assert row_hash(GENESIS, (None,)) != row_hash(GENESIS, ("~",))


def test_every_changed_column_is_named_at_its_row() -> None:
    """Whichever column of whichever row is changed, that row is named."""
    rows = _chain(4)
    for i, row in enumerate(rows):
        for column in range(2, len(row)):
            changed = (*row[:column], "x", *row[column + 1 :])
            found = walk([*rows[:i], changed, *rows[i + 1 :]])
            assert isinstance(found, Break), (i, column)
            assert found.seq == i + 1, (i, column)


def test_a_missing_row_is_named() -> None:
    """By the number that it had."""
    rows = _chain(4)
    found = walk([rows[0], *rows[2:]])
    assert found == Break(2, "row 2 is missing: after 1 comes 3")


def test_a_row_before_the_first_is_named() -> None:
    """Numbers that no append gives are found too."""
    rows = _chain(2)
    stray = ("plant", 0, *rows[0][2:])
    assert walk([stray, *rows]) == Break(0, "row 0 was never written by an append")


def test_a_number_that_is_none_is_named() -> None:
    """SQLite keeps a text in a number's column when it is put there."""
    rows = _chain(2)
    found = walk([rows[0], ("plant", "x", *rows[1][2:])])
    assert isinstance(found, Break)
    assert found.seq == 2


def test_swapped_rows_are_named() -> None:
    """Rows that took each other's number do not carry the right hash."""
    rows = _chain(4)
    second, third = ("plant", 3, *rows[1][2:]), ("plant", 2, *rows[2][2:])
    found = walk([rows[0], third, second, rows[3]])
    assert isinstance(found, Break)
    assert found.seq == 2
