"""A station agent as a real process, and what its tablet would see."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chaos import factory
from chaos.pressing import ask
from chaos.process import die_with_us
from faults.network import Network
from plant import wait_for

#: Whose tablet is looked at where nothing else is said.
STATION = "leak-1"


class Agent:
    """`threenos-station run` for all stations; `point` says where its broker is."""

    def __init__(self, folder: Path, made: factory.Factory) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "agent"
        self._config = folder / "station.toml"
        self._log = folder / "agent.log"
        self._stations = "".join(
            f'[[station]]\nid = "{s}"\nsite = "{factory.SITE}"\npassword = "{made.passwords[s]}"\n'
            for s in factory.STATIONS
        )
        self.prefix: Sequence[str] = ()
        #: Where it lives in the network, None: with us.
        self.network: Network | None = None
        self.environment: Mapping[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def point(self, port: int, host: str = "127.0.0.1") -> None:
        """Where it finds the broker when it is started next."""
        server = f'[server]\nhost = "{host}"\nport = {port}\n[page]\nport = 0\n'
        self._config.write_text(f'data = "agent"\n{server}{self._stations}')

    def start(self) -> None:
        """Start it and wait until its page answers; again when it was stopped."""
        (self.data / "agent.json").unlink(missing_ok=True)
        self.begin()
        wait_for("the agent's page answers", self._answers, 30)

    def begin(self) -> None:
        command = [
            *self.prefix,
            sys.executable,
            "-P",
            "-m",
            "threenos_station.cli",
            "run",
            "--config",
            str(self._config),
        ]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("THREENOS_")}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=clean | dict(self.environment), stdout=log, stderr=log, preexec_fn=die_with_us
            )

    def _answers(self) -> bool:
        try:
            self.port = int(json.loads((self.data / "agent.json").read_text())["url"].rpartition(":")[2])
            return self.status() is not None
        except (OSError, ValueError):
            return False

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9, also when it has ended already."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(60)
            self.process = None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, JSON); status 0 when nobody answers."""
        try:
            if self.network is not None:
                return self.network.inside(lambda: ask(self.port, method, path, body))
            return ask(self.port, method, path, body)
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None

    def status(self) -> Any:
        """What it says of itself, None when it says nothing."""
        return self.ask("GET", "/api/status")[1]

    def waiting(self) -> int:
        """How many events it holds; one when it does not answer."""
        said = self.status()
        return 1 if said is None else sum(s["outbox"]["waiting"] for s in said["stations"])

    def heard(self, station: str = STATION) -> bool:
        """Whether its tablet shows that the server hears it."""
        said = self.status()
        return bool(said and next(s["server"]["heard"] for s in said["stations"] if s["station"] == station))

    def log(self) -> str:
        return self._log.read_text(errors="replace")
