"""Boards over real sockets: whole, in order, and only for those who may look."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
import socketio
from board_story import BEGIN, Day
from plant import wait_for

from threenos_server import beats
from threenos_server.board import service
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.db import Database
from threenos_server.gateway import feed, gateway, server
from threenos_server.journal.model import Entry
from threenos_server.journal.service import append

Look = Callable[..., Any]
TOLD = ("lines", "stations", "complaints", "today")


def say(db: Database, day: Day, *sizes: int) -> None:
    for size in sizes:
        with db.write() as session:
            append(session, "lakeside", day.entries(size), BEGIN)


def kept(db: Database, line: str | None = None) -> dict[str, Any]:
    """What `GET /board` would show."""
    with db.read() as session:
        return service.snapshot(session, "lakeside", BEGIN, line)


def same(board: Any, db: Database, line: str | None = None) -> bool:
    there = kept(db, line)
    return all(board.board[k] == there[k] for k in TOLD)


def test_a_board_is_greeted_with_a_snapshot(served: Any, look: Look) -> None:
    """The same as over HTTP; a session will do as well as a token."""
    for board in (look(), look(token=None, site="lakeside")):
        assert board.told[0][0] == "snapshot"
        assert board.board == kept(served.db)


def test_boards_follow_without_a_hole(served: Any, day: Day, look: Look) -> None:
    """Every delta follows the one before, while somebody else writes; in the end the board is that of the database."""
    early = look()
    writer = Thread(target=say, args=(served.db, day, *[1, 2, 5, 1, 20, 1] * 6), daemon=True)
    writer.start()
    late = look()
    writer.join(30)
    assert not writer.is_alive(), "somebody still writes"
    for board in (early, late):
        wait_for("the board is whole", lambda board=board: same(board, served.db))
        assert board.holes == 0
        assert len(board.events("snapshot")) == 1
        deltas = board.events("delta")
        assert [d["prev"] for d in deltas[1:]] == [d["seq"] for d in deltas[:-1]]
    assert len(early.events("delta")) > 5


def test_a_board_of_one_line_has_no_hole_either(served: Any, day: Day, look: Look) -> None:
    """It is told of its line only, beside one that is told everything."""
    whole, line = look(), look(line="motor")
    say(served.db, day, *[3] * 30)
    wait_for("both are whole", lambda: same(whole, served.db) and same(line, served.db, "motor"))
    assert (whole.holes, line.holes) == (0, 0)
    assert len(line.events("delta")) < len(whole.events("delta"))
    assert {c["line"] for d in line.events("delta") for c in d["complaints"].values() if c} == {"motor"}


def test_a_token_for_a_line_shows_that_line_only(served: Any, look: Look) -> None:
    """Asked for or not; another line is refused."""
    assert [x["id"] for x in look(token="motor-wall").board["lines"]] == ["motor"]
    with pytest.raises(ConnectionRefusedError):
        look(token="motor-wall", line="housing")
    assert same(look(token="motor-wall", line="motor"), served.db, "motor")


def test_a_cut_is_made_good(served: Any, day: Day, look: Look) -> None:
    """What was missed comes as deltas, in order; no second snapshot is needed."""
    board, other = look(), look()
    say(served.db, day, 5)
    wait_for("it follows", lambda: same(board, served.db))
    board.deaf = True
    for _ in range(8):
        before = len(other.events("delta"))
        say(served.db, day, 4)
        wait_for("the deltas went out", lambda before=before: len(other.events("delta")) > before)
    board.deaf = False
    say(served.db, day, 1)
    wait_for("it is whole again", lambda: same(board, served.db))
    assert board.holes <= 1
    assert len(board.events("snapshot")) == 1


def test_a_lost_last_delta_shows_by_the_tick(served: Any, day: Day, look: Look) -> None:
    """The tick says what the board was told last, so that nothing needs to happen for the hole to be seen."""
    board, other = look(), look()
    board.deaf = True
    say(served.db, day, 10)
    wait_for("the delta went out", lambda: same(other, served.db))
    board.deaf = False
    wait_for("it is whole again", lambda: same(board, served.db))
    assert len(board.events("snapshot")) == 1


@pytest.mark.parametrize("message", [{"after": 0}, {"after": 10**9}, {"after": "x"}, {"more": 1}, "x", None])
def test_whoever_is_lost_gets_a_snapshot(look: Look, message: Any) -> None:
    """Also whoever asks for what cannot be."""
    board = look()
    board.say("resume", message)
    wait_for("another snapshot came", lambda: len(board.events("snapshot")) == 2)
    assert board.events("snapshot")[0] == board.events("snapshot")[1]


def test_a_tick_comes_each_second(look: Look) -> None:
    """With the server's clock and what the board was told last."""
    board = look()
    wait_for("three ticks came", lambda: len(board.events("tick")) >= 3)
    assert board.tick == {"seq": board.board["seq"], "at": "2026-11-22T02:00:00.000Z"}


