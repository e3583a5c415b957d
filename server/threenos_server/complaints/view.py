"""The plant as a decision sees it: the chain and, of what is stored, the part that a batch of events can touch.

`merge` takes over the `then` of a decision just as the fold does, so that the next event of a batch sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from threenos_server.chain.model import Chain
from threenos_server.complaints.model import Complaint, opened, patched
from threenos_server.complaints.order import Boot
from threenos_wire.messages import LineState


class Press(msgspec.Struct, frozen=True):
    """One press: the complaint that it opened or added to."""

    complaint: str
    qty: float | None = None
    withdrawn: bool = False


class LineNow(msgspec.Struct, frozen=True):
    """A line as it stands; a line that nothing was ever said of runs. Instants are texts."""

    state: LineState = LineState.RUNNING
    since: str | None = None
    stop_at: str | None = None
    drill: bool = False
    first_piece: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An accepted event that takes effect when what it waits for has come. `event` is as journalled, without a PIN."""

    id: str
    complaint: str
    station: str
    boot: str
    seq: int
    event: Mapping[str, Any]
    roles: tuple[str, ...]
    occurred_at: datetime
    received_at: datetime
    actor: str | None


@dataclass(slots=True)
class Plant:
    """Whoever loads it says which complaints, presses and lines can matter.

    `stored` are the complaints as they were read, `stops` the live ones of each line.
    """

    chain: Chain
    complaints: dict[str, Complaint] = field(default_factory=dict)
    stored: dict[str, tuple[int, Complaint]] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    lines: dict[str, LineNow] = field(default_factory=dict)
    stops: dict[str, dict[str, Complaint]] = field(default_factory=dict)
    boots: dict[tuple[str, str], Boot] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)

    def line(self, line: str) -> LineNow:
        return self.lines.get(line, _RUNNING)

    def find(self, named: str) -> Complaint | None:
        """The complaint of that id, or the one to which the press of that id, or a merge, leads."""
        press = self.presses.get(named)
        found = self.complaints.get(press.complaint if press else named)
        while found is not None and found.merged_into is not None:
            found = self.complaints.get(found.merged_into)
        return found

    def repeated(self, key: str) -> Complaint | None:
        """The complaint, not yet contained, that a press with this key adds to."""
        named = self.by_key.get(key)
        found = self.complaints.get(named) if named else None
        return found if found is not None and found.uncontained and found.merge_key == key else None

    def take(self, stored: Mapping[str, tuple[int, Complaint]]) -> None:
        """Know these complaints as they are stored, each with the row that opened it."""
        self.stored.update(stored)
        for _, complaint in stored.values():
            self._keep(complaint)

    def merge(self, then: Mapping[str, Any]) -> None:
        """Take over what was decided."""
        for named, patch in then.get("complaints", _NONE).items():
            known = self.complaints.get(named)
            self._keep(patched(known, patch) if known is not None else opened(patch))
        for named, patch in then.get("presses", _NONE).items():
            known_press = self.presses.get(named)
            self.presses[named] = msgspec.structs.replace(known_press, **patch) if known_press else Press(**patch)
        for named, patch in then.get("lines", _NONE).items():
            self.lines[named] = msgspec.structs.replace(self.line(named), **patch)
        for named, waiting in then.get("waiting", _NONE).items():
            if waiting is None:
                self.waiting.pop(named, None)

    def _keep(self, complaint: Complaint) -> None:
        named = complaint.id
        self.complaints[named] = complaint
        if complaint.uncontained and named != self.by_key.get(key := complaint.merge_key):
            self._index(key, complaint)
        if complaint.stop is not None:
            stops = self.stops.setdefault(complaint.line, {})
            if complaint.stop["until"] is None:
                stops[named] = complaint
            else:
                stops.pop(named, None)

    def _index(self, key: str, complaint: Complaint) -> None:
        """Of several that a press could add to (a detail made them alike) the oldest, however they came to be known."""
        other = self.repeated(key)
        if other is None or (complaint.received_at, complaint.id) < (other.received_at, other.id):
            self.by_key[key] = complaint.id


_RUNNING = LineNow()
_NONE: dict[str, Any] = {}
