"""The heads of the journals leave this machine by themselves, so that a tail that is rewritten and rehashed shows.

`threenos journal verify --witness FILE` holds the journal against what was given out.
"""

import os
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from threading import Event

import msgspec
import structlog

from threenos_server import outward
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.journal.service import sites
from threenos_server.journal.witness import Witnessed, checkpoint

EVERY = timedelta(hours=1)
#: How often it is looked whether it is time, and how soon it is tried again.
LOOK_S = 30.0
ANSWER_S = 10.0

log = structlog.get_logger("checkpoints")


@dataclass
class Checkpoints:
    """Gives out the heads of all sites, one an hour: to a file that grows by a line each, or by POST to a URL."""

    db: Database
    to: str
    now: Now
    _given: dict[str, Witnessed] = field(default_factory=dict)
    _at: datetime | None = None

    def run(self, stop: Event) -> None:
        """Give out until `stop`; at once with nothing to give them to."""
        while not stop.is_set():
            try:
                self.round()
            except Exception:  # gives up this look; the next comes in LOOK_S
                log.exception("checkpoint not given out; tried again")
            stop.wait(LOOK_S)

    def round(self) -> int:
        """How many were given out. A journal that has not grown has given its last one out already."""
        now = self.now()
        if not self.to or (self._at is not None and now - self._at < EVERY):
            return 0
        with self.db.write() as session:
            heads = [checkpoint(session, site, now) for site in sites(session)]
        fresh = [h for h in heads if h.seq and (h.site not in self._given or self._given[h.site].hash != h.hash)]
        for head in fresh:
            self._give(msgspec.json.encode(head) + b"\n")
            self._given[head.site] = head
        self._at = now
        return len(fresh)

    def _give(self, line: bytes) -> None:
        """Raises OSError when it did not arrive, which then is not taken for given out."""
        if self.to.startswith(("http://", "https://")):
            self._post(line)
            return
        with Path(self.to).open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _post(self, line: bytes) -> None:
        request = urllib.request.Request(self.to, line, {"Content-Type": "application/json"}, method="POST")
        try:
            with outward.asked(request, ANSWER_S):
                pass
        except HTTPException as e:
            raise OSError(f"{self.to}: {e}") from e
