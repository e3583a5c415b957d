"""Five hundred stops in one second, of stations on twenty lines: the board, and what the people on the roster get."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic

import system
from chaos.people import Told, listening
from figures import Figure, percentile
from intake import Place, on_board, press, watched
from plant import wait_for

from threenos_server.access import Grant, Role
from threenos_server.chain.model import Chain
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.folds import FOLDS
from threenos_server.people import rosters, service
from threenos_server.people.model import Duty

STOPS, LINES = 500, 20
#: By then every station is connected, also on a busy machine.
CONNECTED_S = 12
#: So long it is counted who gets how many messages: the first limits are missed after a minute. The ten minutes of the
#: issue are shown with a moved clock, by tests/service/escalation/test_storm.py.
WATCHED_S = 75
STAFF = {"Ann": Role.TEAM_LEADER, "Sue": Role.SUPERVISOR, "Dan": Role.DIRECTOR}


def run(directory: Path) -> Iterator[Figure]:
    """Press, wait until the team leader has heard of all, and count on for a minute."""
    with listening(0, busy_each=0, slowest_s=0.1) as told, system.running(directory / "system", STOPS, LINES) as up:
        _staff(up.data, told.url)
        place = Place("ours", up.host, up.port, up.stations, up.http, up.data)
        with watched(place) as shown:
            sent_at = _stops(place, directory, up.chain)
            first, last = min(sent_at.values()), max(sent_at.values())
            wait_for("Ann has heard of every stop", lambda: len(_listed(up.data, told)) >= STOPS, 60)
            wait_for("the first limits were missed", lambda: monotonic() - first > WATCHED_S, WATCHED_S + 60)
        heard = max(_listed(up.data, told).values())
        at = on_board(place, shown)
    waits = sorted(1000 * (at[i] - sent) for i, sent in sent_at.items() if i in at)
    yield Figure("500 stops pressed within", "ours", last - first, "s")
    yield Figure("of 500 stops on the board", "ours", 100 * len(waits) / STOPS, "%")
    yield Figure("stop→board p50 in a storm", "ours", percentile(waits, 50), "ms")
    yield Figure("the slowest stop→board of 500", "ours", waits[-1], "ms")
    yield Figure("the team leader has heard of all after", "ours", heard - first, "s")
    for who, count in sorted(Counter(who for _, who, _ in told.messages).items()):
        role = STAFF[who.title()]
        yield Figure(f"messages to the {role} within {WATCHED_S} s", "ours", count, "")


def _stops(place: Place, directory: Path, chain: Chain) -> dict[str, float]:
    """When each stop was sent. Two processes press, since one cannot hold so many connections of paho's."""
    begin_at = monotonic() + CONNECTED_S
    halves = [replace(place, stations=place.stations[n::2]) for n in range(2)]
    with ThreadPoolExecutor(2) as both:
        pressing = [
            both.submit(
                press, half, directory / f"stops-{n}", chain, STOPS // 2, 1, STOPS / 2, (("stop", 1),), begin_at
            )
            for n, half in enumerate(halves)
        ]
        return {event: at for half in pressing for event, at in half.result()["sent_at"].items()}


def _staff(data: Path, webhook: str) -> None:
    """One person for each role, on duty everywhere."""
    db = Database(f"sqlite:///{data / 'threenos.db'}", FOLDS)
    with db.write() as session:
        for name, role in STAFF.items():
            person = service.add(session, name, utc_now(), grants=[Grant(role, system.SITE)])
            address = webhook.replace("http://", "webhook+http://")
            service.set_addresses(session, person.id, [f"{address}/{name.lower()}?secret=s"])
            rosters.put(session, system.SITE, Duty("", person.id, role))
    db.close()


def _listed(data: Path, told: Told) -> dict[str, float]:
    """When each notice of a stop was first listed in a message."""
    with closing(sqlite3.connect(f"file:{data / 'threenos.db'}?mode=ro", uri=True)) as db:
        stops = {row[0] for row in db.execute("SELECT id FROM notice WHERE kind = 'stop'")}
    listed: dict[str, float] = {}
    for when, _, ids in list(told.messages):
        for named in stops.intersection(ids):
            listed.setdefault(named, when)
    return listed
