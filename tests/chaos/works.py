"""The processes: a broker, an intake, a web server, a clock, a station agent with several stations, and a database."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos import power
from chaos.factory import SITE, STATIONS, Factory
from chaos.process import Service
from plant import answers, free_port, wait_for

from threenos_server import keys
from threenos_server.broker import mosquitto
from threenos_server.broker.embedded import Mosquitto
from threenos_server.people.stations import broker_users
from threenos_server.settings import Settings

#: So many commands may run beside them.
COMMANDS = len(STATIONS)
INSIDE = Path(__file__).parent / "inside"


class Works:
    """All the services on one data directory; `fault` is the name of a module in faults/."""

    def __init__(self, directory: Path, factory: Factory, fault: str | None = None) -> None:
        self.directory, self.factory, self.data = directory, factory, factory.data
        self.syncs = directory / "syncs"
        self.syncs.mkdir()
        self._outlets = threading.Semaphore(COMMANDS)
        self.web_port = free_port()
        self.where = mosquitto.Addresses("127.0.0.1", free_port(), free_port())
        self.agent_data = directory / "agent"
        self.config = self._station_toml()
        self.environment = _clean() | {"PYTHONPATH": _path(), "CHAOS_SYNCS": str(self.syncs)}
        if fault is not None:
            self.environment["CHAOS_FAULT"] = fault
        self.services = {name: self._service(name, command) for name, command in self._commands().items()}
        if factory.home.service is not None:
            self.services["database"] = factory.home.service

    def start(self, *names: str) -> None:
        """Start these, and wait until the broker among them answers."""
        for name in names:
            if not self.services[name].runs:
                self.services[name].start()
        if "broker" in names:
            wait_for("the broker answers", lambda: answers(self.where.host, self.where.server_port), 20)

    @contextmanager
    def powered(self) -> Iterator[None]:
        """For a command that runs beside the services: the power is not cut in its middle."""
        with self._outlets:
            yield

    def power_cut(self) -> int:
        """Everything is dead at once, and the disk has what it was made to have; how many bytes that lost."""
        for service in self.services.values():
            service.wipe_out()
        for _ in range(COMMANDS):
            assert self._outlets.acquire(timeout=120), "a command never ended"
        levels = power.weakest(self.syncs)
        lost = sum(power.cut(Path(path), level) for path, level in levels.items())
        self._outlets.release(COMMANDS)
        return lost

    def close(self) -> None:
        for service in self.services.values():
            service.wipe_out()

    def _commands(self) -> dict[str, list[str]]:
        program = mosquitto.program()
        assert program is not None, "install mosquitto"
        broker = Mosquitto(program, self.data / "broker", self.where, keys.key(self.data, "broker").hex())
        with self.factory.home.opened() as db, db.read() as session:
            broker.admit(broker_users(session))
        server = [sys.executable, "-P", "-m", "threenos_server.cli"]
        return {
            "broker": broker.command,
            "intake": [*server, "intake"],
            "web": [*server, "web", "--port", str(self.web_port), "--web-threads", "8"],
            "clock": [*server, "clock"],
            "agent": [*self.station_command("run"), "--page-port", "0"],
        }

    def station_command(self, *arguments: str) -> list[str]:
        """`threenos-station` with the agent's configuration."""
        return [sys.executable, "-P", "-m", "threenos_station.cli", *arguments, "--config", str(self.config)]

    def _service(self, name: str, command: list[str]) -> Service:
        home = self.factory.home
        settings = Settings(
            data=self.data,
            database="" if home.service is None else home.url,
            mqtt_url=f"mqtt://127.0.0.1:{self.where.server_port}",
            mqtt_user=mosquitto.SERVER_USER,
            mqtt_password=keys.key(self.data, "broker").hex(),
            log_level="warning",
        )
        ours = {} if name in ("agent", "broker") else settings.environment()
        return Service(name, command, self.environment | ours, self.directory / f"{name}.log")

    def _station_toml(self) -> Path:
        path = self.directory / "station.toml"
        stations = "".join(
            f'[[station]]\nid = "{s}"\nsite = "{SITE}"\npassword = "{self.factory.passwords[s]}"\n' for s in STATIONS
        )
        path.write_text(f'data = "agent"\n[server]\nhost = "127.0.0.1"\nport = {self.where.port}\n{stations}')
        return path


def _clean() -> dict[str, str]:
    """Our own environment without anybody's settings of the product."""
    return {k: v for k, v in os.environ.items() if not k.startswith("THREENOS_")} | {"HOME": "/nonexistent"}


def _path() -> str:
    """Where Python looks first: what is put into every process, then what was so for us."""
    return os.pathsep.join(filter(None, (str(INSIDE), os.environ.get("PYTHONPATH"))))
