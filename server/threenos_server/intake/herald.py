"""What the stations are told: their state and setup (retained), the line's state, and each 2 s that they are heard.

It follows the journal as a board does, so a tablet can be told nothing that is not committed.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any

import structlog
from sqlalchemy.orm import Session

from threenos_server import api, beats
from threenos_server.board import fold as board
from threenos_server.board.service import line_status
from threenos_server.chain.model import Chain
from threenos_server.chain.service import current
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.errors import NotFound
from threenos_server.intake.link import Link
from threenos_server.intake.setup import setup_of
from threenos_server.intake.state import state_of
from threenos_server.intake.touched import Touched, Turns
from threenos_server.journal import service as journal
from threenos_server.journal.follow import follow
from threenos_server.journal.model import Row
from threenos_wire.events import Reason
from threenos_wire.instants import format_instant
from threenos_wire.messages import Refusal, ServerBeat, to_json
from threenos_wire.topics import Address, Leaf, line_state, server_beat

BEAT_S = 2.0
LOOK_S = 0.1
SITES_EVERY_S = 1.0
AGAIN_S = 1.0
#: A station in a storm of presses is told this often; an idle one at once.
PAUSE_S = 0.25
KEPT_REFUSALS = 20

log = structlog.get_logger("intake.herald")


class Herald:
    """One thread of the intake. `alive` says whether the receiver is, so that no beat is sent for a deaf one."""

    def __init__(self, db: Database, keys: api.Keys, link: Link, alive: Callable[[], bool], now: Now) -> None:
        self._db, self._keys, self._link, self._alive, self._now = db, keys, link, alive, now
        self._beat_at = 0.0
        self._refused: dict[str, list[Refusal]] = defaultdict(list)

    def run(self, stop: threading.Event) -> None:
        """Tell until `stop`; after a fault, or on a new connection, everything is told afresh."""
        while not stop.is_set():
            try:
                self._tell_sites(stop)
            except Exception:
                log.exception("herald begins again")
                stop.wait(AGAIN_S)

    def _tell_sites(self, stop: threading.Event) -> None:
        """Tell all there is, then what changes, until there is a new site or connection."""
        connects, looked_at = self._link.connects, monotonic()
        with self._db.read() as session:
            sites = {site: _Site(self, site) for site in journal.sites(session)}
            seqs = {name: site.tell_all(session) for name, site in sites.items()}
        for rows in follow(self._db, seqs, stop, beat_s=LOOK_S):
            if rows:
                self._note_refusals(rows)
                sites[rows[0].site].take(rows)
            for site in sites.values():
                site.tell_due()
            self._beat(seqs)
            if monotonic() - looked_at > SITES_EVERY_S:
                looked_at = monotonic()
                if self._link.connects != connects or self._new_site(seqs):
                    return

    def _new_site(self, known: Iterable[str]) -> bool:
        with self._db.read() as session:
            return set(journal.sites(session)) != set(known)

    def _note_refusals(self, rows: Iterable[Row]) -> None:
        """An event that was accepted and then refused is told in the state: its station no longer has it."""
        for row in rows:
            if row.kind == "refused" and row.event_id is None and row.station:
                body: dict[str, Any] = row.body
                told = self._refused[row.station]
                told.append(Refusal(body.get("of"), Reason(body["reason"]), body.get("detail") or ""))
                del told[:-KEPT_REFUSALS]

    def _beat(self, sites: Iterable[str]) -> None:
        """Say that the sites are heard, with the heads of their journals; silence when the receiver is not alive."""
        if monotonic() - self._beat_at < BEAT_S or not self._alive():
            return
        self._beat_at, at = monotonic(), self._now()
        with self._db.write() as session:
            beats.beat(session, "intake", at)
            heads = {site: journal.head(session, site) for site in sites}
        for site, head in heads.items():
            beat = ServerBeat(format_instant(at), head.seq, head.hash)
            self._link.publish(server_beat(site), to_json(beat), retain=True)


class _Site:
    """One site's stations and lines, and whose turn it is to be told."""

    def __init__(self, herald: Herald, site: str) -> None:
        self._h, self._site, self._seq = herald, site, 0
        self._stations, self._lines = Turns(PAUSE_S), Turns(PAUSE_S)
        self._chain: Chain | None = None

    def tell_all(self, session: Session) -> int:
        """Everything retained, for a broker that may have forgotten it; the sequence number it belongs to."""
        self._seq = journal.head(session, self._site).seq
        try:
            self._chain = chain = current(session, self._site)
        except NotFound:
            return self._seq
        for station in chain.stations.values():
            address = Address(self._site, station.id)
            self._h._link.publish(address.topic(Leaf.SETUP), to_json(setup_of(chain, station)), retain=True)
            self._tell_station(session, chain, station.id)
        for line in chain.lines:
            self._tell_line(session, line)
        return self._seq

    def take(self, rows: Sequence[Row]) -> None:
        """Note who is to be told of these rows: a line's change concerns all of its stations."""
        self._seq = rows[-1].seq
        touched = Touched()
        touched.take(rows)
        with self._h._db.read() as session:
            if touched.chain or self._chain is None:
                self.tell_all(session)
                return
            cards = board.cards(session, self._site, touched.complaints).values()
        self._lines.add({card["line"] for card in cards} | touched.lines)
        self._stations.add({card["station"] for card in cards} | touched.stations)
        self._stations.add(s.id for s in self._chain.stations.values() if s.line in touched.lines)

    def tell_due(self) -> None:
        chain = self._chain
        if chain is None or not (self._stations.waiting or self._lines.waiting):
            return
        with self._h._db.read() as session:
            self._seq = journal.head(session, self._site).seq
            self._lines.tell(monotonic(), lambda line: self._tell_line(session, line))
            self._stations.tell(monotonic(), lambda station: self._tell_station(session, chain, station))

    def _tell_station(self, session: Session, chain: Chain, station: str) -> None:
        if station not in chain.stations:
            return
        h = self._h
        refused = h._refused.get(station, [])
        document = state_of(session, chain, station, self._seq, h._now(), h._keys.arrival, refused)
        h._link.publish(Address(self._site, station).topic(Leaf.STATE), to_json(document), retain=True)

    def _tell_line(self, session: Session, line: str) -> None:
        status = line_status(session, self._site, line)
        self._h._link.publish(line_state(self._site, line), to_json(status), retain=True)
