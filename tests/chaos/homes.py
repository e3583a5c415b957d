"""Where the journal lives: a SQLite file, or a PostgreSQL cluster of our own whose processes are killed too."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.process import Service
from plant import wait_for

from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS

#: What is left of a crash is mended within this.
RECOVERED_S = 60.0


@dataclass(frozen=True, slots=True)
class Home:
    """A database by its URL; `service` is the program behind it when there is one, with its socket in `sockets`."""

    url: str
    service: Service | None = None
    sockets: str = ""

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """The database for a moment: nobody of us holds it open while it is killed."""
        db = Database(self.url, FOLDS)
        try:
            yield db
        finally:
            db.close()

    def start(self) -> None:
        """Have it answer."""
        if self.service is not None:
            if not self.service.runs:
                self.service.start()
            wait_for("the database answers", self._answers, RECOVERED_S)

    def _answers(self) -> bool:
        ready = [_programs() / "pg_isready", "-q", "-h", self.sockets]
        return subprocess.run(ready, check=False, timeout=60).returncode == 0


@contextmanager
def home(database: str, directory: Path) -> Iterator[Home]:
    """An empty home of that kind, which answers; `directory` has the data of the server and the logs."""
    if database == "sqlite":
        yield Home(sqlite_url(directory / "data"))
    else:
        with _cluster() as cluster:
            made = _postgresql(cluster, directory / "database.log")
            assert made.service is not None
            made.start()
            try:
                yield made
            finally:
                made.service.wipe_out()


@contextmanager
def _cluster() -> Iterator[Path]:
    """An initialized cluster in a directory of its own: the path of its socket has to be short."""
    directory = Path(tempfile.mkdtemp(prefix="threenos-chaos-pg-"))
    try:
        if user := _user():
            shutil.chown(directory, user)
        make = [_programs() / "initdb", "-D", directory / "cluster", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*make, "--no-sync"], check=True, capture_output=True, user=user, cwd="/", timeout=120)
        yield directory
    finally:
        shutil.rmtree(directory)


def _postgresql(cluster: Path, log: Path) -> Home:
    """Every commit is made to reach the disk here, unlike in the tests that kill nobody."""
    options = ["listen_addresses=", "fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=200"]
    command = [str(_programs() / "postgres"), "-D", str(cluster / "cluster"), "-k", str(cluster)]
    command += [word for option in options for word in ("-c", option)]
    service = Service("database", command, dict(os.environ), log, user=_user(), alone=True)
    return Home(f"postgresql://postgres@/postgres?host={cluster}", service, str(cluster))


def _programs() -> Path:
    return Path(shutil.which("initdb") or max(Path("/usr/lib/postgresql").glob("*/bin/initdb"))).resolve().parent


def _user() -> str | None:
    """The server refuses to run as root, and its user could not enter a directory of root's tests."""
    return "postgres" if os.geteuid() == 0 else None
