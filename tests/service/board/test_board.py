"""The board's tables are what the pure fold makes of the journal. On both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from board_story import BEGIN, Day

from threenos_server.access import Actor, Grant, Role
from threenos_server.api import Call, Keys
from threenos_server.board import fold as board_fold
from threenos_server.board import service
from threenos_server.board.delta import Asked, delta_of
from threenos_server.board.model import fold
from threenos_server.board.routes import ROUTES, visible_line
from threenos_server.board.today import quarter, quarters_of_day
from threenos_server.chain import example
from threenos_server.chain import fold as chain_fold
from threenos_server.chain.service import import_chain
from threenos_server.db import Database
from threenos_server.errors import Forbidden, NotFound
from threenos_server.journal.model import Entry
from threenos_server.journal.rebuild import compare
from threenos_server.journal.service import add_site, after, append
from threenos_wire.live import Snapshot
from threenos_wire.messages import LineState

FOLDS = (chain_fold.FOLD, board_fold.FOLD)
NOW = BEGIN + timedelta(hours=3)
TOLD = ("lines", "stations", "complaints", "today")


@pytest.fixture
def db(either_db: Database) -> Iterator[Database]:
    """The example factory, of which nothing is said yet."""
    database = Database(either_db.url, FOLDS)
    with database.write() as session:
        import_chain(session, example.text(), None, BEGIN)
    yield database
    database.close()


def say(db: Database, day: Day, *sizes: int) -> None:
    """The next rows of the day, in transactions of these sizes."""
    for size in sizes:
        with db.write() as session:
            append(session, day.site, day.entries(size), NOW)


def shown(db: Database, line: str | None = None) -> dict[str, Any]:
    with db.read() as session:
        return service.snapshot(session, "lakeside", NOW, line)


def followed(db: Database, board: dict[str, Any], line: str | None, size: int) -> dict[str, Any]:
    """The board after all rows that follow it, by deltas of `size` rows."""
    with db.read() as session:
        start, end = quarters_of_day(NOW, example.chain().tz)
        asked = Asked(lambda c: service.card(session, "lakeside", c), lambda at: start <= quarter(at) < end, line)
        seq = board["seq"]
        while rows := after(session, "lakeside", seq, size):
            delta = delta_of(board, rows, asked)
            board, seq = fold(board, delta) if delta else board, rows[-1].seq
    return board


@pytest.mark.parametrize("line", [None, "motor", "assembly"])
@pytest.mark.parametrize(("seed", "size"), [(1, 1), (2, 7), (3, 500)])
def test_tables_and_deltas_come_to_the_same_board(db: Database, seed: int, size: int, line: str | None) -> None:
    """Whatever happens in a day, in batches of any size, for the whole site and for one line."""
    day = Day(seed)
    say(db, day, 40)
    before = shown(db, line)
    say(db, day, 1, 3, 50, 1, 90)
    told, kept = followed(db, before, line, size), shown(db, line)
    assert {k: told[k] for k in TOLD} == {k: kept[k] for k in TOLD}
    assert kept["complaints"], "a story of which nothing is left shows nothing"
    assert "for nobody's board" not in str(kept)
    assert {c["id"] for c in kept["complaints"]} == {
        name for name, card in day.open.items() if line in (None, card["line"])
    }


def test_a_rebuild_equals_the_board(db: Database) -> None:
    """Every table of it, folded in other batches than it was written in."""
    say(db, Day(4), *[1, 2, 5, 30] * 4)
    with db.write() as session:
        assert compare(session, "lakeside", FOLDS) == []
        session.connection().exec_driver_sql("UPDATE board_count SET rejects = rejects + 1")
        assert "board_count" in str(compare(session, "lakeside", FOLDS)[0])


def test_a_snapshot_has_the_shape_of_the_wire(db: Database) -> None:
    """With no key more, and the seq that it stands for."""
    say(db, Day(5), 30)
    board = shown(db)
    assert msgspec.to_builtins(msgspec.convert(board, Snapshot)) == board
    assert board["seq"] == 31
    assert [x["id"] for x in board["lines"]] == ["housing", "motor", "assembly"]
    assert board["lines"][0]["processes"] == ["die-casting", "trimming", "machining", "washing", "leak-test"]
    assert board["lines"][0]["since"] is not None


def test_counters_are_of_the_local_day(db: Database) -> None:
    """At the next midnight of the plant they begin again, and yesterday's are not forgotten but not shown."""
    say(db, Day(6), 60)
    assert sum(shown(db)["today"].values()) > 10
    midnight = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    with db.read() as session:
        assert sum(service.snapshot(session, "lakeside", midnight)["today"].values()) == 0
        just_before = service.snapshot(session, "lakeside", midnight - timedelta(milliseconds=1))
    assert just_before["today"] == shown(db)["today"]


