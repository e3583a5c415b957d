"""A million rows verified, and a journal rebuilt and compared."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import presses
from figures import Figure

from threenos_server.api import Keys
from threenos_server.chain import example
from threenos_server.chain import service as chains
from threenos_server.clock import utc_now
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.service import take
from threenos_server.db import Base, Database
from threenos_server.folds import FOLDS
from threenos_server.journal.model import Entry, Head
from threenos_server.journal.rebuild import rebuild
from threenos_server.journal.service import add_site, append
from threenos_server.journal.verify import verify
from threenos_wire.decode import decode_one
from threenos_wire.events import Event

VERIFIED, REBUILT, BATCH = 1_000_000, 100_000, 1_000
KEYS = Keys(b"p" * 32, b"a" * 32)


def run(directory: Path) -> Iterator[Figure]:
    """Rows a second of a verification, of writing with every fold, and of a rebuild."""
    yield _verified(directory)
    yield from _rebuilt(directory)


def _verified(directory: Path) -> Figure:
    """Rows as long as those of repeated presses, written without folds since only the chain is followed."""
    db = Database(f"sqlite:///{directory / 'verified.db'}")
    Base.metadata.create_all(db.engine)
    body = {"event": {"kind": "reject", "note": "x" * 200}, "then": {"complaints": {"c": {"repeats": 7, "qty": 12}}}}
    with db.write() as session:
        add_site(session, "plant")
    for _ in range(VERIFIED // 10_000):
        with db.write() as session:
            append(session, "plant", [Entry("reject", body, datetime.now(UTC)) for _ in range(10_000)], utc_now())
    began = monotonic()
    with db.read() as session:
        found = verify(session, "plant")
    took = monotonic() - began
    db.close()
    assert isinstance(found, Head)
    assert found.seq == VERIFIED
    return Figure("journal verified", "ours", VERIFIED / took, "rows/s")


def _rebuilt(directory: Path) -> Iterator[Figure]:
    db = Database(f"sqlite:///{directory / 'rebuilt.db'}", FOLDS)
    Base.metadata.create_all(db.engine)
    chain = example.chain()
    with db.write() as session:
        chains.import_chain(session, example.text(), "bench", utc_now())
    began = monotonic()
    rows = fill(db, chain.site.id, presses.stations(chain, 20), REBUILT)
    yield Figure("events taken with every fold, no broker", "ours", REBUILT / (monotonic() - began), "events/s")
    began = monotonic()
    with db.write() as session:
        assert rebuild(session, chain.site.id, FOLDS) >= rows
    yield Figure("journal rebuilt", "ours", rows / (monotonic() - began), "rows/s")
    db.close()


def fill(db: Database, site: str, stations: list[presses.Station], events: int) -> int:
    """Take that many presses in batches; how many."""
    rng = random.Random(7)
    for _ in range(events // BATCH):
        arrivals = [arrival(stations[i % len(stations)], rng) for i in range(BATCH)]
        with db.write() as session:
            take(session, site, arrivals, utc_now(), KEYS)
    return events


def arrival(station: presses.Station, rng: random.Random) -> Arrival:
    """The next press of a station, as it comes out of the decoder."""
    event = decode_one(station.message(rng))
    assert isinstance(event, Event)
    return Arrival(event, station.id, utc_now())
