"""A plant to break: `threenos up` on one database, a station agent, a webhook, and what everybody there was told."""

import os
import shutil
import signal
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from chaos import check as judge
from chaos import factory
from chaos.homes import Home
from chaos.people import listening
from chaos.pressing import Ledger
from chaos.works import INSIDE
from faults.agent import STATION, Agent
from faults.place import Place, Scenario
from faults.table import Row
from plant import THREENOS, RunningSystem, free_port, wait_for

from threenos_server.clock import utc_now
from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.journal.service import known_events
from threenos_wire.ids import new_id

SEED = 5


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press and what the tablet was told: 201 is saved, 507 not saved, 0 nothing at all."""

    id: str
    status: int
    at: float

    @property
    def saved(self) -> bool:
        return self.status == 201


@dataclass(frozen=True, slots=True)
class Verdict:
    """What did not hold, as numbers for the table and in words."""

    lost: int
    doubled: int
    missed: int
    wrong: tuple[str, ...]

    def row(
        self, of: Scenario, at: Place, seen: str, recovered_s: float | None = None, wrong: Sequence[str] = ()
    ) -> Row:
        """The row of a scenario that ended so; `wrong` is what the scenario itself found."""
        counts = (self.lost, self.doubled, self.missed)
        return Row(of.fault, of.where, at.database, seen, *counts, recovered_s, (*wrong, *self.wrong))


class Plant(ABC):
    """What every plant to break has: a database, an agent, a webhook, and a ledger. `url` None: SQLite in `data`."""

    #: Every so-manieth request of the webhook is refused as busy; 0: none.
    busy_each = 3

    def __init__(self, directory: Path, url: str | None, data: Path | None = None, station: Path | None = None) -> None:
        self._stack = ExitStack()
        directory.mkdir(parents=True, exist_ok=True)
        self.directory, self.ledger = directory, Ledger()
        try:
            self.told = self._stack.enter_context(listening(SEED, busy_each=self.busy_each))
            self.home = Home(url or sqlite_url(data or directory / "data"))
            self.factory = factory.build(data or directory / "data", self.home, self.told.url)
            self.data, self.url = self.factory.data, self.home.url
            self.db = Database(self.url, FOLDS)
            self._stack.callback(self.db.close)
            self.agent = Agent(station or directory / "station", self.factory)
            self._stack.callback(self.agent.kill)
        except BaseException:
            self._stack.close()
            raise

    def press(self, station: str = STATION, **fields: Any) -> Pressed:
        """A reject (or what `fields` say) at a tablet; what it answered goes into the ledger."""
        body = {"id": new_id(), "kind": "reject", "defect": "porosity", "qty": 1.0} | fields
        named = str(body["id"])
        self.ledger.tried.add(named)
        status, _ = self.agent.ask("POST", f"/api/stations/{station}/presses", body)
        pressed = Pressed(named, status, monotonic())
        if pressed.saved:
            self.ledger.saved.add(named)
        return pressed

    def stored(self, pressed: Sequence[Pressed]) -> bool:
        """Whether one of these is in the journal; False as well while the database does not answer."""
        try:
            with self.db.read() as session:
                return bool(known_events(session, [p.id for p in pressed]))
        except sa.exc.SQLAlchemyError:
            return False

    def until_stored(self, since: float, seconds: float = 60.0, every_s: float = 0.25) -> float:
        """Press again and again; how long after `since` the first of these presses was in the journal."""
        pressed: list[Pressed] = []
        until, again = monotonic() + seconds, 0.0
        while not (pressed and self.stored(pressed)):
            assert monotonic() < until, f"nothing was stored within {seconds} s"
            if monotonic() >= again:
                pressed.append(self.press())
                again = monotonic() + every_s
            Event().wait(0.02)
        return monotonic() - since

    def until_all_stored(self, since: float, seconds: float = 90.0) -> float:
        """How long after `since` the agent held nothing any more."""
        wait_for("the agent holds nothing any more", lambda: self.agent.waiting() == 0, seconds)
        return monotonic() - since

    def at_rest(self, seconds: float = 60.0) -> dict[str, int]:
        """Wait until nothing is left to be done; what is left all the same."""
        until = monotonic() + seconds
        while (rest := self.left()) and monotonic() < until:
            if not self.agent.runs:
                self.agent.start()
            Event().wait(0.25)
        return rest

    def left(self) -> dict[str, int]:
        """What is still to be told, fired or sent."""
        rest = {"events at the agent": self.agent.waiting()} | judge.left(self.home, utc_now(), None)
        return {what: count for what, count in rest.items() if count}

    def verdict(self, rest_s: float = 60.0) -> Verdict:
        """Come to rest, stop everything, and look."""
        rest = self.at_rest(rest_s)
        self.stop_server()
        self.agent.kill()
        self.ledger.recorded |= _recorded(self.agent.data / "station.db")
        _, found = judge.check(self.home, self.data, self.ledger, self.told, None)
        kinds = [v.kind for v in found]
        missed = kinds.count("escalation") + kinds.count("notice")
        wrong = [*(f"left: {count} {what}" for what, count in rest.items()), *map(str, found)]
        return Verdict(kinds.count("lost") + kinds.count("missing"), kinds.count("twice"), missed, tuple(wrong))

    @abstractmethod
    def stop_server(self) -> None:
        """End all of the server."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()


