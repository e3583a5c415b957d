"""How far a board is, what a socket missed, and how a feed begins one."""

from collections import deque
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from board_story import BEGIN, Day
from plant import wait_for

from threenos_server.board.delta import Asked
from threenos_server.db import Database
from threenos_server.gateway.feed import Feed
from threenos_server.gateway.view import View
from threenos_server.journal.service import append

ASKED = Asked(lambda _: None, lambda _: True)


def a_view(seq: int = 5) -> View:
    """A board with one line, at row 5."""
    return View({"seq": seq, "at": "", "lines": [{"id": "l"}], "stations": [], "complaints": [], "today": {}}, seq)


def row(seq: int, said: bool = True) -> Any:
    """A row that says something of the line, or nothing."""
    then = {"lines": {"l": {"since": str(seq)}}} if said else {}
    return SimpleNamespace(seq=seq, kind="stop", at=BEGIN, occurred_at=BEGIN, body={"then": then})


def test_rows_that_a_board_has_are_not_taken_again() -> None:
    """A snapshot may be ahead of what the feed hands out."""
    view = a_view()
    delta = view.take([row(4), row(5), row(6)], ASKED)
    assert delta is not None
    assert (delta["prev"], delta["seq"], view.reached) == (5, 6, 6)
    assert view.take([row(5), row(6)], ASKED) is None


def test_rows_that_say_nothing_are_reached_all_the_same() -> None:
    """The snapshot of the next socket says so, and the next delta follows on it."""
    view = a_view()
    assert view.take([row(6, said=False), row(7, said=False)], ASKED) is None
    assert view.snapshot()["seq"] == 7
    delta = view.take([row(8)], ASKED)
    assert delta is not None
    assert delta["prev"] == 7


def test_what_was_missed_is_known_for_a_while() -> None:
    """Each delta with the `prev` that its hearer knows; from inside one of them, all of it."""
    view = a_view()
    for rows in ([row(6)], [row(7, said=False)], [row(8), row(9)], [row(10)], [row(11, said=False)]):
        view.take(rows, ASKED)

    def missed(after: int) -> list[tuple[int, int]] | None:
        deltas = view.missed(after)
        return None if deltas is None else [(d["prev"], d["seq"]) for d in deltas]

    assert missed(5) == [(5, 6), (6, 9), (9, 10)]
    assert missed(7) == [(7, 9), (9, 10)]
    assert missed(8) == [(8, 9), (9, 10)]
    assert missed(10) == []
    assert missed(11) == []
    for unknown in (0, 4, 12, -1):
        assert missed(unknown) is None


def test_what_is_too_long_ago_needs_a_snapshot() -> None:
    """So a worker's memory has a limit."""
    view = View(a_view().board, 5, kept=deque(maxlen=3))
    for seq in range(6, 12):
        view.take([row(seq)], ASKED)
    assert view.missed(7) is None
    assert [d["seq"] for d in view.missed(8) or ()] == [9, 10, 11]


def test_sockets_that_know_the_same_are_told_together() -> None:
    """One message for each group."""
    view = a_view()
    view.told = {"a": 5, "b": 7, "c": 5}
    assert view.groups() == {5: ["a", "c"], 7: ["b"]}


def test_a_board_is_read_again_when_rows_went_out_meanwhile(factory_db: Database, monkeypatch: Any) -> None:
    """Between the read of a new board and its first delta no row may fall out."""
    sent: list[tuple[str, Any, list[str]]] = []

    def send(event: str, data: dict[str, Any], sockets: Sequence[str]) -> None:
        sent.append((event, data, list(sockets)))

    feed = Feed(factory_db, "lakeside", lambda: BEGIN, send, lambda _: None)
    feed.join("wall", None)
    read = feed._snapshot
    day = Day(11)
    day.entries(50)

    def slowly(line: str | None) -> Any:
        board = read(line)
        if line == "motor" and board["seq"] == 51:
            with factory_db.write() as session:
                append(session, "lakeside", day.entries(40), BEGIN)
            wait_for("the feed went on", lambda: feed.health().seq == 91)
        return board

    monkeypatch.setattr(feed, "_snapshot", slowly)
    feed.join("motor wall", "motor")
    feed.close()
    greeting = next(data for event, data, sockets in sent if event == "snapshot" and "motor wall" in sockets)
    assert greeting["seq"] == 91
    assert greeting == read("motor")
