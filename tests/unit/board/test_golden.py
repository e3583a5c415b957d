"""The golden stories, which the browser's fold is held to as well."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from threenos_server.board.delta import Asked, delta_of
from threenos_server.board.model import fold, public
from threenos_wire.live import Delta, Snapshot

STORIES = sorted((Path(__file__).parents[2] / "golden" / "board").glob("*.json"))
DAWN = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)


@pytest.fixture(params=STORIES, ids=lambda path: path.stem)
def story(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.param.read_text("utf-8"))
    return found


def written(row: dict[str, Any]) -> Any:
    instants = {k: datetime.fromisoformat(row[k]) for k in ("at", "occurred_at")}
    return SimpleNamespace(seq=row["seq"], kind=row["kind"], body={"then": row["then"]}, **instants)


def asked(story: dict[str, Any]) -> tuple[Asked, Callable[[dict[str, Any]], None]]:
    """What is asked while the story is told, and how its rows become known to that."""
    known: dict[str, Any] = {}

    def learn(row: dict[str, Any]) -> None:
        for name, patch in row["then"].get("complaints", {}).items():
            known[name] = known.get(name, {}) | public(patch)

    return Asked(known.get, lambda at: DAWN <= at < DAWN + timedelta(days=1), story["line"]), learn


def test_there_are_enough_stories() -> None:
    """One for each thing that a board can be told."""
    names = {path.stem for path in STORIES}
    assert names >= {"reject", "repeat", "stop-with-grace", "override", "escalation", "arrival", "drill"}
    assert names >= {"station-silent", "chain-reload", "one-line"}


def test_rows_make_the_deltas_of_the_story(story: dict[str, Any]) -> None:
    """Grouped as the story groups them."""
    questions, learn = asked(story)
    board, rows, deltas = story["board"], list(story["rows"]), []
    for size in story["groups"]:
        taken, rows = rows[:size], rows[size:]
        for row in taken:
            learn(row)
        if delta := delta_of(board, [written(row) for row in taken], questions):
            deltas.append(delta)
            board = fold(board, delta)
    assert deltas == story["deltas"]


def test_deltas_make_the_board_of_the_story(story: dict[str, Any]) -> None:
    """In order, and each again at once: a delta carries full values."""
    assert reduce(fold, story["deltas"], story["board"]) == story["after"]
    assert (
        reduce(lambda board, delta: fold(fold(board, delta), delta), story["deltas"], story["board"]) == story["after"]
    )


def test_all_rows_at_once_make_the_same_board(story: dict[str, Any]) -> None:
    """However many rows one delta stands for."""
    questions, learn = asked(story)
    for row in story["rows"]:
        learn(row)
    delta = delta_of(story["board"], [written(row) for row in story["rows"]], questions)
    assert delta is not None
    after = fold(story["board"], delta)
    told = ("lines", "stations", "complaints", "today")
    assert {k: after[k] for k in told} == {k: story["after"][k] for k in told}


def test_the_stories_have_the_shapes_of_the_wire(story: dict[str, Any]) -> None:
    """Boards and deltas as they are documented, with no key more."""
    for document, shape in [
        (story["board"], Snapshot),
        (story["after"], Snapshot),
        *((d, Delta) for d in story["deltas"]),
    ]:
        typed: Any = msgspec.convert(document, shape)
        assert msgspec.to_builtins(typed) == document


def test_no_story_shows_what_is_private(story: dict[str, Any]) -> None:
    """Notes, photos, lots and answers are in the journal only."""
    told = json.dumps([story["deltas"], story["after"]])
    for private in ("see photo", "sha256:", "worn die", "pallet 7", '"lot"', '"serials"'):
        assert private not in told
