"""Whether an event costs the same with an empty database and with five million rows in it."""

import random
import statistics
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import presses
import sqlalchemy as sa
from figures import Figure
from journal import KEYS, arrival, fill

from threenos_server.chain import example
from threenos_server.chain import service as chains
from threenos_server.clock import utc_now
from threenos_server.complaints.service import take
from threenos_server.db import Base, Database
from threenos_server.folds import FOLDS

ROWS, SEED_ROWS, BATCH, ROUNDS = 5_000_000, 2_000, 100, 60
#: What grows with every event, and what makes a copy of a row another one.
GROWING = {
    "journal": {"seq": "seq + :n", "event_id": "event_id || :n", "complaint": "complaint || :n"},
    "event_id": {"id": "id || :n", "seq": "seq + :n"},
    "press": {"id": "id || :n", "complaint": "complaint || :n"},
    "complaint": {"id": "id || :n", "seq": "seq + :n", "live": "NULL", "merge_key": "NULL"},
    "board_card": {"complaint": "complaint || :n", "open": "0"},
    "deadline": {"complaint": "complaint || :n", "state": "'met'"},
}


def run(directory: Path) -> Iterator[Figure]:
    """CPU time of the intake's transaction per event, in batches of 100, before and after the tables grew."""
    chain = example.chain()
    site = chain.site.id
    db = Database(f"sqlite:///{directory / 'growth.db'}", FOLDS)
    Base.metadata.create_all(db.engine)
    with db.write() as session:
        chains.import_chain(session, example.text(), "bench", utc_now())
    stations = presses.stations(chain, 20)
    fill(db, site, stations, SEED_ROWS)
    empty = _cost(db, site, stations)
    _grow(db)
    full = _cost(db, site, stations)
    db.close()
    yield Figure("cost of an event with an empty database", "ours", empty, "µs CPU")
    yield Figure("cost of an event at 5 million rows", "ours", full, "µs CPU")
    yield Figure("cost of an event at 5 million rows against none", "ours", 100 * (full / empty - 1), "% more")


def _cost(db: Database, site: str, stations: list[presses.Station]) -> float:
    rng = random.Random(11)
    costs = []
    for _ in range(ROUNDS):
        arrivals = [arrival(stations[i % len(stations)], rng) for i in range(BATCH)]
        began = process_time()
        with db.write() as session:
            take(session, site, arrivals, utc_now(), KEYS)
        costs.append((process_time() - began) / BATCH * 1e6)
    return statistics.median(costs)


def _grow(db: Database) -> None:
    """Copy the rows that are there under other keys, by doubling, until the journal has ROWS of them.

    Their hashes no longer follow each other, which costs the intake nothing: it looks at the last row only.
    """
    with db.write() as session:
        rows = session.scalar(sa.text("SELECT seq FROM site"))
        while rows < ROWS:
            for table, changed in GROWING.items():
                names = [c.name for c in Base.metadata.tables[table].columns]
                values = ", ".join(changed.get(name, f'"{name}"') for name in names)
                columns = ", ".join(f'"{name}"' for name in names)
                session.execute(sa.text(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table}"), {"n": rows})
            rows *= 2
        session.execute(sa.text("UPDATE site SET seq = (SELECT max(seq) FROM journal)"))
