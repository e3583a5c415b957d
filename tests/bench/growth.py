"""Whether an event costs the same with an empty database and with five million rows in it."""

import random
import sqlite3
import statistics
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import process_time

import presses
from figures import Figure
from journal import KEYS, arrival, fill

from threenos_server.chain import example
from threenos_server.chain import service as chains
from threenos_server.clock import utc_now
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.service import take
from threenos_server.db import Base, Database
from threenos_server.folds import FOLDS

ROWS, SEED_ROWS, BATCH = 5_000_000, 2_000, 100
#: The first rounds fill the caches.
WARM, ROUNDS = 10, 100
#: What grows with every event, and what makes a copy of a row another one. A minus sorts before every digit, so that
#: the copies' ids lie before the new ones, as those of older events do.
_OLDER = "printf('-%x', :n) || "
GROWING = {
    "journal": {"seq": "seq + :n", "event_id": f"{_OLDER} event_id", "complaint": f"{_OLDER} complaint"},
    "event_id": {"id": f"{_OLDER} id", "seq": "seq + :n"},
    "press": {"id": f"{_OLDER} id", "complaint": f"{_OLDER} complaint"},
    "complaint": {"id": f"{_OLDER} id", "seq": "seq + :n", "live": "NULL", "merge_key": "NULL"},
    "board_card": {"complaint": f"{_OLDER} complaint", "open": "0"},
    "deadline": {"complaint": f"{_OLDER} complaint", "state": "'met'"},
    "report_fact": {"complaint": f"{_OLDER} complaint", "day": "day - 1 - :n / 10000", "at": "at - 1000 * :n"},
}


def run(directory: Path) -> Iterator[Figure]:
    """CPU time of the intake's transaction per event, by turns on a small and on a grown database."""
    _made(directory / "grown.db").close()
    _grow(directory / "grown.db")
    small, grown = _made(directory / "small.db"), _database(directory / "grown.db")
    stations = presses.stations(example.chain(), 20)
    rng = random.Random(11)
    costs: dict[Database, list[float]] = {small: [], grown: []}
    for _ in range(WARM + ROUNDS):
        for db, found in costs.items():
            found.append(_cost(db, [arrival(stations[i % len(stations)], rng) for i in range(BATCH)]))
    little, much = (statistics.median(found[WARM:]) for found in costs.values())
    small.close()
    grown.close()
    yield Figure("cost of an event with an empty database", "ours", little, "µs CPU")
    yield Figure("cost of an event at 5 million rows", "ours", much, "µs CPU")
    yield Figure("cost of an event at 5 million rows against none", "ours", 100 * (much / little - 1), "% more")


def _database(file: Path) -> Database:
    return Database(f"sqlite:///{file}", FOLDS)


def _made(file: Path) -> Database:
    db = _database(file)
    Base.metadata.create_all(db.engine)
    with db.write() as session:
        chains.import_chain(session, example.text(), "bench", utc_now())
    chain = example.chain()
    fill(db, chain.site.id, presses.stations(chain, 20), SEED_ROWS)
    return db


def _cost(db: Database, arrivals: list[Arrival]) -> float:
    began = process_time()
    with db.write() as session:
        take(session, example.chain().site.id, arrivals, utc_now(), KEYS)
    return (process_time() - began) / len(arrivals) * 1e6


def _grow(file: Path) -> None:
    """Copy the rows that are there under other keys, by doubling, until the journal has ROWS of them.

    Their hashes no longer follow each other, which costs the intake nothing: it looks at the last row only. Nothing
    else has the file open meanwhile, so it is written without a journal of SQLite's own.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-2000000"):
            db.execute(f"PRAGMA {pragma}")
        (rows,) = db.execute("SELECT seq FROM site").fetchone()
        while rows < ROWS:
            for table, changed in GROWING.items():
                names = [c.name for c in Base.metadata.tables[table].columns]
                values = ", ".join(changed.get(name, f'"{name}"') for name in names)
                columns = ", ".join(f'"{name}"' for name in names)
                db.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table}", {"n": rows})
            rows *= 2
        db.execute("UPDATE site SET seq = (SELECT max(seq) FROM journal)")
