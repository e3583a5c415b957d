"""Cards, and deltas of what nobody opened."""

from types import SimpleNamespace
from typing import Any

import pytest

from threenos_server.board.delta import Asked, delta_of
from threenos_server.board.model import patched, public


def test_a_card_keeps_what_everybody_may_see() -> None:
    """Of the containment where, of a disposition what was decided."""
    document = {
        "id": "c1",
        "note": "x",
        "answer": {"cause_made": "y"},
        "containment": {"what": "pallet", "where": "cage", "qty_bad": 3},
        "disposition": [{"decision": "scrap", "qty": 2, "note": "z", "concession_by": "Wu"}],
    }
    assert public(document) == {
        "id": "c1",
        "containment": {"where": "cage"},
        "disposition": [{"decision": "scrap", "qty": 2}],
    }
    assert public({"containment": None, "disposition": []}) == {"containment": None, "disposition": []}


def test_a_patch_of_what_nobody_opened_is_an_error() -> None:
    """Rather than half a card."""
    with pytest.raises(LookupError, match="c9"):
        patched(None, "c9", {"state": "closed"})
    board: dict[str, Any] = {"seq": 1, "complaints": [], "stations": [], "lines": [], "today": {}}
    row: Any = SimpleNamespace(seq=2, kind="close", body={"then": {"complaints": {"c9": {"state": "closed"}}}})
    with pytest.raises(LookupError, match="c9"):
        delta_of(board, [row], Asked(lambda _: None, lambda _: True))


def test_rows_that_say_nothing_make_no_delta() -> None:
    """So a board is told only what it shows."""
    board: dict[str, Any] = {"seq": 1, "complaints": [], "stations": [], "lines": [], "today": {}}
    row: Any = SimpleNamespace(seq=2, kind="refused", occurred_at=None, body={})
    assert delta_of(board, [row], Asked(lambda _: None, lambda _: True)) is None
    assert delta_of(board, [], Asked(lambda _: None, lambda _: True)) is None
