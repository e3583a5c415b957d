"""One station of the agent: takes presses, stands behind its link, and knows what its tablet shows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from threenos_station import __version__
from threenos_station.connection import Identity
from threenos_station.document import Document, Heard, LinkProblem, LinkState, Parked, Waiting
from threenos_station.feed import Feed
from threenos_station.kept import Kept
from threenos_station.link import Link, Speaker, Status
from threenos_station.outbox import Outbox, Refusal, Row, new_boot
from threenos_station.press import compose
from threenos_station.settings import Server, StationEntry
from threenos_station.ticks import Clock, Tick, age_ms
from threenos_wire.ids import canonical_id
from threenos_wire.instants import format_instant, parse_instant
from threenos_wire.topics import Address, Leaf

#: So many of the last presses are in the document.
RECENT = 20


class Answer(msgspec.Struct, frozen=True):
    """An ack as on the wire, but open to reasons that a newer server may give."""

    accepted: list[str] = []
    refused: list[Refusal] = []


_answer = msgspec.json.Decoder(Answer)


class Station:
    """The link's desk on one side, the page, buttons and lamps on the other."""

    def __init__(self, entry: StationEntry, server: Server, outbox: Outbox, kept: Kept, clock: Clock) -> None:
        self.id = entry.id
        self.boot = new_boot()
        self.feed = Feed()
        self._outbox, self._kept, self._clock = outbox, kept, clock
        self._site = entry.site
        self._status = Status(False, False, clock.wall(), None)
        self._beat: tuple[datetime, Tick] | None = None
        identity = Identity(entry.username or entry.id, entry.password, entry.cert, entry.key)
        speaker = Speaker(Address(entry.site, entry.id), identity, self.boot, __version__)
        self.link = Link(speaker, server, self, clock)

    def press(self, fields: Mapping[str, Any]) -> str:
        """Save a press and return its id; it is on the disk by then. BadPress, IdReused or NotSaved say why not."""
        press = compose(fields, self._clock)
        if self._outbox.append(self.id, self.boot, press):
            self.link.wake()
            self.feed.changed()
        return press.id

    def document(self) -> Document:
        """What the tablet draws, as it stands now."""
        status, depth = self._status, self._outbox.depth(self.id)
        problem = status.problem
        return Document(
            station=self.id,
            server=Heard(status.heard, format_instant(status.since), self._server_now() if status.heard else None),
            link=LinkState(status.connected, LinkProblem(problem.code, problem.detail) if problem else None),
            setup=self._raw(Leaf.SETUP),
            state=self._raw(Leaf.STATE),
            outbox=Waiting(depth.waiting, depth.oldest_at),
            parked=[Parked(r.id, r.kind, r.at, r.reason or "", r.detail or "") for r in self._outbox.parked(self.id)],
            presses=self._outbox.recent(self.id, RECENT),
        )

    def _server_now(self) -> str | None:
        """The server's clock: its last beat, and how long ago that came. Deadlines are the server's."""
        if self._beat is None:
            return None
        at, tick = self._beat
        age = age_ms(tick, self._clock.tick())
        return None if age is None else format_instant(at + timedelta(milliseconds=age))

    def setup_name(self, of: str) -> dict[str, str]:
        """What the chain calls the `station`, `line` or `process` of this station, by language; empty when unknown."""
        payload = self._kept.document(self.id, Leaf.SETUP)
        named = (msgspec.json.decode(payload).get(of) or {}) if payload else {}
        return {k: str(v) for k, v in (named.get("name") or {}).items() if v}

    def _raw(self, leaf: Leaf) -> msgspec.Raw | None:
        payload = self._kept.document(self.id, leaf)
        return None if payload is None else msgspec.Raw(payload)

    def outbox_changed_outside(self) -> None:
        """Another process pressed, or let a parked event wait again."""
        self.link.look_again()
        self.feed.changed()

    # What the link asks of its desk.

    def waiting(self, after: int, limit: int) -> list[Row]:
        return self._outbox.waiting(self.id, after, limit)

    def one(self, n: int) -> Row | None:
        return self._outbox.one(n)

    def outbox_depth(self) -> int:
        return self._outbox.depth(self.id).waiting

    def park(self, refusals: list[Refusal]) -> None:
        self._outbox.refused(self.id, refusals)
        self.feed.changed()

    def beat(self, payload: bytes) -> str:
        beat = self._kept.witness(self._site, payload)
        self._beat = (parse_instant(beat.at), self._clock.tick())
        return beat.intake

    def link_changed(self, status: Status) -> None:
        self._status = status
        self.feed.changed()

    def received(self, leaf: Leaf, payload: bytes) -> list[str]:
        if leaf is Leaf.ACK:
            return self._answered(_answer.decode(payload))
        self._kept.keep(self.id, leaf, payload)
        self.feed.changed()
        return []

    def _answered(self, answer: Answer) -> list[str]:
        accepted = [known for event_id in answer.accepted if (known := canonical_id(event_id))]
        if accepted:
            self._outbox.accepted(self.id, accepted)
        refused = [Refusal(canonical_id(r.id) if r.id else None, r.reason, r.detail) for r in answer.refused]
        if refused:
            self._outbox.refused(self.id, refused)
        self.feed.changed()
        return accepted + [r.id for r in refused if r.id is not None]
