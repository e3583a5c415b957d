"""`threenos doctor` on what a power cut, a wrong owner or a copy in the wrong place left: it says so and looks on."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from threenos_server import cli
from threenos_server.ca import service as authority
from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.migrations import upgrade
from threenos_server.moving.left import behind

#: What is behind the first @ is a host for whoever reads it, and "hush" its port.
BROKEN = "postgresql://threenos:p@ss:hush/it@db.plant/threenos"
Said = Callable[..., dict[str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with tables, keys and an authority that has issued a certificate."""
    folder = tmp_path / "data"
    (folder / "keys").mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    for name in ("pseudonym", "arrival", "broker"):
        (folder / "keys" / name).write_text("ab" * 32)
        (folder / "keys" / name).chmod(0o600)
    db = Database(sqlite_url(folder), FOLDS)
    upgrade(db)
    db.close()
    authority.issue(folder, tmp_path / "web", ["andon.plant"], datetime.now(UTC) - timedelta(hours=1))
    return folder


@pytest.fixture
def wrong(data: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """What is wrong, each check with its words and its cure; the last check is there whatever came before it."""

    def said(*flags: str) -> dict[str, str]:
        cli.main(["doctor", "--json", "--data", str(data), *flags])
        findings = json.loads(capsys.readouterr().out)["findings"]
        assert "packages" in {f["check"] for f in findings}
        return {f["check"]: f"{f['words']} | {f['cure']}" for f in findings if f["level"] == "wrong"}

    return said


@pytest.mark.parametrize("torn", [b"", b"\0\0\0", b'{"http"', b"[]", b"{}"])
def test_an_address_that_a_power_cut_tore_is_none(data: Path, wrong: Said, torn: bytes) -> None:
    """`up` leaves it without waiting for the disk, so that it may be empty when the machine is back before `up` is."""
    (data / "run").mkdir()
    (data / "run" / "where.json").write_bytes(torn)
    assert "does not answer" in wrong()["pages"]


def test_a_register_that_cannot_be_read_is_a_finding(
    data: Path, wrong: Said, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its path: as torn, and as that of another user, for which a folder stands here. `threenos ca` says it too."""
    register = data / "ca" / "register.jsonl"
    assert "certificates" not in wrong()
    whole = register.read_bytes()
    register.write_bytes(whole + b'{"what')
    assert f"{register}, line 2: " in wrong()["certificates"]
    for command in (["ca", "show"], ["ca", "renew"]):
        assert cli.main([*command, "--data", str(data)]) == 1
        assert f"threenos: {register}, line 2: " in capsys.readouterr().err
    register.unlink()
    register.mkdir()
    assert f"{register}: Is a directory" in wrong()["certificates"]


def test_an_authority_that_is_none_is_a_finding_of_its_own(data: Path, wrong: Said) -> None:
    """And not one of the pages, whose server has nothing to do with it."""
    (data / "ca" / "ca.pem").write_bytes(b"")
    found = wrong()
    assert f"{data / 'ca' / 'ca.pem'} holds no certificate" in found["certificates"]
    assert "refused" in found["pages"]


def test_keys_that_we_may_not_read_are_not_called_gone(data: Path, wrong: Said) -> None:
    """As when root has put the copy back: whoever takes them for cut copies once more. A folder stands for it."""
    (data / "keys" / "pseudonym").unlink()
    (data / "keys" / "pseudonym").mkdir(mode=0o700)
    found = wrong()["keys"]
    assert f"cannot be read: {data / 'keys/pseudonym'}" in found
    assert "chown" in found


def test_a_password_of_ours_that_is_none_is_a_finding(data: Path, wrong: Said) -> None:
    """For a broker apart and for that of `up`."""
    (data / "keys" / "broker").write_bytes(b"\xff\xfe")
    apart = ("--mqtt-url", "mqtt://127.0.0.1:1", "--mqtt-user", "_server")
    assert f"{data / 'keys/broker'} is not a whole key" in wrong(*apart)["broker"]
    (data / "run").mkdir()
    (data / "run" / "where.json").write_text('{"http": "http://127.0.0.1:1", "mqtt": {"host": "127.0.0.1", "port": 1}}')
    assert f"{data / 'keys/broker'} is not a whole key" in wrong()["broker"]


def test_a_database_that_was_moved_is_not_made_anew(data: Path, wrong: Said) -> None:
    """`threenos db upgrade` would be the wrong cure, and refuses."""
    (data / "threenos.db").rename(behind(data / "threenos.db"))
    found = wrong()["database"]
    assert "was moved to PostgreSQL: set `database`" in found
    assert "db upgrade" not in found


def test_the_cure_of_a_file_is_not_that_of_a_server(data: Path, wrong: Said) -> None:
    """On a single PC there is no postgresql to look at."""
    (data / "threenos.db").write_bytes(b"no database at all" * 1000)
    found = wrong()["database"]
    assert str(data / "threenos.db") in found and "threenos db restore" in found
    assert "postgresql" not in found
    assert found.index("the disk is full") < found.index("threenos db restore")


def test_a_disk_that_the_kernel_has_shut_is_named(data: Path, wrong: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error of the disk: there is room, all belongs to us, and nothing is taken."""
    plain = os.statvfs
    assert "disk" not in wrong() or "read" not in wrong()["disk"]
    real = plain(data)
    room = {name: getattr(real, name) for name in ("f_bavail", "f_bfree", "f_blocks", "f_frsize")}
    shut = SimpleNamespace(**room, f_flag=os.ST_RDONLY)
    monkeypatch.setattr(os, "statvfs", lambda path: shut if path == data else plain(path))
    assert f"{data} is on a disk that can only be read" in wrong()["disk"]


@pytest.mark.parametrize("command", ["doctor", "db backup x", f"db move {BROKEN}", "intake --mqtt-url mqtt://[::1]:1"])
def test_a_password_that_breaks_the_address_is_not_shown(
    data: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands behind a colon of it was taken for the port, and was printed with the lines of the program."""
    if BROKEN not in command:
        (data / "url").write_text(BROKEN)
        (data / "url").chmod(0o600)
        monkeypatch.setenv("THREENOS_DATABASE_FILE", str(data / "url"))
    assert cli.main([*command.split(), "--data", str(data)]) == 1
    said = "".join(capsys.readouterr())
    assert "%2F for /" in said and "hush" not in said


def test_backups_that_cannot_be_seen_are_not_called_none(wrong: Said, tmp_path: Path) -> None:
    """Who is told that there is none looks for a timer that stands still."""
    folder = tmp_path / "backups"
    folder.write_text("a file stands for a folder of another user")
    assert f"{folder} cannot be read: Not a directory" in wrong("--backups", str(folder))["backups"]


def test_a_cure_names_the_unit_that_is_there(data: Path, wrong: Said) -> None:
    """On a single PC `threenos up` is web server, intake, clock and broker; on a plant's server each is its own."""
    (data / "run").mkdir()
    (data / "run" / "where.json").write_text('{"http": "http://127.0.0.1:1", "mqtt": {"host": "127.0.0.1", "port": 1}}')
    alone = wrong()
    apart = wrong("--mqtt-url", "mqtt://127.0.0.1:1", "--mqtt-user", "_server")
    for check, unit in (("services", "threenos-clock"), ("pages", "threenos-web"), ("broker", "mosquitto")):
        assert "systemctl status threenos-up`" in alone[check] and "`threenos up`" in alone[check]
        assert f"systemctl status {unit}`" not in alone[check]
        assert f"systemctl status {unit}`" in apart[check] and "threenos-up" not in apart[check]
