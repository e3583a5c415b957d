"""A PostgreSQL server that can be killed, stopped, frozen and started again; commits wait for the disk, as always."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from plant import end, wait_for

_PROGRAMS = Path(shutil.which("initdb") or max(Path("/usr/lib/postgresql").glob("*/bin/initdb"))).resolve().parent


class Postgres:
    """One cluster on a unix socket (and on an address of its own, when one is named)."""

    def __init__(self, directory: Path, address: str = "", port: int = 5432) -> None:
        self._directory, self._address, self._port = directory, address, port
        # The server refuses to run as root, and its user could not enter a directory of root's.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(directory, self._user)
        self._cluster = directory / "cluster"
        make = [_PROGRAMS / "initdb", "-D", self._cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(make, check=True, capture_output=True, user=self._user, cwd=directory, timeout=120)
        if address:
            with (self._cluster / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")
        self._databases = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *prefix: str) -> None:
        """Start it and wait until it answers; `prefix` runs it, in a network namespace for instance."""
        self.begin(*prefix)
        self._answers()

    def begin(self, *prefix: str) -> None:
        """Start it without a wait, as a service manager does."""
        options = ["-k", str(self._directory), "-c", f"listen_addresses={self._address}", "-p", str(self._port)]
        command = [str(_PROGRAMS / "postgres"), "-D", str(self._cluster), *options]
        if prefix and self._user:
            # Whoever enters a network is root; the server is not.
            become = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups"]
            command = [*prefix, *become, *command]
        with (self._directory / "log").open("ab") as log:
            user = None if prefix else self._user
            self._process = subprocess.Popen(command, user=user, cwd=self._directory, stdout=log, stderr=log)

    def again(self) -> None:
        """Start it if it has ended by itself, and wait until it answers."""
        if self._process is None or self._process.poll() is not None:
            self.begin()
        self._answers()

    def _answers(self) -> None:
        ready = [_PROGRAMS / "pg_isready", "-q", "-h", str(self._directory), "-p", str(self._port)]
        wait_for("PostgreSQL answers", lambda: subprocess.run(ready, check=False, timeout=60).returncode == 0, 60)

    def database(self) -> str:
        """The URL of a new empty database."""
        self._databases += 1
        name = f"plant{self._databases}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def _url(self, name: str) -> str:
        host = self._address or self._directory
        return f"postgresql://postgres@/{name}?host={host}&port={self._port}"

    def kill(self) -> None:
        """kill -9 of the server and of everything that it runs."""
        assert self._process is not None
        for pid in (self._process.pid, *_descendants(self._process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(60)
        self._process = None

    def stop(self) -> None:
        """As an administrator does it: connections are ended, everything is written."""
        if self._process is not None:
            process, self._process = self._process, None
            end(process, signal.SIGINT)

    def freeze(self, on: bool = True) -> None:
        """Every process of it stands still, and its connections stay open."""
        assert self._process is not None
        for pid in (self._process.pid, *_descendants(self._process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP if on else signal.SIGCONT)


@contextmanager
def running() -> Iterator[Postgres]:
    """One for a whole run."""
    directory = Path(tempfile.mkdtemp(prefix="threenos-pg-"))
    try:
        postgres = Postgres(directory)
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(directory)


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [*children, *(grandchild for child in children for grandchild in _descendants(child))]
