"""Old and new programs on one database: what goes together, what is refused and why, and upgrades that meet."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import releases
import sqlalchemy as sa
from alembic import command
from browser import Browser, MovedClock, serve
from plant import wait_for

from threenos_server import cli, migrations
from threenos_server.db import Database, sqlite_url
from threenos_server.errors import Conflict
from threenos_server.migrations.compat import oldest


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Makes this program the next release while a block lasts; its tables go with programs of `works_with` on."""

    @contextmanager
    def next_one(works_with: str | None) -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "VERSIONS", releases.newer(tmp_path / f"next-{works_with}", works_with))
            migrations.steps.cache_clear()
            yield
        migrations.steps.cache_clear()

    yield next_one
    migrations.steps.cache_clear()


def test_this_release_says_with_which_programs_its_tables_work(either_db: Database) -> None:
    """In the database, where an older program finds it; it names a revision that there is."""
    with either_db.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT version_num, works_with FROM alembic_version")).one()
    assert tuple(found) == (migrations.newest(), oldest(migrations.steps()))


def test_an_old_program_works_on_tables_that_were_only_expanded(
    either_db: Database, release: Callable[..., None]
) -> None:
    """It starts, is ready, and its upgrade leaves them as they are."""
    with release(migrations.newest()):
        assert migrations.upgrade(either_db) == releases.REVISION
    assert migrations.misfit(either_db) is None
    assert migrations.upgrade(either_db) == releases.REVISION
    assert Browser(serve(either_db, MovedClock())).page("/health/ready").status_code == 200
    assert cli.main(["station", "list", "--database", either_db.url]) == 0


def test_an_old_program_refuses_tables_that_it_does_not_go_with(
    either_db: Database, release: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To start and to upgrade, each with the reason; readiness says it too, and nothing was changed."""
    with release(None):
        migrations.upgrade(either_db)
    where = ["--database", either_db.url, "--data", str(tmp_path / "data")]
    for called in (["db", "upgrade"], ["station", "list"], ["journal", "verify"]):
        assert cli.main([*called, *where]) == 1
        said = capsys.readouterr().err
        assert f"version {releases.REVISION}, which a newer program made" in said
        assert "never taken back" in said
    answer = Browser(serve(either_db, MovedClock())).page("/health/ready")
    assert (answer.status_code, list(answer.get_json()["missing"])) == (503, ["migrations"])
    assert "newer program" in answer.get_json()["missing"]["migrations"]
    with release(None):
        assert migrations.misfit(either_db) is None


def test_a_new_program_refuses_old_tables_until_they_are_upgraded(
    either_db: Database, release: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also those of a release that did not yet say with what its tables work."""
    with either_db.write() as session:
        session.execute(sa.text("ALTER TABLE alembic_version DROP COLUMN works_with"))
    assert migrations.misfit(either_db) is None
    where = ["--database", either_db.url, "--data", str(tmp_path / "data")]
    with release(migrations.newest()):
        assert cli.main(["station", "list", *where]) == 1
        assert "`threenos db upgrade`" in capsys.readouterr().err
        assert cli.main(["db", "upgrade", "--json", *where]) == 0
        assert json.loads(capsys.readouterr().out) == {"version": releases.REVISION}
        assert cli.main(["station", "list", *where]) == 0


def test_alembic_does_not_take_tables_back(either_db: Database) -> None:
    """What the newer ones hold would be lost; nothing is changed."""
    with either_db.engine.connect() as connection, pytest.raises(Conflict, match="restore a backup"):
        command.downgrade(migrations.config(connection), "-1")
    assert migrations.misfit(either_db) is None


def test_two_upgrades_at_once_are_one(either_db: Database, release: Callable[..., None]) -> None:
    """The second finds done what it came for."""
    with release(migrations.newest()):
        migrations.steps()
        others = [Database(either_db.url) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(migrations.upgrade, others))
        for other in others:
            other.close()
    assert found == [releases.REVISION] * 4


def test_two_that_make_a_database_at_once_make_one(tmp_path: Path) -> None:
    """Two processes that start on an empty data directory."""
    others = [Database(sqlite_url(tmp_path)) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(migrations.upgrade, others)) == {migrations.newest()}
    for other in others:
        other.close()


def test_an_upgrade_gives_way_to_those_who_read(
    postgres_db: Database, release: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else everybody would wait behind it for as long as a long report takes; it comes through when that has ended."""
    for name, value in (("LOCK_MS", 50), ("PAUSE_S", 0.02), ("TRIES", 10_000)):
        monkeypatch.setattr(migrations, name, value)
    read, done = sa.text("SELECT count(*) FROM complaint"), Event()
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with release(migrations.newest()), ThreadPoolExecutor(1) as pool:
        with postgres_db.read() as report:
            report.execute(read)
            upgrade = pool.submit(migrations.upgrade, postgres_db)
            upgrade.add_done_callback(lambda _: done.set())
            wait_for("the upgrade waits for the report", lambda: report.scalar(waiting), 60)
            for _ in range(20):
                with postgres_db.read() as session:
                    session.execute(sa.text("SET LOCAL statement_timeout = 15000"))
                    session.execute(read)
            assert not done.wait(0.2)
        assert upgrade.result(60) == releases.REVISION


def test_an_upgrade_that_is_never_let_in_says_so(
    postgres_db: Database, release: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many attempts; the tables are as they were."""
    for name, value in (("LOCK_MS", 20), ("PAUSE_S", 0.0), ("TRIES", 2)):
        monkeypatch.setattr(migrations, name, value)
    with release(migrations.newest()), postgres_db.read() as report:
        report.execute(sa.text("SELECT count(*) FROM complaint"))
        with pytest.raises(Conflict, match="reading the tables"):
            migrations.upgrade(postgres_db)
    assert migrations.misfit(postgres_db) is None


def test_somebody_else_s_trouble_is_not_waited_for(tmp_path: Path) -> None:
    """A database that does not answer is told at once."""
    gone = Database(f"sqlite:///{tmp_path}/no/such/x.db")
    with pytest.raises(sa.exc.OperationalError):
        migrations.upgrade(gone)
    gone.close()
