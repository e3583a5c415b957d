"""The database: away, gone for good until somebody starts it, and locked for a minute by somebody else."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event
from time import monotonic

import psycopg
from chaos.factory import SITE
from faults.floor import Floor, opened
from faults.network import Network
from faults.place import POSTGRESQL, SQLITE, Place, Scenario
from faults.postgres import Postgres
from faults.table import Row
from plant import free_port, wait_for

MEANING = (
    "The database is away or locked while people press; the stations keep what is pressed and say that nobody hears "
    "them."
)
AWAY_S, LOCKED_S, GONE_S = 30.0, 60.0, 40.0
NOT_HEARD_S = 10.0


@contextmanager
def _stopped(_floor: Floor, place: Place) -> Iterator[None]:
    place.cluster.stop()
    yield
    place.cluster.start()


@contextmanager
def _killed(_floor: Floor, place: Place) -> Iterator[None]:
    place.cluster.kill()
    yield
    place.cluster.start()


@contextmanager
def _frozen(_floor: Floor, place: Place) -> Iterator[None]:
    place.cluster.freeze()
    try:
        yield
    finally:
        place.cluster.freeze(False)


@contextmanager
def _sqlite_locked(floor: Floor, _place: Place) -> Iterator[None]:
    with closing(sqlite3.connect(floor.data / "threenos.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def _site_locked(floor: Floor, _place: Place) -> Iterator[None]:
    with psycopg.connect(floor.url) as other:
        other.execute("SELECT seq FROM site WHERE id = %s FOR UPDATE", (SITE,))
        yield
        other.rollback()


@contextmanager
def _outbox_locked(floor: Floor, _place: Place) -> Iterator[None]:
    with closing(sqlite3.connect(floor.agent.data / "station.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def _during(
    fault: Callable[[Floor, Place], AbstractContextManager[None]], seconds: float
) -> Callable[[Scenario, Place], Iterable[Row]]:
    """Press through the whole fault; when it is over, nobody touches anything."""

    def run(scenario: Scenario, place: Place) -> Iterable[Row]:
        with opened(place.directory, place.url()) as floor:
            yield _through(scenario, place, floor, fault(floor, place), seconds)

    return run


def _through(
    scenario: Scenario, place: Place, floor: Floor, fault: AbstractContextManager[None], seconds: float
) -> Row:
    floor.press()
    at = monotonic()
    with fault:
        deaf = 0.0
        kept = [floor.press()]
        while monotonic() - at < seconds:
            kept.append(floor.press())
            if not deaf and not floor.agent.heard():
                deaf = monotonic() - at
            Event().wait(0.5)
    back = monotonic()
    first = floor.until_stored(back)
    took = floor.until_all_stored(back)
    wait_for("the stations are heard again", floor.agent.heard, 30)
    saved = sum(p.saved for p in kept)
    said = f"NOT HEARD after {deaf:.1f} s" if deaf else "always heard"
    seen = (
        f"{seconds:.0f} s; {saved} of {len(kept)} presses kept, {len(kept) - saved} refused in sight; {said}; "
        f"all stored {took:.1f} s after"
    )
    silent = [f"{p.id}: the tablet was told {p.status}" for p in kept if p.status not in (201, 507)]
    # Where the fault is the station's own, the server is there: what counts is that each press is refused in sight.
    late = () if scenario.where == "station" or deaf <= NOT_HEARD_S else (f"NOT HEARD only after {deaf:.1f} s",)
    return floor.verdict().row(scenario, place, seen, first, (*silent, *late))


def _vanished(scenario: Scenario, place: Place) -> Iterable[Row]:
    """The cable to the machine of the database goes dead without a word."""
    directory = Path(mkdtemp(prefix="threenos-far-"))
    with Network() as network:
        cluster = Postgres(directory, network.GUEST, free_port())
        cluster.start(*network.prefix)
        try:
            with opened(place.directory, cluster.database()) as floor:
                yield _through(scenario, place, floor, _dead(network), GONE_S)
        finally:
            cluster.stop()
            rmtree(directory)


@contextmanager
def _dead(network: Network) -> Iterator[None]:
    network.lose(100)
    yield
    network.lose(0)


SCENARIOS = (
    Scenario("stopped", "PostgreSQL stopped and started", "database", _during(_stopped, AWAY_S), (POSTGRESQL,)),
    Scenario("killed", "PostgreSQL killed and started", "database", _during(_killed, AWAY_S), (POSTGRESQL,)),
    Scenario(
        "frozen", "PostgreSQL stands still, connections open", "database", _during(_frozen, AWAY_S), (POSTGRESQL,)
    ),
    Scenario(
        "vanished",
        "half-open link between server and PostgreSQL",
        "network",
        _vanished,
        (POSTGRESQL,),
        ("ip", "nft"),
        root=True,
    ),
    Scenario("locked", "another process holds the write lock", "server", _during(_sqlite_locked, LOCKED_S), (SQLITE,)),
    Scenario(
        "site-locked", "another session holds the site's row", "server", _during(_site_locked, LOCKED_S), (POSTGRESQL,)
    ),
    Scenario(
        "outbox-locked", "another process holds the outbox", "station", _during(_outbox_locked, LOCKED_S), (SQLITE,)
    ),
)
