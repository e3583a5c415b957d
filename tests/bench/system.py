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

THREENOS = Path(sys.executable).with_name("threenos")
PASSWORD = "bench bench bench bench"


@dataclass(frozen=True)
class System:
    """A running system and what it takes to speak to it."""

    data: Path
    http: str
    host: str
    port: int
    stations: list[dict[str, Any]]


def threenos(data: Path, *args: str, text: str | None = None) -> str:
    """Run the command on a data directory; what it printed. Raises CalledProcessError with its words."""
    done = subprocess.run([THREENOS, *args, "--data", data], input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"threenos {' '.join(args)}: {done.stderr or done.stdout}")
    return done.stdout


@contextmanager
def running(directory: Path, stations: int = 20) -> Iterator[System]:
    """`threenos up` on a fresh data directory, with that many stations of the example factory enrolled."""
    data, ready = directory / "data", directory / "ready.json"
    factory = directory / "factory.yaml"
    data.mkdir(parents=True)
    threenos(data, "db", "upgrade")
    factory.write_text(threenos(data, "chain", "example"))
    threenos(data, "chain", "import", str(factory))
    threenos(data, "user", "add", "bench", "--role", "supervisor", "--password-stdin", text=PASSWORD + "\n")
    known = json.loads(threenos(data, "station", "list", "--json"))[:stations]
    enrolled = [json.loads(threenos(data, "station", "enroll", s["id"], "--json")) for s in known]
    command = [THREENOS, "up", "--data", data, "--port", "0", "--mqtt-port", "0", "--ready-file", ready]
    log = (directory / "up.log").open("w")
    process = subprocess.Popen([*command, "--log-level", "warning"], stdout=log, stderr=log)
    try:
        said = _when_ready(ready, process)
        yield System(data, said["http"], said["mqtt"]["host"], said["mqtt"]["port"], enrolled)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _when_ready(ready: Path, process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    deadline = monotonic() + 60
    while not ready.exists():
        if process.poll() is not None or monotonic() > deadline:
            raise RuntimeError(f"threenos up did not come up; see {ready.with_name('up.log')}")
        sleep(0.05)
    return dict(json.loads(ready.read_text()))
