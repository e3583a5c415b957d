"""Whose turn it is to be told."""

from threenos_server.intake.turns import Turns


def test_the_first_change_is_told_at_once_and_those_that_follow_together() -> None:
    """At most once in a while each, however much happens."""
    turns = Turns(pause_s=0.4, again_s=5.0)
    turns.add(["b", "a"])
    assert turns.take(10.0) == ["a", "b"]
    turns.add(["a"])
    turns.add(["a"])
    assert turns.waiting(10.1)
    assert turns.take(10.1) == []
    assert turns.take(10.4) == ["a"]
    assert not turns.waiting(10.5)


def test_who_was_told_of_a_change_is_told_once_more() -> None:
    """Once, when it has been quiet; a change before that is told in its own turn and puts it off."""
    turns = Turns(pause_s=0.4, again_s=5.0)
    turns.add(["a"])
    assert turns.take(0.0) == ["a"]
    turns.add(["a"])
    assert turns.take(3.0) == ["a"]
    assert not turns.waiting(5.0)
    assert turns.take(5.0) == []
    assert turns.waiting(8.0)
    assert turns.take(8.0) == ["a"]
    assert not turns.waiting(1000.0)
    assert turns.take(1000.0) == []
