"""gunicorn for `threenos web`, and for a gunicorn of your own by deploy/gunicorn.conf.py."""

import os
import signal
from pathlib import Path
from shutil import rmtree
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from threenos_server.settings import Settings, load
from threenos_server.stopping import end_with_parent

#: Stopping with open boards takes all of this, since their sockets never end by themselves.
GRACEFUL_S = 2
#: A worker that has not been heard for so long is killed: longer than SQLite waits for its lock.
SILENT_S = 60
#: gunicorn by itself takes a thousand sockets and lets the next ones wait without a word.
CONNECTIONS = 10_000


def options(settings: Settings, fd: int | None = None) -> dict[str, Any]:
    """gunicorn's settings. `fd` is a listening socket that was opened by a parent."""
    shared_memory = Path("/dev/shm")
    chosen: dict[str, Any] = {
        "bind": f"fd://{fd}" if fd is not None else _bind(settings),
        "workers": settings.web_workers,
        "worker_connections": CONNECTIONS,
        "worker_class": settings.web_worker,
        "proc_name": "threenos-web",
        "graceful_timeout": GRACEFUL_S,
        "timeout": SILENT_S,
        "loglevel": settings.log_level,
        "logger_class": Log,
        "post_fork": _end_with_master,
        # It would lie in HOME, which a service often does not have.
        "control_socket_disable": True,
        # On a disk that stalls, the heartbeat file of a worker would stall it too.
        "worker_tmp_dir": str(shared_memory) if shared_memory.is_dir() else None,
    }
    if settings.web_worker == "gthread":
        chosen["threads"] = settings.web_threads
        from threenos_server.http.worker import BehindProxies, Worker  # gevent's patches come before what it imports

        chosen["worker_class"] = BehindProxies if settings.proxies else Worker
    if settings.web_workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        chosen |= _shared_metrics(settings.data.absolute() / "run" / "metrics")
    return chosen


def _end_with_master(arbiter: Any, _worker: Any) -> None:
    """A worker by itself waits for its open boards when the master was killed, and keeps the port from the next one."""
    end_with_parent(arbiter.pid, signal.SIGKILL)


def _shared_metrics(directory: Path) -> dict[str, Any]:
    """Where several workers put what they measure, so that any of them answers for all."""

    def begin(_arbiter: Any) -> None:
        rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)

    def bury(_arbiter: Any, worker: Any) -> None:
        from prometheus_client.multiprocess import mark_process_dead  # not before the fork: it reads the variable once

        mark_process_dead(worker.pid, str(directory))  # type: ignore[no-untyped-call]  # prometheus_client's

    return {"raw_env": [f"PROMETHEUS_MULTIPROC_DIR={directory}"], "on_starting": begin, "child_exit": bury}


def _bind(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


class Log(Logger):
    """gunicorn's own words, in the shape of all the others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):
    """A gunicorn whose application is made in each worker, after the fork: engines and threads do not survive one."""

    def __init__(self, settings: Settings, fd: int | None) -> None:
        self._settings, self._fd = settings, fd
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self._settings, self._fd).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from threenos_server.app import create

        return create(self._settings)


def app() -> Any:
    """The application for a gunicorn of one's own: `threenos_server.cli.serve:app()`."""
    from threenos_server.app import create

    return create(load({}))
