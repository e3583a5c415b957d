"""What a board is told over Socket.IO (namespace `/board`) and HTTP. Shapes as on the wire, instants as texts.

`lines` and `stations` of a delta are patches: a key that is absent is unchanged. A complaint in a delta is its whole
card, or null when the board lets it go.
"""

from typing import Any, Literal, TypedDict

import msgspec

from threenos_wire.messages import LineState

NAMESPACE = "/board"


class Label(TypedDict):
    """A name in both languages."""

    en: str
    zh: str


class LiveLine(msgspec.Struct, frozen=True):
    """A line as it stands; `processes` are its steps in the order of the chain."""

    id: str
    name: Label
    state: LineState
    since: str | None
    stop_at: str | None
    drill: bool
    first_piece: str | None
    processes: list[str]


class LiveProcess(msgspec.Struct, frozen=True):
    id: str
    name: Label
    kind: Literal["step", "function"]


class LiveLink(msgspec.Struct, frozen=True):
    supplier: str
    customer: str
    relation: str


class LiveStation(msgspec.Struct, frozen=True):
    """`silent_since` is null while the station is heard."""

    id: str
    line: str
    process: str
    name: Label
    silent_since: str | None


class LiveDefect(msgspec.Struct, frozen=True):
    code: str
    name: Label
    severity: str
    pictogram: str | None


class Card(msgspec.Struct, frozen=True):
    """What everybody may see of a complaint: no notes, answers, serial or lot numbers, photos, and no names."""

    id: str
    kind: Literal["reject", "stop", "call", "late-response"]
    state: Literal["open", "acknowledged", "arrived", "contained", "answered", "closed", "withdrawn", "merged"]
    version: int
    round: int
    line: str
    station: str
    customer: str
    supplier: str
    made_at: str | None
    attribution: Literal["suspected", "accepted", "disputed", "confirmed"]
    basis: str
    proposed_made_at: str | None
    passed_by: list[dict[str, Any]]
    stages: int | None
    relation: str | None
    defect: str | None
    severity: str
    qty: float | None
    repeats: int
    presses: int
    part: str | None
    drill: bool
    replay: bool
    occurred_at: str
    received_at: str
    acknowledged_at: str | None
    arrived_at: str | None
    contained_at: str | None
    answered_at: str | None
    closed_at: str | None
    acknowledged_role: str | None
    round_started_at: str
    due: dict[str, str]
    ladder: list[dict[str, Any]]
    level: int
    late: list[str]
    stop: dict[str, Any] | None
    containment: dict[str, Any] | None
    disposition: list[dict[str, Any]]
    rating: int | None
    decline_reason: str | None
    withdraw_reason: str | None
    reopen_reason: str | None
    merged_into: str | None
    about: dict[str, Any] | None
    names: dict[str, Label]
    chain: int


class Today(msgspec.Struct, frozen=True):
    """Of the local day, without drills and what was withdrawn."""

    rejects: int
    stops: int
    catches: int
    calls: int


class Snapshot(msgspec.Struct, frozen=True):
    """The whole board at one `seq` of the site's journal. `complaints` are those not over, in order of id."""

    v: int
    site: str
    seq: int
    at: str
    chain: int
    lines: list[LiveLine]
    processes: list[LiveProcess]
    links: list[LiveLink]
    stations: list[LiveStation]
    defects: list[LiveDefect]
    complaints: list[Card]
    today: Today


class LinePatch(TypedDict, total=False):
    state: LineState
    since: str | None
    stop_at: str | None
    drill: bool
    first_piece: str | None


class StationPatch(TypedDict, total=False):
    silent_since: str | None


class Delta(msgspec.Struct, frozen=True, omit_defaults=True):
    """What changed after `prev`, the seq that this connection was told last, until `seq`; everything committed.

    It may stand for several journal rows; `kind` is that of the last. `reload`: the chain has changed, ask
    `resume {"after": 0}` for a snapshot.
    """

    prev: int
    seq: int
    at: str
    kind: str
    lines: dict[str, LinePatch]
    stations: dict[str, StationPatch]
    complaints: dict[str, Card | None]
    today: Today | msgspec.UnsetType = msgspec.UNSET
    reload: bool = False


class Tick(msgspec.Struct, frozen=True, omit_defaults=True):
    """Each second: `seq` is that of the last delta or snapshot sent on this connection, `at` the server's clock.

    `deaf`: no intake hears the stations just now; the board shows what was, and has to say so.
    """

    seq: int
    at: str
    deaf: bool = False


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From the client: send what follows `after`, or a fresh snapshot (always so for 0)."""

    after: int
