"""`threenos doctor` on real systems: well when all is well, and each thing seen when it is really so."""

import json
import os
import shutil
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from listening import Quiet, serving
from plant import THREENOS, RunningSystem, free_port

from threenos_server import beats
from threenos_server.access import Grant, Role
from threenos_server.ca import files
from threenos_server.ca import service as authority
from threenos_server.chain import example
from threenos_server.chain import service as chain
from threenos_server.db import Database
from threenos_server.demo.asking import Asking
from threenos_server.doctor import main
from threenos_server.doctor.finding import Level
from threenos_server.doctor.keeping import Backups
from threenos_server.doctor.look import broker, certificates, machine, web
from threenos_server.doctor.look import database as look
from threenos_server.doctor.reached import Pages
from threenos_server.errors import NotInstalled
from threenos_server.escalation.presence import heard as said
from threenos_server.intake.link import BrokerAddress
from threenos_server.intake.tables import Quarantined
from threenos_server.journal.model import Break, Head
from threenos_server.journal.tables import Witness
from threenos_server.migrations import newest
from threenos_server.notify.model import NoticeState
from threenos_server.notify.tables import Notice
from threenos_server.people import service as people
from threenos_server.people import stations as credentials
from threenos_server.reports.exports import press
from threenos_server.settings import Settings
from threenos_server.up import main as up
from threenos_wire.messages import Presence

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def doctor(data: Path, *flags: str) -> tuple[int, dict[str, Any]]:
    """Its exit code and what it says as JSON."""
    command = [THREENOS, "doctor", "--json", "--data", str(data), *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout)


def levels(said: dict[str, Any]) -> dict[str, str]:
    """Each check with its worst level."""
    order = [level.value for level in Level]
    found: dict[str, str] = {}
    for f in said["findings"]:
        found[f["check"]] = max(found.get(f["check"], "ok"), f["level"], key=order.index)
    return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """`threenos up` with the example factory and an administrator."""
    folder = tmp_path_factory.mktemp("doctor")
    system = RunningSystem(folder / "data", "--checkpoint-to", str(folder / "heads"))
    (folder / "factory.yaml").write_text(example.text())
    system.threenos("chain", "import", str(folder / "factory.yaml"))
    system.threenos("user", "add", "chief", "--role", "admin", "--password-stdin", typed="a long enough password\n")
    yield system
    system.close()


