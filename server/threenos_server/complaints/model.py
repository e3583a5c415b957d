"""The complaint document: everything about one complaint as it stands, the fold of its journal rows. Pure.

Its instants are texts as they stand in the journal (RFC 3339, UTC, milliseconds, Z): written alike, they
compare as texts.
"""

from collections.abc import Mapping
from typing import Any, TypedDict

import msgspec

from threenos_server.chain.model import UNCLASSIFIED, Chain
from threenos_server.complaints.attribution import Attribution, Basis, PassedBy
from threenos_server.complaints.life import OVER, UNCONTAINED, ComplaintKind, State
from threenos_wire.events import Severity

Patch = dict[str, Any]
Names = dict[str, dict[str, str]]

Stop = TypedDict("Stop", {"state": str, "from": str, "until": str | None})
"""`state` is a StopState; the line stops (stopped) at `from` and may run again from `until`."""


class Rung(TypedDict):
    """One step of the ladder: when it is climbed, and whom it tells."""

    level: int
    at: str
    role: str


class About(TypedDict):
    """The missed clock that a late-response is about."""

    complaint: str
    clock: str
    round: int


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """One internal-customer complaint. `made_at` None is "no defect found"; `presses` counts the live ones."""

    id: str
    kind: ComplaintKind
    state: State = State.OPEN
    version: int = 1
    round: int = 1
    line: str
    station: str
    customer: str
    supplier: str = UNCLASSIFIED
    made_at: str | None = UNCLASSIFIED
    attribution: Attribution = Attribution.SUSPECTED
    basis: Basis = Basis.NONE
    proposed_made_at: str | None = None
    passed_by: list[PassedBy] = []
    stages: int | None = None
    relation: str | None = None
    defect: str | None = None
    severity: Severity = Severity.MAJOR
    qty: float | None = None
    repeats: int = 0
    presses: int = 1
    part: str | None = None
    lot: str | None = None
    serials: list[str] = []
    photos: list[str] = []
    note: str | None = None
    drill: bool = False
    replay: bool = False
    occurred_at: str
    received_at: str
    acknowledged_at: str | None = None
    arrived_at: str | None = None
    contained_at: str | None = None
    answered_at: str | None = None
    closed_at: str | None = None
    acknowledged_role: str | None = None
    round_started_at: str
    due: dict[str, str] = {}
    ladder: list[Rung] = []
    level: int = -1
    late: list[str] = []
    stop: Stop | None = None
    containment: dict[str, Any] | None = None
    disposition: list[dict[str, Any]] = []
    answer: dict[str, Any] | None = None
    rating: int | None = None
    decline_reason: str | None = None
    withdraw_reason: str | None = None
    reopen_reason: str | None = None
    merged_into: str | None = None
    about: About | None = None
    names: Names = {}
    chain: int = 0

    @property
    def uncontained(self) -> bool:
        """Whether a second press for the same adds to it."""
        return self.state in UNCONTAINED and self.kind != ComplaintKind.LATE_RESPONSE

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def merge_key(self) -> str:
        """What a second press has in common with the one that it adds to."""
        return merge_key(self.station, self.supplier, self.defect, self.kind, self.drill)


_FIELDS = frozenset(Complaint.__struct_fields__)
_decode = msgspec.json.Decoder(Complaint).decode
#: Keys of inner objects in one order: a rebuild from the journal must write the same text.
_encode = msgspec.json.Encoder(order="deterministic").encode


def patched(complaint: Complaint, patch: Mapping[str, Any]) -> Complaint:
    """The complaint with the fields of a patch, which are full values. Fields that it does not know are left out."""
    if not patch.keys() <= _FIELDS:
        patch = {k: v for k, v in patch.items() if k in _FIELDS}
    return msgspec.structs.replace(complaint, **patch)


def opened(patch: Mapping[str, Any]) -> Complaint:
    """The complaint that a first patch, which has all fields, opens. Raises msgspec.ValidationError."""
    return msgspec.convert(patch, Complaint)


def document(complaint: Complaint) -> Patch:
    """All fields as they stand in a journal row."""
    return msgspec.structs.asdict(complaint)


def to_text(complaint: Complaint) -> str:
    return _encode(complaint).decode()


def from_text(text: str) -> Complaint:
    return _decode(text)


def merge_key(station: str, supplier: str, defect: str | None, kind: str, drill: bool) -> str:
    """One text per station, supplier, defect and kind; drills apart."""
    return f"{station}|{supplier}|{defect or ''}|{kind}{'|drill' if drill else ''}"


_RANK = {Severity.MINOR: 0, Severity.MAJOR: 1, Severity.CRITICAL: 2}


def raised(present: Severity | None, said: Severity | None) -> Severity:
    """The higher of two severities; major when nobody said any. What was once critical stays critical."""
    if present is None or said is None:
        return present or said or Severity.MAJOR
    return present if _RANK[present] >= _RANK[said] else said


def known_defect(chain: Chain, said: str | None) -> str | None:
    """The defect code, or `unclassified` for one that the chain does not have; None when none was said."""
    return said if said is None or said in chain.defects else UNCLASSIFIED


def names(chain: Chain, *, station: str, line: str, customer: str, supplier: str, defect: str | None) -> Names:
    """The names of both sides as they are now, in both languages: a complaint keeps them."""
    shown = {
        "supplier": chain.name_of(supplier).as_dict(),
        "customer": chain.name_of(customer).as_dict(),
        "station": chain.stations[station].name.as_dict()
        if station in chain.stations
        else {"en": station, "zh": station},
        "line": chain.lines[line].name.as_dict() if line in chain.lines else {"en": line, "zh": line},
    }
    if defect is not None:
        shown["defect"] = chain.defect_name(defect).as_dict()
    return shown
