"""What journal rows change of a board. Pure: what it cannot know is asked of functions that are handed in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from threenos_server.board.model import GONE, Board, Card, Delta, patched, whole
from threenos_server.board.today import Count, Tally, of_catches, of_complaint
from threenos_wire.instants import format_instant


class Written(Protocol):
    """What is needed of a journal row."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What the board itself does not say.

    `recall` gives the card of a complaint that is not on it (of another line, or reopened), `is_today` says whether
    an instant lies in the local day that it counts, `line` is the only line that it shows (None: all).
    """

    recall: Callable[[str], Card | None]
    is_today: Callable[[datetime], bool]
    line: str | None = None


def delta_of(board: Board, rows: Sequence[Written], asked: Asked) -> Delta | None:
    """What `rows`, which follow the board's seq, change of it; None when nothing that it shows.

    Its `kind` is that of the last row that changed something. Raises LookupError for a patch of a complaint that
    nobody opened.
    """
    change = _Change(board, asked)
    for row in rows:
        change.take(row)
    return change.delta(rows[-1]) if rows else None


@dataclass(slots=True)
class _Change:
    """What the rows taken so far have changed of the board."""

    board: Board
    asked: Asked
    kind: str | None = None
    cards: dict[str, Card] = field(default_factory=dict)
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    stations: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: Tally = field(default_factory=dict)
    reload: bool = False
    _shown: dict[str, Card] = field(init=False)
    _silenced: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._shown = {card["id"]: card for card in self.board["complaints"]}
        self._silenced = frozenset(station["id"] for station in self.board["stations"])

    def take(self, row: Written) -> None:
        then = row.body.get("then", {})
        for complaint, patch in then.get("complaints", {}).items():
            self._complaint(row.kind, complaint, patch)
        for line, patch in then.get("lines", {}).items():
            if self._mine(line):
                self._patch(row.kind, self.lines, line, patch)
        for station, patch in then.get("stations", {}).items():
            if station in self._silenced:
                self._patch(row.kind, self.stations, station, patch)
        catches = [c for c in then.get("catches", ()) if self._mine(c["line"])]
        self._count(row.kind, of_catches(catches, row.occurred_at))
        if "chain" in then:
            self.kind, self.reload = row.kind, True

    def delta(self, last: Written) -> Delta | None:
        mine = {complaint: card for complaint, card in self.cards.items() if self._mine(card["line"])}
        cards = {
            complaint: None if card["state"] in GONE else card
            for complaint, card in mine.items()
            if complaint in self._shown or card["state"] not in GONE
        }
        if not (cards or self.lines or self.stations or self.counts or self.reload):
            return None
        delta: Delta = {"prev": self.board["seq"], "seq": last.seq, "at": format_instant(last.at), "kind": self.kind}
        delta |= {"lines": self.lines, "stations": self.stations, "complaints": cards}
        if self.counts:
            today = self.board["today"]
            delta["today"] = {name: count + self.counts.get(name, 0) for name, count in today.items()}
        return delta | {"reload": True} if self.reload else delta

    def _mine(self, line: str) -> bool:
        return self.asked.line is None or self.asked.line == line

    def _complaint(self, kind: str, complaint: str, patch: Mapping[str, Any]) -> None:
        before = self.cards.get(complaint) or self._shown.get(complaint)
        if before is None and not whole(patch):
            before = self.asked.recall(complaint)
        after = self.cards[complaint] = patched(before, complaint, patch)
        if self._mine(after["line"]):
            self.kind = kind
            self._count(kind, of_complaint(before, after))

    def _patch(self, kind: str, places: dict[str, dict[str, Any]], place: str, patch: Mapping[str, Any]) -> None:
        self.kind = kind
        places[place] = places.get(place, {}) | dict(patch)

    def _count(self, kind: str, counts: Iterable[Count]) -> None:
        for name, at, by in counts:
            if self.asked.is_today(at):
                self.kind = kind
                self.counts[name] = self.counts.get(name, 0) + by
