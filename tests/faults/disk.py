"""Disks: full, read-only, broken, at station and server; then they are well again, and nobody does anything."""

import errno
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event
from time import monotonic

from faults.floor import Floor, Pressed, opened
from faults.machine import Machine
from faults.place import BOTH, POSTGRESQL, SQLITE, Place, Scenario
from faults.postgres import Postgres
from faults.table import Row
from plant import wait_for

MEANING = (
    "A disk takes nothing any more while people press, then it does again. Presses are kept at the station, or refused "
    "at once where everybody sees it; afterwards all goes on by itself."
)
FULL_S = 12.0
NOT_HEARD_S = 10.0
STATION_MIB, SERVER_MIB, CLUSTER_MIB = 4, 64, 160
Break = Callable[[], None]


@contextmanager
def _small_disk(at: Path, size_mib: int) -> Iterator[Path]:
    """A disk of its own in memory."""
    at.mkdir(parents=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m,mode=755", "threenos-faults", at], check=True, timeout=60
    )
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", at], check=True, timeout=60)


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(65_536))
    with (disk / "crumbs").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"x")


def _clear(disk: Path) -> None:
    for name in ("ballast", "crumbs"):
        (disk / name).unlink()


def _at_station(floor: Floor, place: Place, scenario: Scenario, fail: Break, mend: Break) -> Row:
    """The station's disk: each press is refused at once, and the next one after the fault is kept."""
    floor.press()
    fail()
    at = monotonic()
    during: list[Pressed] = []
    slowest = 0.0
    while monotonic() - at < FULL_S:
        began = monotonic()
        during.append(floor.press())
        slowest = max(slowest, monotonic() - began)
        Event().wait(0.5)
    heard = floor.agent.heard()
    mend()
    back = monotonic()
    first = floor.until_stored(back)
    saved, refused = sum(p.saved for p in during), sum(p.status == 507 for p in during)
    seen = (
        f"{FULL_S:.0f} s; {saved} of {len(during)} presses kept, {refused} answered NOT SAVED within {slowest:.1f} s; "
        f"{'heard' if heard else 'not heard'} meanwhile"
    )
    silent = [f"{p.id}: the tablet was told {p.status}" for p in during if p.status not in (201, 507)]
    return floor.verdict().row(scenario, place, seen, first, silent)


def _at_server(floor: Floor, place: Place, scenario: Scenario, fail: Break, mend: Break) -> Row:
    """The server's disk: the stations keep what is pressed, and say that nobody hears them."""
    floor.press()
    fail()
    at = monotonic()
    during: list[Pressed] = []
    deaf = 0.0
    while monotonic() - at < FULL_S:
        during.append(floor.press())
        if not deaf and not floor.agent.heard():
            deaf = monotonic() - at
        Event().wait(0.5)
    mend()
    back = monotonic()
    first = floor.until_stored(back)
    floor.until_all_stored(back)
    wait_for("the stations are heard again", floor.agent.heard, 30)
    said = f"NOT HEARD after {deaf:.1f} s" if deaf else "always heard"
    seen = f"{FULL_S:.0f} s; {sum(p.saved for p in during)} of {len(during)} presses kept; {said}"
    wrong = [f"{p.id} was not saved: {p.status}" for p in during if not p.saved]
    wrong += [] if deaf <= NOT_HEARD_S else [f"NOT HEARD only after {deaf:.1f} s"]
    return floor.verdict().row(scenario, place, seen, first, wrong)


def _full_station(scenario: Scenario, place: Place) -> Iterable[Row]:
    disk = place.directory / "disk"
    with _small_disk(disk, STATION_MIB), opened(place.directory, place.url(), station=disk) as floor:
        yield _at_station(floor, place, scenario, lambda: _fill(disk), lambda: _clear(disk))


def _full_server(scenario: Scenario, place: Place) -> Iterable[Row]:
    """The database, the files of the broker and the logs lie on it."""
    disk = place.directory / "disk"
    with _small_disk(disk, SERVER_MIB), opened(place.directory, place.url(), data=disk / "data") as floor:
        yield _at_server(floor, place, scenario, lambda: _fill(disk), lambda: _clear(disk))


def _full_and_killed(scenario: Scenario, place: Place) -> Iterable[Row]:
    """On the full disk the intake ends as well: it is started again there."""
    disk = place.directory / "disk"
    with _small_disk(disk, SERVER_MIB), opened(place.directory, place.url(), data=disk / "data") as floor:

        def fail() -> None:
            _fill(disk)
            for name in ("intake", "web", "clock"):
                floor.system.kill(name)

        yield _at_server(floor, place, scenario, fail, lambda: _clear(disk))


def _full_cluster(scenario: Scenario, place: Place) -> Iterable[Row]:
    """PostgreSQL's own disk; a service manager starts it again when it has ended."""
    outside = Path(mkdtemp(prefix="threenos-disk-"))
    outside.chmod(0o755)  # PostgreSQL's own user has to get there
    with _small_disk(outside / "disk", CLUSTER_MIB) as disk:
        cluster = Postgres(disk)
        cluster.start()
        try:
            with opened(place.directory, cluster.database()) as floor:

                def mend() -> None:
                    _clear(disk)
                    cluster.again()

                yield _at_server(floor, place, scenario, lambda: _fill(disk), mend)
        finally:
            cluster.stop()
    rmtree(outside)


def _failing(at: str, **errors: int) -> Callable[[Scenario, Place], Iterable[Row]]:
    """Every write or sync of the station's or the server's files fails so."""

    def run(scenario: Scenario, place: Place) -> Iterable[Row]:
        under = place.directory / ("station" if at == "station" else "data")
        machine = Machine(place.directory / "machine", under)
        ours = machine.environment if at == "server" else {}
        with Floor(place.directory, place.url(), environment=ours) as floor:
            floor.agent.environment = machine.environment if at == "station" else {}
            floor.ready()
            do = _at_station if at == "station" else _at_server
            yield do(floor, place, scenario, lambda: machine.fail(**errors), machine.fail)

    return run


SCENARIOS = (
    Scenario("station-full", "disk full", "station", _full_station, (SQLITE,), ("mount",), root=True),
    Scenario("server-full", "disk full", "server", _full_server, BOTH, ("mount",), root=True),
    Scenario(
        "server-full-killed",
        "disk full, and web, intake and clock killed on it",
        "server",
        _full_and_killed,
        (SQLITE,),
        ("mount",),
        root=True,
    ),
    Scenario("cluster-full", "PostgreSQL's disk full", "database", _full_cluster, (POSTGRESQL,), ("mount",), root=True),
    Scenario(
        "station-read-only",
        "disk read-only (EROFS)",
        "station",
        _failing("station", write=errno.EROFS, sync=errno.EROFS),
        (SQLITE,),
        ("cc",),
    ),
    Scenario(
        "server-read-only",
        "disk read-only (EROFS)",
        "server",
        _failing("server", write=errno.EROFS, sync=errno.EROFS),
        (SQLITE,),
        ("cc",),
    ),
    Scenario("station-broken", "disk gives EIO", "station", _failing("station", write=errno.EIO), (SQLITE,), ("cc",)),
    Scenario("server-broken", "disk gives EIO", "server", _failing("server", write=errno.EIO), (SQLITE,), ("cc",)),
    Scenario("station-sync", "fsync gives EIO", "station", _failing("station", sync=errno.EIO), (SQLITE,), ("cc",)),
    Scenario("server-sync", "fsync gives EIO", "server", _failing("server", sync=errno.EIO), (SQLITE,), ("cc",)),
)
