"""The board as a value: the snapshot document, a complaint's public card, and the fold of a delta. Pure.

A delta carries full values only, so applying one twice, or one that reaches further back than needed, does no harm.
The same golden stories (`tests/golden/board`) hold this fold and the browser's to the same boards.
"""

from collections.abc import Mapping
from typing import Any

Board = dict[str, Any]
"""The `snapshot` document."""
Delta = dict[str, Any]
"""The `delta` document; its `prev` is the seq of the board that it was made for."""
Card = dict[str, Any]
"""What everybody may see of a complaint."""

#: Nothing more is expected of anybody, so the board lets the complaint go.
GONE = frozenset({"closed", "withdrawn", "merged"})
PRIVATE = frozenset({"note", "serials", "photos", "lot", "answer"})
_CONTAINMENT = ("where",)
_DISPOSITION = ("decision", "qty")


def public(document: Mapping[str, Any]) -> Card:
    """What everybody may see of a complaint document, or of a patch of one: no texts or names, no serial numbers."""
    shown = {k: v for k, v in document.items() if k not in PRIVATE}
    if shown.get("containment"):
        shown["containment"] = {k: shown["containment"].get(k) for k in _CONTAINMENT}
    if shown.get("disposition"):
        shown["disposition"] = [{k: d.get(k) for k in _DISPOSITION} for d in shown["disposition"]]
    return shown


def whole(patch: Mapping[str, Any]) -> bool:
    """Whether it is a first patch, which has all fields."""
    return "kind" in patch and "occurred_at" in patch


def patched(card: Card | None, complaint: str, patch: Mapping[str, Any]) -> Card:
    """The card with a patch; raises LookupError for a patch of a complaint that nobody opened."""
    if card is None and not whole(patch):
        raise LookupError(f"a patch for complaint {complaint}, which no journal row has opened")
    return (card or {}) | public(patch)


def fold(board: Board, delta: Delta) -> Board:
    """The board after a delta. Lines and stations that it does not have are left out; complaints are in order of id."""
    return board | {
        "seq": delta["seq"],
        "at": delta["at"],
        "lines": _patched_all(board["lines"], delta["lines"]),
        "stations": _patched_all(board["stations"], delta["stations"]),
        "complaints": _cards(board["complaints"], delta["complaints"]),
        "today": delta.get("today", board["today"]),
    }


def _patched_all(places: list[dict[str, Any]], patches: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [place | dict(patches.get(place["id"], {})) for place in places]


def _cards(cards: list[Card], changed: Mapping[str, Card | None]) -> list[Card]:
    left = {card["id"]: card for card in cards} | dict(changed)
    return [card for _, card in sorted(left.items()) if card is not None]
