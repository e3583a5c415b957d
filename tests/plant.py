"""What tests share: a real system as `threenos up` runs it, a PostgreSQL of our own, and waiting for a condition."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread, Timer
from time import monotonic
from typing import Any, ClassVar, TypeVar

from threenos_server.db import sqlite_url
from threenos_server.up.sockets import KeptPort

T = TypeVar("T")
THREENOS = str(Path(sys.executable).with_name("threenos"))


def wait_for(what: str, ask: Callable[[], T], seconds: float = 15.0) -> T:
    """Ask until the answer is true, and return it; fails with `what` after `seconds`."""
    deadline = monotonic() + seconds
    while not (answer := ask()):
        assert monotonic() < deadline, f"in {seconds} s it was never so: {what}"
        Event().wait(0.02)
    return answer


#: For as long as the tests run.
_KEPT: list[KeptPort] = []


def free_port() -> int:
    """A port of loopback that nobody listens on; no other test will be given it."""
    _KEPT.append(KeptPort("127.0.0.1"))
    return _KEPT[-1].number


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


def at_once(*works: Callable[[], object], seconds: float = 30.0) -> None:
    """Do all of these at the same time, each in a thread of its own; fails when one has not ended after `seconds`."""
    threads = [Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    deadline = monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    late = sum(thread.is_alive() for thread in threads)
    assert late == 0, f"{late} of {len(threads)} had not ended after {seconds} s"


@contextmanager
def beside(work: Callable[[], object], stop: Event, seconds: float = 20.0) -> Iterator[Thread]:
    """Do this in a thread while the block lasts; it has to end within `seconds` of `stop`, which is set in any case."""
    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(seconds)
        assert not thread.is_alive(), f"it went on for {seconds} s after it was told to stop"


def next_line(process: "subprocess.Popen[Any]", seconds: float = 30.0) -> Any:
    """The next line that a child prints; one that has printed none after `seconds` is killed, and the test fails."""
    assert process.stdout is not None
    watch = Timer(seconds, process.kill)
    watch.daemon = True
    watch.start()
    try:
        line = process.stdout.readline()
    finally:
        watch.cancel()
    assert line, f"{process.args!r} ended without a word, or said nothing in {seconds} s"
    return line


def taken(heard: "Queue[T]", what: str, seconds: float = 15.0) -> T:
    """The next thing in a queue; fails with `what` when none has come after `seconds`."""
    try:
        return heard.get(timeout=seconds)
    except Empty:
        raise AssertionError(f"in {seconds} s it never came: {what}") from None


def end(process: "subprocess.Popen[Any]", by: signal.Signals = signal.SIGTERM, seconds: float = 60.0) -> int:
    """Ask a child to end, and wait; its exit code. One that has not ended after `seconds` is killed, and it fails."""
    process.send_signal(by)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)
        raise AssertionError(f"{process.args!r} had not ended {seconds} s after {by.name}, and was killed") from None


def lives(pid: int) -> bool:
    """Whether that process does anything any more; one that is dead and not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class RunningSystem:
    """A `threenos up` of its own on `data`, in processes of its own. HOME is a directory that does not exist.

    `program` is run instead of the installed command; a test may patch something in it first. `command` may be `demo`.
    `where` are the flags by which another command finds the same data.
    """

    #: Gives the URL of a new database for a system that is not told one; without it that is a file in its directory.
    database: ClassVar[Callable[[], str] | None] = None

    def __init__(self, data: Path, *flags: str, program: Sequence[str] = (THREENOS,), command: str = "up") -> None:
        self.data = data
        self._program, self._command = program, command
        self._ready = data.parent / f"{data.name}-ready.json"
        self._flags = flags
        self.where = ("--data", str(data))
        if self.database is not None and command == "up" and "--database" not in flags:
            self.where += ("--database", self._elsewhere(self.database()))
        self._log = (data.parent / f"{data.name}.log").open("ab")
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Start it, again when it was stopped, and wait until it serves."""
        self._ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [
                *(*self._program, self._command, *self.where, "--port", "0", "--mqtt-port", "0"),
                *("--ready-file", str(self._ready), *self._flags),
            ],
            stdout=self._log,
            stderr=self._log,
            env=os.environ | {"HOME": "/nonexistent", "PYTHONFAULTHANDLER": "1"},
        )
        try:
            wait_for(f"threenos {self._command} is ready", self._is_ready, 120)
        except AssertionError as e:
            e.add_note(self._last_words())
            raise
        where = json.loads(self._ready.read_text())
        self.http: str = where["http"]
        self.mqtt: tuple[str, int] = (where["mqtt"]["host"], where["mqtt"]["port"])

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, f"threenos {self._command} ended with {self.process.returncode}"
        return self._ready.exists()

    def _last_words(self) -> str:
        """What one that is given up has said, with the stacks of all threads of all its processes."""
        # The youngest first: those whose parent dies are killed without a word.
        for pid in reversed(_family(self.process.pid)) if self.process.poll() is None else []:
            # Python answers it with the stacks; of the signals of which that is so, gunicorn leaves this one alone.
            for number in (signal.SIGSEGV, signal.SIGKILL):
                with suppress(ProcessLookupError, AssertionError):
                    os.kill(pid, number)
                    wait_for("it is dead", lambda pid=pid: not lives(pid))
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(60)
        return self.log()

    def log(self) -> str:
        """All that it and its children have said."""
        return Path(self._log.name).read_text(errors="replace")

    @property
    def url(self) -> str:
        """Of its database."""
        return self.where[3] if len(self.where) > 2 else sqlite_url(self.data.absolute())

    def threenos(self, *arguments: str, typed: str | None = None) -> str:
        """What another command on the same data prints; it has to succeed."""
        where = self.where[:2] if "--database" in arguments else self.where
        return _done([THREENOS, *arguments, *where], typed)

    def json(self, *arguments: str, typed: str | None = None) -> Any:
        return json.loads(self.threenos(*arguments, "--json", typed=typed))

    def _elsewhere(self, url: str) -> str:
        """That URL, with what a test has put into the directory's file before."""
        if (self.data / "threenos.db").exists():
            _done([THREENOS, "db", "move", url, "--data", str(self.data)])
        return url

    def pid(self, name: str) -> int:
        """The process number of a child: broker, web, intake or clock."""
        return int((self.data / "run" / f"{name}.pid").read_text())

    def kill(self, name: str) -> int:
        """End a child without warning; the number that it had."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self) -> int:
        """Ask it to end, and wait; its exit code."""
        return end(self.process)

    def close(self) -> None:
        try:
            if self.process.poll() is None:
                self.stop()
        finally:
            self._log.close()


def _family(pid: int) -> list[int]:
    """A process and all that descend from it, the oldest first; who has just ended has no children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _done(command: list[str], typed: str | None = None) -> str:
    """What a command prints that has to succeed."""
    done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@contextmanager