def test_a_patch_of_what_nobody_opened_is_not_written(db: Database) -> None:
    """A journal that cannot be folded would stop every board."""
    with pytest.raises(LookupError), db.write() as session:
        then = {"then": {"complaints": {"0199a3c0-0000-7000-8000-00000000000f": {"state": "closed"}}}}
        append(session, "lakeside", [Entry("accept", then, NOW)], NOW)
    assert shown(db)["seq"] == 1


def test_a_line_says_what_counts(db: Database) -> None:
    """The complaint that stops it before an older one, and the highest level that was fired."""
    day = Day(7)
    with db.read() as session:
        quiet = service.line_status(session, "lakeside", "motor")
    assert (quiet.state, quiet.complaint, quiet.level) == (LineState.RUNNING, None, None)
    opened = [opened_at(day, "motor", n) for n in (1, 2, 3)]
    opened[0] |= {"level": 2}
    opened[1] |= {"kind": "stop", "stop": {"state": "stopped", "from": "x", "until": None}, "supplier": "winding"}
    opened[2] |= {"drill": True, "level": 3}
    then = {
        "complaints": {c["id"]: c for c in opened},
        "lines": {"motor": {"state": "stopped", "since": "2026-11-22T02:00:02.000Z"}},
    }
    with db.write() as session:
        append(session, "lakeside", [Entry("stop", {"then": then}, NOW)], NOW)
    with db.read() as session:
        status = service.line_status(session, "lakeside", "motor")
        assert (status.state, status.since) == (LineState.STOPPED, "2026-11-22T02:00:02.000Z")
        assert (status.complaint, status.supplier, status.level) == (opened[1]["id"], "winding", 2)
        with pytest.raises(NotFound):
            service.line_status(session, "lakeside", "nowhere")


def opened_at(day: Day, line: str, n: int) -> dict[str, Any]:
    """A first patch at a line."""
    while True:
        then = day.entry().body["then"]
        for patch in then.get("complaints", {}).values():
            if patch.get("kind") == "reject" and patch["line"] == line and not patch["drill"]:
                return patch | {"version": n}


def test_what_does_not_exist_is_said(db: Database) -> None:
    """A line, a site, and a site that has no chain yet."""
    with db.write() as session:
        add_site(session, "new")
    with db.read() as session:
        for site, line in (("lakeside", "nowhere"), ("nowhere", None), ("new", None)):
            with pytest.raises(NotFound):
                service.snapshot(session, site, NOW, line)


def test_http_shows_the_board_and_a_line(db: Database) -> None:
    """To anybody with a role at the site."""
    say(db, Day(8), 30)
    worker = Actor("Li", "p-1", (Grant(Role.WORKER, site="lakeside", line="motor"),))
    whole, line = (next(r for r in ROUTES.routes if r.path == path) for path in ("/board", "/lines/{line}"))
    call = Call(db, NOW, worker, "lakeside", Keys(b"", b""), {"line": "motor"}, msgspec.convert({}, whole.query), None)
    assert whole.handler(call) == shown(db)
    assert line.handler(call) == shown(db, "motor")
    assert whole.board
    assert line.board


def test_who_is_shown_what() -> None:
    """A token for a line shows that line, asked for or not; a person without a role at the site is shown nothing."""
    token = Actor("Wall 1", "board-1", board_token=True)
    one_line = Actor("Wall 2", "board-2", board_token=True, board_line="motor")
    assert visible_line(token, "lakeside", None) is None
    assert visible_line(token, "lakeside", "motor") == "motor"
    assert visible_line(one_line, "lakeside", None) == "motor"
    with pytest.raises(Forbidden):
        visible_line(one_line, "lakeside", "housing")
    with pytest.raises(Forbidden):
        visible_line(Actor("Wu", "p-2", (Grant(Role.DIRECTOR, site="other"),)), "lakeside", None)
