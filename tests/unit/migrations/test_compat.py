"""Which programs work on which tables."""

import pytest

from threenos_server.migrations.compat import Step, oldest, why_not

KNOWN = ("a", "b", "c")


def steps(*works_with: str) -> list[Step]:
    """Revisions a, b, c … with what each works with."""
    return [Step("abcdef"[place], with_) for place, with_ in enumerate(works_with)]


@pytest.mark.parametrize(
    ("works_with", "found"),
    [
        ("a", "a"),
        ("ab", "b"),
        ("aa", "a"),
        ("aaa", "a"),
        ("aab", "b"),
        ("aacc", "c"),
        ("aaca", "c"),
        ("aaba", "b"),
    ],
)
def test_a_program_has_to_work_with_every_step_that_is_newer(works_with: str, found: str) -> None:
    """One step that breaks with the old ones cuts them off, whatever the later ones say."""
    assert oldest(steps(*works_with)) == found


def test_a_step_that_names_no_revision_is_an_error() -> None:
    """It was mistyped, and nobody could keep the promise."""
    with pytest.raises(KeyError):
        oldest(steps("a", "z"))


def test_a_program_works_on_its_own_tables_and_on_newer_ones_that_say_so() -> None:
    """By the oldest revision that stands beside theirs."""
    assert why_not("c", None, KNOWN) is None
    assert why_not("f", "b", KNOWN) is None
    assert why_not("f", "c", KNOWN) is None


@pytest.mark.parametrize("tables", ["b", None])
def test_older_tables_are_told_what_to_do(tables: str | None) -> None:
    """The program needs its own."""
    assert "needs c: `threenos db upgrade`" in (why_not(tables, None, KNOWN) or "")


@pytest.mark.parametrize("works_with", ["e", None])
def test_newer_tables_that_do_not_go_with_it_are_refused_with_the_reason(works_with: str | None) -> None:
    """With both versions, and that there is no way back but a backup."""
    said = why_not("f", works_with, KNOWN) or ""
    assert f"version f, which a newer program made; they work with programs of version {works_with or 'f'}" in said
    assert "this one is of version c" in said
    assert "restore a backup" in said
