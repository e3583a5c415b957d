"""`threenos demo`: `up` on a directory of its own, with a station agent for all stations and people who use it."""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from threenos_server.db import Database
from threenos_server.demo import plant, play
from threenos_server.settings import Settings
from threenos_server.up import main as up
from threenos_server.up.children import Child
from threenos_server.up.sockets import KeptPort
from threenos_server.up.where import Where

#: The tablet to look at: its process finds more defects than any other.
TABLET = "mill-1"

Show = Callable[[Where, "Demo"], None]


class Demo:
    """One run of the demo; `plant` and `page` are there once the system is."""

    plant: plant.Plant
    page: str

    def __init__(self, settings: Settings, seed: int, pace: float) -> None:
        # Only what goes wrong is logged, so that the addresses stay where they were printed.
        self._settings = dataclasses.replace(settings, data=settings.data / "demo", database="", log_level="warning")
        self._seed, self._pace = seed, pace

    def run(self, show: Show) -> None:
        """Until SIGTERM or SIGINT; `show` is called once everything serves."""
        plant.empty(self._settings.data)
        up.run(self._settings, lambda where, _db: show(where, self), self._prepare, self._people)

    def _prepare(self, db: Database, _settings: Settings) -> None:
        self.plant = plant.build(db)

    def _people(self, where: Where, environment: dict[str, str], run: Path) -> Sequence[Child]:
        self._port = KeptPort("127.0.0.1")
        self.page = f"http://127.0.0.1:{self._port.number}"
        config = self._settings.data.resolve() / "station.toml"
        plant.write_agent(config, self.plant, where, self._port.number)
        agent = [sys.executable, "-P", "-m", "threenos_station.cli", "run", "--config", str(config)]
        people = [sys.executable, "-P", "-m", "threenos_server.demo.play"]
        people += [self.page, where.http, str(self._seed), str(self._pace)]
        told = environment | {play.PASSWORD: self.plant.password}
        return (Child("stations", agent, environment, run), Child("people", people, told, run))
