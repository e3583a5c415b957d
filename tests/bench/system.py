"""The whole system as a customer runs it, for the bench: `threenos up`, the example factory, enrolled stations."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from threenos_server.chain.document import check, from_yaml
from threenos_server.chain.model import Chain
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.folds import FOLDS
from threenos_server.people import stations as people

SITE = "lakeside"
THREENOS = Path(sys.executable).with_name("threenos")
PASSWORD = "amber lathe walks northward"


@dataclass(frozen=True)
class System:
    """A running system and what it takes to speak to it."""

    data: Path
    http: str
    host: str
    port: int
    stations: list[dict[str, Any]]
    chain: Chain


def threenos(data: Path, *args: str, text: str | None = None) -> str:
    """Run the command on a data directory; what it printed. Raises CalledProcessError with its words."""
    done = subprocess.run([THREENOS, *args, "--data", data], input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"threenos {' '.join(args)}: {done.stderr or done.stdout}")
    return done.stdout


@contextmanager
def running(directory: Path, stations: int = 20, lines: int = 0) -> Iterator[System]:
    """`threenos up` on a fresh data directory, with that many stations of the example factory enrolled.

    A factory that has fewer is given more of the same, so that there are enough; on so many lines more.
    """
    data, ready = directory / "data", directory / "ready.json"
    factory = directory / "factory.yaml"
    data.mkdir(parents=True)
    threenos(data, "db", "upgrade")
    factory.write_text(grown(threenos(data, "chain", "example"), stations, lines))
    threenos(data, "chain", "import", str(factory))
    threenos(data, "user", "add", "bench", "--role", "supervisor", "--password-stdin", text=PASSWORD + "\n")
    threenos(data, "user", "add", "leader", "--role", "team-leader", "--password-stdin", text=PASSWORD + "\n")
    known = json.loads(threenos(data, "station", "list", "--json"))[:stations]
    enrolled = _enroll(data, [s["id"] for s in known])
    command = [THREENOS, "up", "--data", data, "--port", "0", "--mqtt-port", "0", "--ready-file", ready]
    log = (directory / "up.log").open("w")
    process = subprocess.Popen([*command, "--log-level", "warning"], stdout=log, stderr=log)
    try:
        said = when_ready(ready, process)
        yield System(data, said["http"], said["mqtt"]["host"], said["mqtt"]["port"], enrolled, chain_of(factory))
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def grown(document: str, stations: int, lines: int = 0) -> str:
    """The example factory's document with machining centres added until it has that many stations.

    With `lines` they stand on lines of their own, each with one process between trimming and washing.
    """
    have = len(check(from_yaml(document)).sound().stations)
    added: dict[str, list[str]] = {name: [] for name in ("lines", "processes", "stations", "links")}
    for n in range(lines):
        added["lines"].append(f"- {{id: line-{n}, name: Line {n}, owner: cell-{n}}}")
        added["processes"].append(f"- {{id: cell-{n}, name: Cell {n}, line: line-{n}, owner: process-owner}}")
        added["links"].append(f"- {{supplier: trimming, customer: cell-{n}, standard: usual}}")
        added["links"].append(f"- {{supplier: cell-{n}, customer: washing, standard: usual}}")
    for i in range(have, stations):
        process = f"cell-{i % lines}" if lines else "machining"
        added["stations"].append(f"- {{id: more-{i}, name: More {i}, process: {process}}}")
    for name, more in added.items():
        document = document.replace(f"\n{name}:\n", f"\n{name}:\n" + "".join(line + "\n" for line in more))
    return document


def chain_of(factory: Path) -> Chain:
    """The chain of a document."""
    return check(from_yaml(factory.read_text())).sound()


def _enroll(data: Path, stations: list[str]) -> list[dict[str, Any]]:
    """Credentials for each station, in one transaction: the command does one at a time, and there may be hundreds."""
    db = Database(f"sqlite:///{data / 'threenos.db'}", FOLDS)
    with db.write() as session:
        made = [people.enroll(session, SITE, station, utc_now()) for station in stations]
    db.close()
    return [{"station": m.station, "site": m.site, "username": m.station, "password": m.password} for m in made]


def when_ready(ready: Path, process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """What the system says of itself once it serves. Raises RuntimeError when it ends before."""
    deadline = monotonic() + 60
    while not ready.exists():
        if process.poll() is not None or monotonic() > deadline:
            raise RuntimeError(f"threenos up did not come up; see {ready.with_name('up.log')}")
        sleep(0.05)
    return dict(json.loads(ready.read_text()))
