"""Two web workers without a message queue between them: each follows the journal by itself, and loses nothing."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from board_story import BEGIN
from plant import answers, free_port, wait_for

from threenos_server.board import service
from threenos_server.db import Database

APP = """
import os
from flask import Flask
from threenos_server.access import Actor
from threenos_server.db import Database
from threenos_server.gateway.server import EXTENSION, attach

app = Flask("board")
attach(app, Database(os.environ["BOARD_DB"]), lambda site, cookies, token: Actor("Wall", "board-1", board_token=True))

@app.get("/worker")
def worker():
    return f"{os.getpid()} {sum(health.sockets for health in app.extensions[EXTENSION].health())}"
"""
WRITER = """
import sys
from board_story import BEGIN, Day
from threenos_server.board.fold import FOLD
from threenos_server.chain.fold import FOLD as CHAIN
from threenos_server.db import Database
from threenos_server.journal.service import append

db, day = Database(sys.argv[1], (CHAIN, FOLD)), Day(11)
day.entries(50)
for size in (1, 3, 1, 20, 2) * 12:
    with db.write() as session:
        append(session, day.site, day.entries(size), BEGIN)
"""


@pytest.fixture
def workers(factory_db: Database, tmp_path: Path) -> Iterator[str]:
    """The address of gunicorn with two workers."""
    port = free_port()
    (tmp_path / "boardapp.py").write_text(APP)
    environment = os.environ | {"BOARD_DB": factory_db.url, "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path)}
    flags = ["-k", "gthread", "-w", "2", "--threads", "40", "-b", f"127.0.0.1:{port}", "--graceful-timeout", "1"]
    with (tmp_path / "gunicorn.log").open("wb") as log:
        command = [sys.executable, "-m", "gunicorn", *flags, "--no-control-socket", "boardapp:app"]
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=log, stderr=log)
        try:
            wait_for("gunicorn listens", lambda: answers("127.0.0.1", port), 20)
            url = f"http://127.0.0.1:{port}"
            wait_for("both workers answer", lambda: len(sockets_by_worker(url)) == 2, 60)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def sockets_by_worker(url: str) -> dict[str, int]:
    """How many sockets each worker has that answers one of a few requests."""
    found = {}
    for _ in range(12):
        with urlopen(f"{url}/worker", timeout=10) as answer:
            pid, sockets = answer.read().decode().split()
            found[pid] = int(sockets)
    return found


def test_two_workers_lose_nothing(workers: str, factory_db: Database, open_boards: Callable[[str], Any]) -> None:
    """Boards on both, while another process writes: no hole, and in the end the board of the database."""
    with open_boards(workers) as look:
        boards = [look() for _ in range(4)]
        wait_for("both workers have a board", lambda: _both(workers, boards, look), 20)
        paths = os.pathsep.join(p for p in sys.path if p.endswith("tests"))
        subprocess.run(
            [sys.executable, "-c", WRITER, factory_db.url],
            env=os.environ | {"PYTHONPATH": paths},
            check=True,
            timeout=60,
        )
        with factory_db.read() as session:
            kept = service.snapshot(session, "lakeside", BEGIN)
        assert kept["seq"] == 51 + 27 * 12
        told = ("lines", "stations", "complaints")
        for board in boards:
            wait_for("it is whole", lambda board=board: all(board.board[k] == kept[k] for k in told))
            assert board.holes == 0
            assert len(board.events("snapshot")) == 1
            assert len(board.events("delta")) > 5


def _both(url: str, boards: list[Any], look: Callable[[], Any]) -> bool:
    found = sockets_by_worker(url)
    if len(found) == 2 and all(found.values()):
        return True
    boards.append(look())
    return False