def test_in_words_with_the_cure(tmp_path: Path) -> None:
    """For a person: every wrong thing is followed by what to do."""
    done = subprocess.run(
        [THREENOS, "doctor", "--data", str(tmp_path / "none")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "there is no database in" in done.stdout
    assert done.stdout.count("Cure: ") >= done.stdout.count("X WRONG") > 0
    assert not (tmp_path / "none").exists()


@pytest.fixture
def factory(db: Database) -> Database:
    """The example factory with an administrator, two enrolled stations, one of them heard."""
    with db.write() as session:
        site = chain.import_chain(session, example.text(), None, NOW).site.id
        people.add(session, "chief", NOW, grants=[Grant(Role.ADMIN)], password=None)
        for station in ("cast-1", "trim-1"):
            credentials.enroll(session, site, station, NOW)
        said(session, site, "cast-1", Presence(online=True, boot="b", version="1", outbox=3), NOW)
    return db


def test_the_guard_is_missed(either_db: Database) -> None:
    """On both databases, when somebody took a trigger away."""
    before = look.storage(either_db)
    drop = "DROP TRIGGER journal_refuses_update"
    with either_db.write() as session:
        session.execute(
            sa.text(drop if either_db.sqlite else "ALTER TABLE journal DISABLE TRIGGER journal_refuses_change")
        )
    after = look.storage(either_db)
    assert (before.guards, after.guards) == (before.guards_wanted, before.guards_wanted - 1)
    assert (before.version, before.misfit) == (newest(), "")


def test_a_postgresql_that_loses_commits_is_seen(postgres_db: Database) -> None:
    """The test's own cluster runs without fsync; and its clock is this machine's."""
    assert look.storage(postgres_db).soft == ("fsync is off",)
    theirs = look.clock(postgres_db)
    assert theirs is not None
    assert abs(theirs - datetime.now(UTC)) < timedelta(seconds=5)


def test_an_empty_database_has_no_version(tmp_path: Path) -> None:
    """And says so instead of failing."""
    empty = Database(f"sqlite:///{tmp_path / 'x.db'}")
    assert look.storage(empty).version is None
    empty.close()


def test_work_and_stations_are_counted(factory: Database) -> None:
    """Notices that were not delivered, what is in quarantine, and who is heard."""
    with factory.write() as session:
        for n, state in enumerate((NoticeState.DEAD, NoticeState.NO_ADDRESS, NoticeState.WAITING)):
            session.add(
                Notice(
                    id=str(n), site="lakeside", person="p", kind="stop", params="{}", created_at=NOW, next_try_at=NOW,
                    attempts=1, state=state,
                )
            )  # fmt: skip
        session.add(Quarantined(topic="t", raw=b"x", reason="r", detail="d", at=NOW, digest="x"))
        session.flush()
        work = look.work(session, NOW + timedelta(minutes=2))
        stations = look.stations(session, work.sites, NOW)
        later = look.stations(session, work.sites, NOW + timedelta(minutes=2))
    assert (work.administrators, work.sites, work.overdue) == (1, ["lakeside"], {"not-sent": 1})
    assert (work.undelivered, work.unreachable, work.retried, work.quarantined) == (1, 1, 1, 1)
    assert (stations.enrolled, stations.never, stations.silent) == (["cast-1", "trim-1"], ["trim-1"], [])
    assert (stations.held, later.silent) == ({"cast-1": 3}, ["cast-1"])


def test_a_process_that_is_just_starting_is_waited_for(db: Database) -> None:
    """While another one lives; where none does there is nothing to wait for."""
    assert main.heard(db, lambda: NOW) == {}
    asked = 0

    def now() -> datetime:
        nonlocal asked
        asked += 1
        if asked == 5:
            with db.write() as session:
                beats.beat(session, "auditor", NOW)
        return NOW

    with db.write() as session:
        for name in ("intake", "clock"):
            beats.beat(session, name, NOW)
    assert set(main.heard(db, now)) == {"intake", "clock", "auditor"}


def test_the_last_rows_are_followed(factory: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that was changed is found, one that left otherwise too, and a whole end is told by its number."""
    monkeypatch.setattr(look, "LAST", 1)
    with factory.write() as session:
        assert isinstance(look.ends(session, ["lakeside"])["lakeside"], Head)
        session.add(Witness(site="lakeside", seq=1, hash="ab" * 32, at=NOW))
        session.flush()
        assert look.ends(session, ["lakeside"])["lakeside"] == Break(
            1, "it is not the row whose hash left this machine"
        )
        session.execute(sa.delete(Witness))
        behind_its_back = [f"DROP TRIGGER journal_refuses_{name}" for name in ("update", "delete", "replace")]
        for text in behind_its_back if factory.sqlite else ["ALTER TABLE journal DISABLE TRIGGER USER"]:
            session.execute(sa.text(text))
        session.execute(sa.text("UPDATE journal SET kind = 'x' WHERE seq = (SELECT max(seq) FROM journal)"))
        assert isinstance(look.ends(session, ["lakeside"])["lakeside"], Break)
        session.rollback()


def test_certificates_are_seen_where_they_lie_and_where_they_are_shown(tmp_path: Path) -> None:
    """The authority's, what it issued, and what a server shows, also one that has ended."""
    long_ago = datetime.now(UTC) - timedelta(days=40)
    authority.issue(tmp_path, tmp_path / "tls", ["localhost"], long_ago, 30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls" / files.CERTIFICATE, tmp_path / "tls" / files.KEY)
    with serving(Quiet, tls=context) as server:
        port = server.server_port
        found = certificates.every(
            Settings(data=tmp_path, public_url=f"https://localhost:{port}"), None, datetime.now(UTC)
        )
    assert [c.where for c in found] == [
        f"the authority {tmp_path / 'ca' / files.AUTHORITY}",
        f"localhost in {tmp_path / 'tls'}",
        f"localhost port {port}",
    ]  # fmt: skip
    assert found[1].until == found[2].until < datetime.now(UTC) < found[0].until


def test_pages_and_a_broker_that_are_not_there(tmp_path: Path) -> None:
    """Each says why, in words."""
    port = free_port()
    assert "refused" in web.pages(f"http://127.0.0.1:{port}", tmp_path).error
    gone = broker.ask(BrokerAddress("127.0.0.1", port))
    assert "refused" in gone.error and not gone.answers


def test_a_wrong_password_is_said(running: RunningSystem) -> None:
    """By the broker's own words."""
    found = broker.ask(BrokerAddress(*running.mqtt, "_server", "wrong"))
    assert "uthor" in found.error and found.answers


def test_a_broker_whose_certificate_is_not_trusted_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there; what is wrong is mqtt_ca or its certificate, and to start it cures nothing."""

    def shaken(*_: object) -> None:
        raise ssl.SSLCertVerificationError(1, "certificate verify failed")

    monkeypatch.setattr(broker.Client, "connect", shaken)
    found = broker.ask(BrokerAddress("127.0.0.1", 1, tls=True))
    assert "certificate verify failed" in found.error
    assert (found.answers, found.reached) == (True, False)


def test_what_is_not_ready_is_named(running: RunningSystem) -> None:
    """And an address where something else answers is an error."""
    assert web.pages(running.http, running.data) == Pages(running.http)
    assert web.pages(f"{running.http}/nothing", running.data).error == "HTTP 404"


def test_files_of_this_machine(tmp_path: Path) -> None:
    """Permissions, keys, secrets, the newest backup, disks and what the broker's rules name."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "pseudonym").write_text("ab" * 32)
    (tmp_path / "keys" / "pseudonym").chmod(0o640)
    pseudonym, arrival = machine.key_files(tmp_path)
    assert (pseudonym.mode, pseudonym.length, arrival.mode) == (0o640, 64, None)
    (tmp_path / "secret").write_text("x")
    environ = {"THREENOS_DATABASE_FILE": str(tmp_path / "secret")}
    config = tmp_path / "c.toml"
    for text, holds in (
        ('database = "postgresql:///x"\ncheckpoint_to = "/mnt/heads"', False),
        ('database = "postgresql://u:p@h/x"', True),
        ('mqtt_password = "p"', True),
        ('heartbeat_url = "https://elsewhere/secret"', True),
    ):
        config.write_text(text)
        assert [p.path for p in machine.secret_files(config, environ)] == [config] * holds + [tmp_path / "secret"]
    backups = tmp_path / "backups"
    backups.mkdir()
    assert machine.backups(backups) == Backups(backups, None)
    (backups / ".half.db").write_text("x")
    (backups / "whole.dump.manifest.json").write_text("{}")
    (backups / "whole.dump").write_text("xy")
    os.utime(backups / "whole.dump", (0, 0))
    found = machine.backups(backups)
    assert found is not None
    assert (found.newest, found.size) == (datetime(1970, 1, 1, tzinfo=UTC), 2)
    assert len(machine.rooms([tmp_path, backups, tmp_path / "none"])) == 1
    (tmp_path / "rules").write_text("user w1\ntopic write x\nuser w2\n")
    assert (machine.ruled(tmp_path), machine.ruled(backups)) == ({"w1", "w2"}, None)


def test_where_no_checkpoint_can_be_written_is_said(tmp_path: Path) -> None:
    """A folder was taken for a file that had just been written; a URL is none of this machine's."""
    heads = tmp_path / "heads"
    assert [machine.no_file(to) for to in ("", str(heads), "https://elsewhere/heads")] == ["", "", ""]
    heads.touch()
    assert machine.no_file(str(heads)) == ""
    assert machine.no_file(str(tmp_path)) == f"{tmp_path} is a folder and no file"
    assert machine.no_file(str(tmp_path / "gone" / "heads")) == f"{tmp_path / 'gone'} is not there"
    assert machine.no_file(str(heads / "heads")) == f"{heads} is a file and no folder"


def test_packages_that_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with what cannot be done and what to install."""

    def without(_html: str) -> bytes:
        raise NotInstalled("PDF needs the system package pango: apt-get install libpango-1.0-0")

    monkeypatch.setattr(press, "pressed", without)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    found = machine.lacking(Settings(database="postgresql:///x"))
    assert [cure for _, cure in found] == [
        "apt-get install mosquitto", "apt-get install postgresql-client", "apt-get install libpango-1.0-0"
    ]  # fmt: skip


def test_a_running_system_is_well_and_one_that_was_stopped_is_not(running: RunningSystem, tmp_path: Path) -> None:
    """Nothing is wrong while it runs, and nothing of it is changed; when it has stopped, what is missed is named."""
    (tmp_path / f"backup.{'dump' if running.database else 'db'}").write_text("x")
    running.threenos("journal", "export", "--archive", str(tmp_path))
    where = running.where[2:]
    code, well = doctor(running.data, *where, "--backups", str(tmp_path), "--archive", str(tmp_path))
    # The tests' PostgreSQL does not wait for the disk, and we sign in there as its owner: both is seen.
    wrong = ["durability"] if running.database else []
    assert (code, [f["check"] for f in well["findings"] if f["level"] == "wrong"]) == (len(wrong), wrong)
    sound = {"database", "tables", "journal guard", "services", "broker", "broker rules", "broker queues", "pages"}
    sound |= {"backups", "archive"}
    unsound = {"database", "journal guard"} if running.database else {"database"}
    assert {check for check in sound - unsound if levels(well)[check] != "ok"} == set()
    assert levels(well)["stations"] == "warning"
    assert running.stop() == 0
    code, ill = doctor(running.data, *where)
    assert (code, ill["level"]) == (1, "wrong")
    assert {"pages", "broker"} <= {check for check, level in levels(ill).items() if level == "wrong"}


class Garbled(Quiet):
    """Answers, and not in HTTP."""

    def do_GET(self) -> None:
        self.wfile.write(b"what?\r\n\r\n")


class Ready(Quiet):
    """A web server to which nothing is missing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


def test_own_addresses_are_asked_past_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plant's proxy for the world does not know them, and is often not there at all."""
    monkeypatch.setattr(urllib.request, "_opener", None)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with serving(Ready) as server:
        assert web.pages(server.url, tmp_path) == Pages(server.url)
        assert up._not_ready(server.url) is None
        assert Asking(server.url).ask("GET", "/") == (200, {})


def test_what_is_no_http_is_a_word_and_no_end(tmp_path: Path) -> None:
    """`up` asks again, and the doctor says what it heard."""
    with serving(Garbled) as server:
        assert "what?" in web.pages(server.url, tmp_path).error
        assert "what?" in str(up._not_ready(server.url))
