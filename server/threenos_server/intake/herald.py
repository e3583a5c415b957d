"""What the stations are told: their state and setup (retained), the line's state, and each 2 s that they are heard.

It follows the journal as a board does, so a tablet can be told nothing that is not committed.
"""

import threading
from collections.abc import Callable, Iterable
from time import monotonic

import structlog

from threenos_server import api, beats
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.intake.link import Link
from threenos_server.intake.site import Site
from threenos_server.intake.tally import Tally
from threenos_server.journal import service as journal
from threenos_server.journal.follow import follow_by
from threenos_server.journal.trace import traces
from threenos_wire.instants import format_instant
from threenos_wire.messages import ServerBeat, to_json
from threenos_wire.topics import server_beat

BEAT_S = 2.0
LOOK_S = 0.1
#: What is committed within this time is told together.
GATHER_S = 0.02
SITES_EVERY_S = 1.0
AGAIN_S = 1.0

log = structlog.get_logger("intake.herald")


class Herald:
    """One thread of the intake. `alive` says whether the receiver is, so that no beat is sent for a deaf one.

    `tally` is what the receiver counts, which goes with the beat.
    """

    def __init__(
        self, db: Database, keys: api.Keys, link: Link, alive: Callable[[], bool], now: Now, tally: Tally
    ) -> None:
        self._db, self._keys, self._link, self._alive, self._now, self._tally = db, keys, link, alive, now, tally
        self._beat_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Tell until `stop`; after a fault, or on a new connection, everything is told afresh."""
        while not stop.is_set():
            try:
                self._tell_sites(stop)
            except Exception:  # gives up what it knew; everything is told afresh
                log.exception("herald begins again")
                stop.wait(AGAIN_S)

    def _tell_sites(self, stop: threading.Event) -> None:
        """Tell all there is, then what changes, until there is a new site or connection."""
        connects, looked_at = self._link.connects, monotonic()
        with self._db.read() as session:
            sites = {site: Site(site, self._link, self._keys.arrival, self._now) for site in journal.sites(session)}
            seqs = {name: site.tell_all(session) for name, site in sites.items()}
        for rows in follow_by(traces, self._db, seqs, stop, beat_s=LOOK_S):
            if rows:
                sites[rows[0].site].take(rows)
                stop.wait(GATHER_S)
            for site in sites.values():
                site.tell_due(self._db)
            self._beat(seqs)
            if monotonic() - looked_at > SITES_EVERY_S:
                looked_at = monotonic()
                if self._link.connects != connects or self._new_site(seqs):
                    return

    def _new_site(self, known: Iterable[str]) -> bool:
        with self._db.read() as session:
            return set(journal.sites(session)) != set(known)

    def _beat(self, sites: Iterable[str]) -> None:
        """Say that the sites are heard, with the heads of their journals; silence when the receiver is not alive."""
        if monotonic() - self._beat_at < BEAT_S or not self._alive():
            return
        self._beat_at, at = monotonic(), self._now()
        with self._db.write() as session:
            beats.beat(session, "intake", at)
            self._tally.write(session, len(self._link.inbox))
            heads = {site: journal.head(session, site) for site in sites}
        for site, head in heads.items():
            beat = ServerBeat(format_instant(at), head.seq, head.hash, self._link.name)
            self._link.publish(server_beat(site), to_json(beat), retain=True)
