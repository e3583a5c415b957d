"""What only PostgreSQL has: a server that may go without a word, and requests that do run at once."""

import json
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from browser import CHEAP, Browser, MovedClock, serve, signed_in
from plant import at_once, beside, wait_for
from service.complaints.works import SITE, Works, begin

from threenos_server import cli
from threenos_server import db as databases
from threenos_server.access import Grant, Role
from threenos_server.complaints import idempotency
from threenos_server.db import Database
from threenos_server.journal import follow as following
from threenos_server.journal import service as journal
from threenos_server.journal.follow import follow
from threenos_server.people import passwords


def parameters(url: str) -> dict[str, str]:
    """What libpq was told for a connection of that database."""
    db = Database(url)
    with db.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        told = dict(raw.info.get_parameters())
    db.close()
    return told


def test_a_server_that_is_gone_is_noticed_soon(postgres_db: Database) -> None:
    """Silent links are probed; what the URL says itself counts more."""
    told = parameters(postgres_db.url)
    assert (told["connect_timeout"], told["keepalives_idle"], told["tcp_user_timeout"]) == ("5", "5", "10000")
    own = parameters(f"{postgres_db.url}&keepalives_idle=60")
    assert (own["keepalives_idle"], own["tcp_user_timeout"]) == ("60", "10000")


def test_several_servers_may_be_named(postgres_db: Database) -> None:
    """The first that can write is taken: what a plant with a standby sets."""
    here = sa.make_url(postgres_db.url).query["host"]
    url = postgres_db.url.replace(f"host={here}", f"host=/nowhere&host={here}&target_session_attrs=read-write")
    assert parameters(url)["target_session_attrs"] == "read-write"


def test_without_a_notification_the_beat_finds_the_rows(postgres_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool in between swallows LISTEN: it takes a beat longer, and nothing is missed."""
    works = begin(postgres_db)
    monkeypatch.setattr(following, "CHANNEL", "another_channel")
    stop, found = following.Event(), []

    def run() -> None:
        for rows in follow(postgres_db, {SITE: 1}, stop, beat_s=0.2):
            found.extend(rows)
            if found:
                stop.set()

    with beside(run, stop):
        works.press("mill-1", defect="porosity")
        wait_for("the rows are found", lambda: found)
    assert [row.kind for row in found[:1]] == ["reject"]


@pytest.fixture
def works(postgres_db: Database) -> Works:
    return begin(postgres_db)


def test_the_same_command_twice_at_once_is_given_once(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that asks again before it was answered gets the same answer, from whichever worker."""
    passwords.use(CHEAP)
    app = serve(works.db, MovedClock(works.now))
    named = works.press("mill-1", defect="porosity")
    browsers = [signed_in(app, works.db, "Sun", Grant(Role.SUPERVISOR))]
    browsers.append(Browser(app))
    browsers[1].cookie, browsers[1].csrf = browsers[0].cookie, browsers[0].csrf
    both, answers = Barrier(2), []
    look = idempotency.answered

    def together(*args: Any) -> Any:
        """Both ask before either has answered, if nothing keeps them apart."""
        found = look(*args)
        both_are_here(both)
        return found

    monkeypatch.setattr("threenos_server.complaints.routes.answered", together)

    def ask(browser: Browser) -> None:
        answers.append(browser.post(f"/complaints/{named}/comment", {"text": "once"}, Idempotency_Key="k-1"))

    at_once(*(partial(ask, browser) for browser in browsers))
    passwords.use(passwords.COST)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert json.loads(answers[0].text) == json.loads(answers[1].text)
    assert works.kinds().count("comment") == 1


def both_are_here(both: Barrier) -> None:
    """Wait for the other for a moment; where a lock keeps it away it does not come."""
    try:
        both.wait(0.5)
    except Exception:  # noqa: BLE001 - the barrier is broken for both once one has waited in vain
        return


def test_a_host_that_hangs_in_a_write_lets_go_of_the_site(works: Works) -> None:
    """Else every intake would wait for it; and when it goes on it learns that it has to try again."""
    other = Thread(target=works.press, args=("mill-1",), daemon=True)
    with pytest.raises(sa.exc.DBAPIError) as thrown, works.db.write() as session:
        limit = session.scalar(sa.text("SHOW idle_in_transaction_session_timeout"))
        assert limit == f"{databases.HANGS_MS // 1000}s", "it would hang for ever"
        journal.lock(session, SITE)
        # Of this one only, and from now on: nobody else and nothing before may be too slow for it.
        session.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 300"))
        other.start()
        other.join(15)
        assert not other.is_alive(), "it waits for the one that hangs"
        session.execute(sa.text("SELECT 1"))
    assert databases.is_away(thrown.value)
    assert works.kinds() == ["reject"]
    assert works[works.press("mill-2")].state == "open"


def test_what_passes_is_told_from_what_never_will(works: Works) -> None:
    """A batch is kept for a server that became a standby, and not for a row that no table takes."""

    def said_by(statement: str) -> BaseException:
        with pytest.raises(sa.exc.DBAPIError) as failed, works.db.write() as session:
            session.execute(sa.text(statement))
        return failed.value

    assert not databases.is_away(said_by("INSERT INTO site (id, seq, hash) VALUES (repeat('x', 99), 1, 'x')"))
    assert not databases.is_away(said_by("SELECT 1/0"))
    works.db = Database(f"{works.db.url}&options=-c%20default_transaction_read_only%3Don")
    assert databases.is_away(said_by("DELETE FROM notice"))
    works.db.close()


def test_a_rebuild_may_work_for_long_between_two_statements(
    works: Works, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It goes through a whole journal in one transaction, which is no host that hangs."""
    for _ in range(5):
        works.press("mill-1")
    monkeypatch.setattr(databases, "HANGS_MS", 1)
    assert cli.main(["journal", "rebuild", "--data", str(tmp_path), "--database", works.db.url]) == 0


def test_what_the_server_refuses_is_said_in_words(
    works: Works, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A standby takes no writes: one line and exit code 1, as when it is away."""
    url = f"{works.db.url}&options=-c%20default_transaction_read_only%3Don"
    assert cli.main(["station", "enroll", "mill-1", "--data", str(tmp_path), "--database", url]) == 1
    said = capsys.readouterr().err
    assert "the database refused it" in said
    assert "read-only transaction" in said