@pytest.mark.parametrize(
    "how",
    [
        {"token": "guessed"},
        {"token": "elsewhere"},
        {"token": "wall", "site": "nowhere"},
        {"token": "wall", "line": "nowhere"},
        {"token": "wall", "origin": "http://evil.example"},
    ],
)
def test_whoever_may_not_look_is_refused(served: Any, look: Look, how: dict[str, str]) -> None:
    """Without credentials, without a role at the site, or from a page of another host."""
    with pytest.raises(ConnectionRefusedError):
        look(**how)
    assert look(origin=served.url).board["seq"] == 51
    assert sum(health.sockets for health in served.gateway.health()) == 1


@pytest.mark.usefixtures("served")
def test_a_refusal_says_why(look: Look) -> None:
    """A message for a person and the status for the page, which shows the door only when signing in would help."""
    with pytest.raises(ConnectionRefusedError) as wrong:
        look(token="guessed")
    answer = json.loads(str(wrong.value).removeprefix("44/board,"))
    assert answer == {"message": "Sign in first", "data": {"status": 401, "detail": "sign in, or give a board token"}}
    with pytest.raises(ConnectionRefusedError, match='"status":404'):
        look(token="wall", line="nowhere")


def test_what_is_revoked_sees_no_more(served: Any, day: Day, look: Look) -> None:
    """Within five seconds, and nobody else is cut."""
    gone, other = look(), look(token=None)
    served.credentials.revoked.add("wall")
    wait_for("it is cut", lambda: not gone.connected)
    say(served.db, day, 3)
    wait_for("the other follows", lambda: same(other, served.db))
    assert other.connected
    assert not same(gone, served.db)


