"""The statements that guard the journal."""

import pytest

from threenos_server.journal.guard import role_statements, statements


def test_the_role_keeps_no_right_to_change_the_journal() -> None:
    """The last statement takes it away, after all rights were given."""
    said = role_statements("threenos_app")
    assert said[-1] == "REVOKE UPDATE, DELETE, TRUNCATE ON public.journal FROM threenos_app"
    assert all("journal" not in line for line in said[:-1])


@pytest.mark.parametrize("name", ["", "a b", 'x"; DROP TABLE site; --', "A"])
def test_a_role_is_a_plain_name(name: str) -> None:
    """What could be a statement is refused."""
    with pytest.raises(ValueError, match="plain"):
        role_statements(name)


def test_there_are_statements_for_both_databases_only() -> None:
    """Another database would be unguarded, which nobody should find out later."""
    assert statements("sqlite")
    assert statements("postgresql")
    with pytest.raises(KeyError):
        statements("mysql")
