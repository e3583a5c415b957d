"""From a committed press to 200 and to 1,000 boards, by both kinds of web worker, on PostgreSQL.

Presses are written as the intake writes them, at their rate; the boards are sockets of one process that draws nothing.
Server, boards and database share the machine.
"""

import json
import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import presses
from figures import Figure, percentile
from homes import PostgresqlHome
from hosts import Hosts, hosts
from journal import KEYS
from plant import postgres_cluster

from threenos_server.chain import example
from threenos_server.chain import service as chains
from threenos_server.clock import utc_now
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.service import take
from threenos_server.db import Database
from threenos_server.journal.service import head
from threenos_server.people import tokens
from threenos_wire.decode import decode_one
from threenos_wire.events import Event

SITE = "lakeside"
WORKERS, BOARDS = ("gthread", "gevent"), (200, 1000)
RATE, SECONDS, WAIT_S = 5, 20, 3
#: A thread worker takes one and a half threads for a board.
THREADS = 1_600
#: Four files for each socket of the largest wall, on either side.
FILES = 8_192


def run(directory: Path) -> Iterator[Figure]:
    """Each kind of worker with each number of boards."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))
    with postgres_cluster(durable=True) as url:
        begun = PostgresqlHome(url).template(_begin)
        for worker in WORKERS:
            if find_spec(worker) is None and worker != "gthread":
                print(f"{worker} is not installed; requirements-dev.lock has it", file=sys.stderr)
                continue
            for boards in BOARDS:
                place = directory / f"{worker}-{boards}"
                # As behind a proxy: without one a single address is not given so many sockets.
                walls = {"workers": 1, "worker": worker, "threads": THREADS, "proxies": 1}
                with begun.copied() as db, hosts(place, db, **walls) as running:
                    yield from _figures(running, worker, boards)


def _begin(db: Database) -> None:
    with db.write() as session:
        chains.import_chain(session, example.text(), "bench", utc_now())


def _figures(running: Hosts, worker: str, boards: int) -> Iterator[Figure]:
    running.start("web")
    running.wait_until_lives()
    with running.db.write() as session:
        _, token = tokens.make(session, SITE, None, "wall", utc_now())
    command = [sys.executable, Path(__file__).with_name("boards.py"), str(running.settings.port), str(boards), token]
    watching = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    if watching.stdout.readline() != "ready\n":
        watching.wait(10)
        print(f"{boards} boards could not be opened by {worker}: {running.log('web')[-500:]}", file=sys.stderr)
        return
    committed = _press(running.db)
    sleep(WAIT_S)
    told, _ = watching.communicate()
    yield from _read(json.loads(told), committed, f"{boards} boards, {worker}", boards)


def _read(seen: dict[str, Any], committed: dict[int, float], what: str, boards: int) -> Iterator[Figure]:
    """A delta shows all rows up to its number; boards that are many get several presses in one."""
    waits: list[float] = []
    seqs = sorted(committed)
    for seq, times in sorted((int(s), times) for s, times in seen["shown"].items()):
        while seqs and seqs[0] <= seq:
            waits += [1000 * (at - committed[seqs[0]]) for at in times]
            seqs.pop(0)
    waits.sort()
    whole = 100 * len(waits) / max(1, boards * len(committed))
    for q in (50, 99):
        yield Figure(f"commit→board p{q}, {what}", "ours", percentile(waits, q) if waits else float("nan"), "ms")
    yield Figure(f"presses shown, {what}", "ours", whole, "%")


def _press(db: Database) -> dict[int, float]:
    """Press at the rate; by its number in the journal, when each was committed."""
    rng, pressing = random.Random(3), presses.stations(example.chain(), 20)
    committed: dict[int, float] = {}
    began = monotonic()
    for n in range(RATE * SECONDS):
        sleep(max(0.0, began + n / RATE - monotonic()))
        with db.write() as session:
            event = decode_one(pressing[n % len(pressing)].message(rng, presses.PRESSES_ONLY))
            assert isinstance(event, Event)
            arrived = Arrival(event, pressing[n % len(pressing)].id, utc_now())
            take(session, SITE, [arrived], utc_now(), KEYS)
            seq = head(session, SITE).seq
        committed[seq] = monotonic()
    return committed
