"""Several web workers under one gunicorn, and what `up` prints for a program."""

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import websocket
from plant import RunningSystem, lives, wait_for

ASKED = 30


def test_what_up_prints_as_json_is_json(run_system: Callable[..., RunningSystem]) -> None:
    """One document, the one-time code of an empty system in it."""
    system = run_system("--json")
    (printed,) = [line for line in system.log().splitlines() if '"mqtt"' in line]
    said = json.loads(printed)
    assert (said["http"], tuple(said["mqtt"].values())) == (system.http, system.mqtt)
    assert re.fullmatch(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){2}", said["first_code"])
    assert "Nobody administers" not in system.log()


def counted(system: RunningSystem) -> int:
    with urlopen(f"{system.http}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'^threenos_http_request_seconds_count\{[^}]*route="/health/live"[^}]*\} ([0-9.]+)$', text, re.M)
    return int(sum(map(float, found)))


def test_metrics_are_of_all_workers(run_system: Callable[..., RunningSystem]) -> None:
    """Every scrape sees every request, and a worker that is gone takes no counts with it."""
    system = run_system("--web-workers", "2")
    for _ in range(ASKED):
        urlopen(f"{system.http}/health/live", timeout=10).close()
    assert {counted(system) for _ in range(8)} == {ASKED}


def test_no_worker_outlives_its_master(run_system: Callable[..., RunningSystem]) -> None:
    """Killed at once with its board open: it would hold the port. One that is stopped cannot end by itself."""
    system = run_system("--web-workers", "2")
    board = websocket.create_connection(
        f"{system.http.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket", 10
    )
    workers = children(system.pid("web"))
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        system.kill("web")
        wait_for("no worker lives", lambda: not any(map(lives, workers)))
    finally:
        for worker in filter(lives, workers):
            os.kill(worker, signal.SIGKILL)
        board.shutdown()


def children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