class Floor(Plant):
    """The server is `threenos up` with `environment`; its parts are broken by the scenarios."""

    def __init__(
        self,
        directory: Path,
        url: str | None = None,
        *,
        data: Path | None = None,
        station: Path | None = None,
        environment: Mapping[str, str] | None = None,
        flags: Sequence[str] = (),
    ) -> None:
        super().__init__(directory, url, data, station)
        try:
            self.http_port, self.mqtt_port = free_port(), free_port()
            self.system = self._up(environment or {}, flags, url)
            self._stack.callback(self.system.close)
            self.agent.point(self.mqtt_port)
        except BaseException:
            self._stack.close()
            raise

    def _up(self, environment: Mapping[str, str], flags: Sequence[str], url: str | None) -> RunningSystem:
        """With the notices' patience shortened as in the kill tests; everything else as it is."""
        syncs = self.directory / "syncs"
        syncs.mkdir()
        ours = {"PYTHONPATH": str(INSIDE), "CHAOS_SYNCS": str(syncs), **environment}
        program = ("env", *(f"{name}={value}" for name, value in ours.items()), THREENOS)
        where = ("--port", str(self.http_port), "--mqtt-port", str(self.mqtt_port), "--log-level", "warning")
        return RunningSystem(self.data, *where, *(("--database", url) if url else ()), *flags, program=program)

    @property
    def token(self) -> str:
        """What opens the board."""
        return self.factory.token

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def ready(self) -> None:
        """Start the agent, and wait until it is heard."""
        self.agent.start()
        wait_for("the server hears the stations", self.agent.heard, 30)

    def stop_server(self) -> None:
        self.system.close()

    def kill_all(self) -> None:
        """Everything at once, as a power cut does."""
        self.kill_server()
        self.agent.kill()

    def kill_server(self) -> None:
        """The supervisor and all that it runs."""
        pids = [self.system.process.pid, *(self.system.pid(name) for name in ("broker", "web", "intake", "clock"))]
        signal_all([*pids, *children_of(pids)], signal.SIGKILL)
        self.system.process.wait(30)


@contextmanager
def opened(directory: Path, url: str | None = None, **how: Any) -> Iterator[Floor]:
    """A floor with a running agent that is heard."""
    with Floor(directory, url, **how) as floor:
        floor.ready()
        yield floor


def _recorded(outbox: Path) -> set[str]:
    """What the agent remembers as recorded by the server."""
    with closing(sqlite3.connect(outbox)) as db:
        return {row[0] for row in db.execute("SELECT id FROM recorded")}


def children_of(pids: Sequence[int]) -> list[int]:
    found: list[int] = []
    for pid in pids:
        with suppress(OSError):
            found += [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found


def signal_all(pids: Sequence[int], number: signal.Signals) -> None:
    """Those that have ended already are left out."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def programs(*names: str) -> list[str]:
    """Those of these commands that the machine lacks; /usr/sbin counts."""
    path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
    return [name for name in names if shutil.which(name, path=path) is None]
