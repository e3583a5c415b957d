"""The station agent alone: from press to saved, its memory, and how soon it takes the first press."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from figures import Figure, percentile
from plant import free_port

AGENT = Path(sys.executable).with_name("threenos-station")
STATIONS, PRESSES = 4, 2_000
GIVE_UP_S = 20


def run(directory: Path) -> Iterator[Figure]:
    """Presses over the page's own HTTP, one after the other, with no server in reach: the worst day of a station."""
    began = monotonic()
    config = _configured(directory)
    command = [AGENT, "run", "--config", config, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        page = HTTPConnection(urlsplit(said["url"]).netloc, timeout=GIVE_UP_S)
        _press(page, 0)
        yield Figure("agent start", "ours", monotonic() - began, "s to the first press saved")
        waits = sorted(_press(page, n) for n in range(PRESSES))
        yield Figure("agent press→saved p50", "ours", percentile(waits, 50), "ms")
        yield Figure("agent press→saved p99", "ours", percentile(waits, 99), "ms")
        yield Figure("agent memory", "ours", _resident_mb(process.pid), "MB")
    finally:
        process.terminate()
        process.wait(10)


def _configured(directory: Path) -> Path:
    stations = "".join(f'\n[[station]]\nid = "s-{n}"\nsite = "plant"\npassword = "none"\n' for n in range(STATIONS))
    page = '[page]\nhost = "127.0.0.1"\nport = 0\n'
    server = f'[server]\nhost = "127.0.0.1"\nport = {free_port()}\n'
    config = directory / "station.toml"
    config.write_text(f'data = "{directory / "agent"}"\n\n{server}\n{page}{stations}')
    return config


def _press(page: HTTPConnection, number: int) -> float:
    """One press of one of the stations; milliseconds until the agent said that it is saved."""
    body = json.dumps({"kind": "reject", "defect": "scratch", "qty": 1})
    began = monotonic()
    page.request("POST", f"/api/stations/s-{number % STATIONS}/presses", body, {"Content-Type": "application/json"})
    answer = page.getresponse()
    saved = json.loads(answer.read())["saved"]
    assert saved, answer.status
    return 1000 * (monotonic() - began)


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