def postgres_cluster(*, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL cluster on a unix socket; yields a URL with `{}` for the name of a database.

    Only a `durable` one waits for the disk, as a real one does; no test pulls the plug of this machine.
    """
    programs = Path(shutil.which("initdb") or max(Path("/usr/lib/postgresql").glob("*/bin/initdb"))).resolve().parent
    # The server refuses to run as root, and its user could not enter a directory of root's tests.
    user = "postgres" if os.geteuid() == 0 else None
    directory = tempfile.mkdtemp(prefix="threenos-pg-")
    if user:
        shutil.chown(directory, user)
    cluster = f"{directory}/cluster"
    make = [str(programs / "initdb"), "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, user=user, cwd=directory, timeout=120)
    serve = [str(programs / "postgres"), "-D", cluster, "-k", directory, "-c", "listen_addresses="]
    serve += ["-c", f"fsync={'on' if durable else 'off'}", "-c", "max_connections=200"]
    with Path(directory, "log").open("wb") as log:
        process = subprocess.Popen(serve, user=user, cwd=directory, stdout=log, stderr=log)
        try:
            ready = [str(programs / "pg_isready"), "-q", "-h", directory]
            wait_for("PostgreSQL answers", lambda: subprocess.run(ready, check=False, timeout=60).returncode == 0, 60)
            yield f"postgresql://postgres@/{{}}?host={directory}"
        finally:
            try:
                end(process, signal.SIGINT)
            finally:
                shutil.rmtree(directory)