def test_the_same_credentials_are_asked_about_once(served: Any, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many screens share a token."""
    monkeypatch.setattr(gateway, "RECHECK_S", 0.2)
    for _ in range(5):
        look()
    before = served.credentials.asked
    served.gateway._recheck()
    assert 1 <= served.credentials.asked - before <= 2
    wait_for("it is asked again and again", lambda: served.credentials.asked > before + 3)


def test_a_dead_follower_is_started_again(served: Any, day: Day, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, every board gets a snapshot, and follows on."""
    board = look()
    say(served.db, day, 2)
    wait_for("it follows", lambda: same(board, served.db))
    real = feed.View.take
    broken = Event()

    def once(*args: Any) -> Any:
        if not broken.is_set():
            broken.set()
            raise RuntimeError("a row that nobody can read")
        return real(*args)

    monkeypatch.setattr(feed.View, "take", once)
    say(served.db, day, 2)
    wait_for("it was started again", lambda: served.gateway.health()[0].restarts == 1)
    wait_for("the board is whole", lambda: same(board, served.db))
    assert len(board.events("snapshot")) == 2
    say(served.db, day, 2)
    wait_for("it follows on", lambda: same(board, served.db))
    assert len(board.events("snapshot")) == 2
    assert served.gateway.health()[0].alive


def test_a_feed_that_hears_nothing_is_not_alive(served: Any, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """And sends no ticks, so its boards cover themselves."""
    board = look()
    wait_for("it ticks", lambda: board.tick)
    assert served.gateway.health()[0].alive
    monkeypatch.setattr(feed, "DEAD_S", 0.5)

    def lost(*_: Any, **__: Any) -> Any:
        raise OSError("the database is gone")

    monkeypatch.setattr(feed.View, "take", lost)
    monkeypatch.setattr(feed, "follow", lost)
    say(served.db, Day(3), 0)
    with served.db.write() as session:
        append(session, "lakeside", [Entry("x", {"then": {}}, BEGIN)], BEGIN)
    wait_for("it is not alive", lambda: not served.gateway.health()[0].alive)
    ticks = len(board.events("tick"))
    wait_for("it is tried again", lambda: served.gateway.health()[0].restarts >= 4)
    assert len(board.events("tick")) == ticks


def test_a_board_is_told_when_no_intake_hears_the_stations(
    served: Any, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the change of its beat, whatever clock that is dated by; and when one hears them again."""
    monkeypatch.setattr(feed, "DEAF_AFTER_S", 0.5)
    board = look()
    wait_for("it ticks", lambda: board.tick)
    assert "deaf" not in board.tick, "there never was an intake here"
    _beat(served.db, BEGIN)
    wait_for("the boards are covered", lambda: board.tick.get("deaf"))
    monkeypatch.setattr(feed, "DEAF_AFTER_S", 3600)
    _beat(served.db, BEGIN - timedelta(days=1))
    wait_for("the boards are live again", lambda: "deaf" not in board.tick)


def _beat(db: Database, at: datetime) -> None:
    with db.write() as session:
        beats.beat(session, feed.INTAKE, at)


def test_a_new_chain_is_told(served: Any, look: Look) -> None:
    """With `reload`, upon which the board asks for all of it; a line that is no more is cut."""
    board, motor = look(), look(line="motor")
    text = example.text().replace("Motor line", "Engine line")
    with served.db.write() as session:
        import_chain(session, text, None, BEGIN)
    for one in (board, motor):
        wait_for("the new name is shown", lambda one=one: "Engine line" in str(one.board["lines"]))
    assert [d["reload"] for d in board.events("delta")] == [True]
    assert board.board == kept(served.db)


def test_midnight_begins_the_counters_again(served: Any, day: Day, look: Look) -> None:
    """Of the plant's own clock, although nothing is written then."""
    board = look()
    assert sum(board.board["today"].values()) > 5
    served.now = lambda: datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    wait_for("the day is new", lambda: sum(board.board["today"].values()) == 0)
    say(served.db, day, 30)
    wait_for("it follows on", lambda: board.board["complaints"] == kept(served.db)["complaints"])
    assert sum(board.board["today"].values()) == 0, "what happened yesterday is of yesterday"


def test_a_slow_screen_holds_nobody_up(served: Any, day: Day, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that reads nothing at all is let go, while the others are told at once."""
    monkeypatch.setattr(server, "SLOW_QUEUE", 5)
    monkeypatch.setattr(gateway, "RECHECK_S", 0.1)
    slow, other = look(), look()
    slow.reads.clear()
    complaint = sorted(day.open)[0]
    for version in range(80):
        patch = {"version": version, "part": f"{version} " + "x" * 300_000}
        with served.db.write() as session:
            append(session, "lakeside", [Entry("x", {"then": {"complaints": {complaint: patch}}}, BEGIN)], BEGIN)
        wait_for("the other is told", lambda: same(other, served.db))
        if served.gateway.health()[0].sockets == 1:
            break
    wait_for("it was let go", lambda: served.gateway.health()[0].sockets == 1)
    assert other.connected
    assert other.holes == 0


def test_who_goes_is_forgotten(served: Any, look: Look) -> None:
    """Nothing is kept for a socket that is closed."""
    board = look()
    assert served.gateway.health()[0].sockets == 1
    board.close()
    wait_for("it is forgotten", lambda: served.gateway.health()[0].sockets == 0)


def test_the_usual_client_is_greeted(served: Any) -> None:
    """The library's own, in another thread for each message."""
    with socketio.SimpleClient() as client:
        client.connect(
            f"{served.url}/?line=motor", auth={"token": "wall"}, transports=["websocket"], namespace="/board"
        )
        event, snapshot = client.receive(timeout=5)
        client.emit("resume", {"after": 0})
    assert event == "snapshot"
    assert snapshot == kept(served.db, "motor")


def test_a_day_may_be_long(served: Any, look: Look) -> None:
    """The clock of the snapshot is the server's."""
    served.now = lambda: BEGIN + timedelta(hours=2)
    assert look().board["at"] == "2026-11-22T04:00:00.000Z"
