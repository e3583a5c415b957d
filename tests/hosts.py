"""Several intakes, clocks and web workers over one PostgreSQL and one broker, each a process of its own, as on several
hosts. `threenos up` runs one of each; this is what a service manager runs beyond that.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

from plant import answers, free_port, wait_for

from threenos_server import keys
from threenos_server.broker import mosquitto
from threenos_server.broker.embedded import Mosquitto
from threenos_server.db import Database
from threenos_server.people.stations import broker_users
from threenos_server.settings import Settings

SERVER = [sys.executable, "-P", "-m", "threenos_server.cli"]


@dataclass
class Hosts:
    """The processes by name: `intake-1`, `clock-2`, `web`, `broker`. Their words are in files of these names."""

    directory: Path
    db: Database
    settings: Settings
    where: mosquitto.Addresses
    broker: Mosquitto
    commands: dict[str, list[str]]
    environment: dict[str, str]
    running: "dict[str, subprocess.Popen[bytes]]"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def start(self, *names: str) -> None:
        """Start these; a broker answers when this returns."""
        for name in names:
            with (self.directory / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.commands[name], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            if name == "broker":
                wait_for("the broker answers", lambda: answers("127.0.0.1", self.where.server_port), 20)

    def kill(self, name: str) -> None:
        """kill -9."""
        process = self.running.pop(name)
        process.kill()
        process.wait(60)

    def freeze(self, name: str) -> None:
        """It does nothing any more, and nobody is told."""
        self.running[name].send_signal(signal.SIGSTOP)

    def wait_until_ready(self) -> None:
        """Until the web server says that an intake and a clock are heard."""
        wait_for("all is ready", self._is_ready, 60)

    def wait_until_lives(self) -> None:
        """Until the web server answers, whoever else is there."""
        wait_for("the web server answers", lambda: answers("127.0.0.1", self.settings.port), 60)

    def _is_ready(self) -> bool:
        ended = [name for name, process in self.running.items() if process.poll() is not None]
        assert not ended, f"{ended} ended: {self.log(ended[0])}"
        with suppress(OSError), urlopen(f"{self.http}/health/ready", timeout=5):
            return True
        return False

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text(errors="replace")[-3000:]

    def close(self) -> None:
        """End everything; who does not end in time is killed."""
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        until = monotonic() + 15
        for process in self.running.values():
            try:
                process.wait(max(0.1, until - monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(60)


@contextmanager
def hosts(
    directory: Path, db: Database, *, intakes: int = 2, clocks: int = 2, workers: int = 2, worker: str = "gthread",
    threads: int = 40, proxies: int = 0, log_level: str = "warning",
) -> Iterator[Hosts]:  # fmt: skip
    """Ready to be started, over a database in which the stations are enrolled already."""
    data = directory / "data"
    data.mkdir(parents=True)
    program = mosquitto.program()
    assert program is not None, "install mosquitto"
    where = mosquitto.Addresses("127.0.0.1", free_port(), free_port())
    password = keys.key(data, "broker").hex()
    broker = Mosquitto(program, data / "broker", where, password)
    admit(broker, db)
    settings = Settings(
        data=data, database=db.url, port=free_port(), web_workers=workers, web_threads=threads,
        proxies=proxies,
        web_worker=worker,  # type: ignore[arg-type]  # one of the words
        mqtt_url=f"mqtt://127.0.0.1:{where.server_port}", mqtt_user=mosquitto.SERVER_USER, mqtt_password=password,
        log_level=log_level,  # type: ignore[arg-type]  # one of the words
    )  # fmt: skip
    commands = {"broker": broker.command, "web": [*SERVER, "web"]}
    commands |= {f"intake-{n}": [*SERVER, "intake"] for n in range(1, intakes + 1)}
    commands |= {f"clock-{n}": [*SERVER, "clock"] for n in range(1, clocks + 1)}
    others = {k: v for k, v in os.environ.items() if not k.startswith("THREENOS_")}
    environment = others | settings.environment() | {"HOME": "/nonexistent"}
    made = Hosts(directory, db, settings, where, broker, commands, environment, {})
    try:
        yield made
    finally:
        made.close()


def admit(broker: Mosquitto, db: Database) -> None:
    """Let the stations in that are enrolled."""
    with db.read() as session:
        broker.admit(broker_users(session))
