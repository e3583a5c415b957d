"""One site as the herald tells it: its stations and lines, and what changed of them."""

from collections import defaultdict
from collections.abc import Sequence
from time import monotonic
from typing import Any

from sqlalchemy.orm import Session

from threenos_server.board.service import line_now, line_status
from threenos_server.chain.fold import KIND as CHAIN
from threenos_server.chain.model import Chain
from threenos_server.chain.service import current
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.errors import NotFound
from threenos_server.intake.link import Link
from threenos_server.intake.setup import setup_of
from threenos_server.intake.state import late_refusals, state_of
from threenos_server.intake.turns import Turns
from threenos_server.journal import service as journal
from threenos_server.journal.trace import Trace, traces
from threenos_wire.messages import Refusal, to_json
from threenos_wire.topics import Address, Leaf, line_state

#: In a storm of presses a station or a line is told this often; else at once.
PAUSE_S = 0.4
#: Another intake may say late what was true before, and end before it says what is: so all is said once more.
AGAIN_S = 5.0
KEPT_REFUSALS = 20
#: An intake that begins looks for refusals in so many rows, so that it says what the others say.
RECALLED = 2000


class Site:
    """Tells through `link`. `key` makes the three digits that a station shows to a responder."""

    def __init__(self, site: str, link: Link, key: bytes, now: Now) -> None:
        self._site, self._link, self._key, self._now = site, link, key, now
        self._seq = 0
        self._chain: Chain | None = None
        self._stations, self._lines = Turns(PAUSE_S, AGAIN_S), Turns(PAUSE_S, AGAIN_S)
        self._shown: dict[str, dict[str, Any]] = {}
        self._refused: dict[str, list[Refusal]] = defaultdict(list)
        self._refusals_at: list[int] = []
        self._recalled = 0
        self._new_chain = False
        self._all_again_at: float | None = None

    def tell_all(self, session: Session) -> int:
        """Everything retained, for a broker that may have forgotten it; the sequence number it belongs to."""
        self._all_again_at = monotonic() + AGAIN_S
        return self._tell_all(session)

    def _tell_all(self, session: Session) -> int:
        self._seq = journal.head(session, self._site).seq
        self._new_chain = False
        self._recall_refusals(session)
        try:
            self._chain = chain = current(session, self._site)
        except NotFound:
            return self._seq
        for station in chain.stations.values():
            self._publish(station.id, Leaf.SETUP, setup_of(chain, station))
            self._tell_station(session, chain, station.id)
        self._shown.clear()
        for line in chain.lines:
            self._tell_line(session, chain, line)
        return self._seq

    def take(self, rows: Sequence[Trace]) -> None:
        """Note who is concerned by these rows."""
        self._seq = rows[-1].seq
        self._stations.add(r.station for r in rows if r.station)
        self._lines.add(r.line for r in rows if r.line)
        self._refusals_at += [r.seq for r in rows if r.kind == "refused" and r.seq > self._recalled]
        self._new_chain = self._new_chain or any(r.kind == CHAIN for r in rows)

    def tell_due(self, db: Database) -> None:
        """Tell whose turn it is: a line that changed is told to all of its stations."""
        chain, now = self._chain, monotonic()
        lines = self._lines.take(now)
        all_again = self._all_again_at is not None and self._all_again_at <= now
        if not (lines or self._new_chain or all_again or self._stations.waiting(now)):
            return
        with db.read() as session:
            if self._new_chain or chain is None:
                self.tell_all(session)
                return
            if all_again:
                self._all_again_at = None
                self._tell_all(session)
            self._note_refusals(session)
            for line in lines:
                if self._tell_line(session, chain, line):
                    self._stations.add(s.id for s in chain.stations_of(line))
            for station in self._stations.take(now):
                self._tell_station(session, chain, station)

    def _recall_refusals(self, session: Session) -> None:
        """Those of the newest rows, as an intake knows them that has been there for long."""
        self._refused.clear()
        self._recalled = self._seq
        newest = traces(session, self._site, max(0, self._seq - RECALLED), RECALLED)
        self._refusals_at = [r.seq for r in newest if r.kind == "refused"]
        self._note_refusals(session)

    def _note_refusals(self, session: Session) -> None:
        """An event that was accepted and then refused is told in the state: its station no longer has it."""
        seqs, self._refusals_at = self._refusals_at, []
        for station, refusal in late_refusals(session, self._site, seqs):
            told = self._refused[station]
            told.append(refusal)
            del told[:-KEPT_REFUSALS]

    def _tell_station(self, session: Session, chain: Chain, station: str) -> None:
        if station in chain.stations:
            refused = self._refused.get(station, ())
            self._publish(
                station, Leaf.STATE, state_of(session, chain, station, self._seq, self._now(), self._key, refused)
            )

    def _tell_line(self, session: Session, chain: Chain, line: str) -> bool:
        """Publish the line; whether it stands otherwise than before, drills too: that concerns all of its stations."""
        if line not in chain.lines:
            return False
        before, present = self._shown.get(line), line_now(session, self._site, chain, line)
        self._shown[line] = present
        self._link.publish(line_state(self._site, line), to_json(line_status(session, self._site, line)), retain=True)
        return before is not None and before != present

    def _publish(self, station: str, leaf: Leaf, document: object) -> None:
        self._link.publish(Address(self._site, station).topic(leaf), to_json(document), retain=True)
