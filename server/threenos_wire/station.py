"""What a station is told and keeps (retained): its `setup` and its `state`. Shapes as they stand on the topic."""

from typing import Any, Literal, TypedDict

import msgspec

from threenos_wire.live import Card, Label
from threenos_wire.messages import LineState, Refusal


class Named(TypedDict):
    """A thing of the chain: its id and its name in both languages."""

    id: str
    name: Label


class NamedLine(Named):
    """`grace_s`: so many seconds a line goes on after a stop, 0 when it stops at once."""

    grace_s: int


class Tile(TypedDict):
    """A defect that can be picked; `origin` is the process that makes it."""

    code: str
    name: Label
    severity: Literal["minor", "major", "critical"]
    origin: str
    pictogram: str | None


class Setup(msgspec.Struct, frozen=True):
    """What the station shows, from its site's chain of that version; the likeliest first.

    `suppliers` hand on to its process, `upstream` are all before those, `calls` the functions that may be called.
    `standards` are the seconds of each clock by kind of press.
    """

    v: int
    chain: int
    site: Named
    station: Named
    line: NamedLine
    process: Named
    suppliers: list[Named]
    upstream: list[Named]
    customers: list[Named]
    defects: list[Tile]
    own_defects: list[Tile]
    calls: list[Named]
    standards: dict[str, dict[str, int]]


class StationLine(msgspec.Struct, frozen=True):
    """The line that the station belongs to, as it stands."""

    id: str
    name: Label
    state: LineState
    since: str | None
    stop_at: str | None
    drill: bool
    first_piece: str | None


class StationCard(Card, frozen=True, kw_only=True):
    """A complaint as its own station sees it: `code` are the three digits for the responder's phone."""

    code: str
    answer: dict[str, Any] | None


class State(msgspec.Struct, frozen=True):
    """What the station draws at the server's instant `at`, at the site's journal row `seq`.

    `complaints` are its newest that are not over, `more` says how many others there are; `refused` what was accepted
    first and could not take effect later.
    """

    v: int
    at: str
    seq: int
    line: StationLine
    complaints: list[StationCard]
    more: int
    refused: list[Refusal]
