"""The web worker for many screens, which is for PostgreSQL only: greenlets instead of threads."""

from pathlib import Path

from homes import PostgresqlHome
from hosts import hosts
from plant import wait_for
from service.complaints.works import SITE, begin
from service.gateway.conftest import Board

from threenos_server.clock import utc_now
from threenos_server.people import tokens


def test_a_gevent_worker_shows_a_press_on_every_board(postgresql_home: PostgresqlHome, tmp_path: Path) -> None:
    """The database is waited for by greenlets too: no board holds up another, and none has a hole."""
    with postgresql_home.empty.copied() as db, hosts(tmp_path / "hosts", db, workers=1, worker="gevent") as running:
        works = begin(db)
        with db.write() as session:
            _, token = tokens.make(session, SITE, None, "wall", utc_now())
        running.start("web")
        running.wait_until_lives()
        boards = [Board(running.http, token=token) for _ in range(12)]
        named = wait_for("every board is greeted", lambda: all(b.board for b in boards)) and works.press("mill-1")
        for board in boards:
            wait_for("the card is there", lambda board=board: named in [c["id"] for c in board.board["complaints"]])
            assert board.holes == 0
        wait_for("ticks go on", lambda: boards[0].tick.get("seq", 0) >= 2)
        for board in boards:
            board.close()
