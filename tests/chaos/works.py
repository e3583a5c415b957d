"""The processes: a broker, an intake, a web server, a clock, and a station agent with several stations."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from chaos import power
from chaos.factory import SITE, STATIONS, Factory
from plant import answers, free_port, wait_for

from threenos_server import keys
from threenos_server.broker import mosquitto
from threenos_server.broker.embedded import Mosquitto
from threenos_server.db import Database, sqlite_url
from threenos_server.people.stations import broker_users
from threenos_server.settings import Settings

SERVICES = ("agent", "broker", "intake", "web", "clock")
#: So many commands may run beside them.
COMMANDS = len(STATIONS)
INSIDE = Path(__file__).parent / "inside"


@dataclass
class Service:
    """One program, started and killed as often as wanted, in a process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    deaths: list[int] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_us,
            )  # fmt: skip
        self.began = monotonic()

    @property
    def runs(self) -> bool:
        """Whether it lives; one that has ended by itself is noted in `deaths`."""
        if self.process is None:
            return False
        code = self.process.poll()
        if code is not None:
            self.deaths.append(code)
            self.process = None
        return code is None

    def kill(self, *, child: bool = False) -> int:
        """kill -9 the program, or one of its children when it has some; the number of whom it hit."""
        assert self.process is not None
        pid = self.process.pid
        if child and (children := _children(pid)):
            os.kill(children[0], signal.SIGKILL)
            return children[0]
        self.orphans = _children(pid)
        self.process.kill()
        self.process.wait()
        self.process = None
        return pid

    def wipe_out(self) -> None:
        """The program and all its children, as a power cut does. Children that it left behind end by themselves."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        wait_for("nobody is left behind", lambda: not any(Path(f"/proc/{pid}").exists() for pid in self.orphans), 20)


def die_with_us() -> None:
    """In the child: a test that is killed itself leaves nobody behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


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

    def start(self, *names: str) -> None:
        """Start these, and wait until the broker among them answers."""
        for name in names:
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
            self._outlets.acquire()
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
        db = Database(sqlite_url(self.data))
        with db.read() as session:
            broker.admit(broker_users(session))
        db.close()
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
        settings = Settings(
            data=self.data,
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
