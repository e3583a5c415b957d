"""The command line as a person or script uses it: exit codes, words, JSON."""

import errno
import json
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from threenos_server import cli, keys
from threenos_server.chain import example
from threenos_server.cli import station as stations
from threenos_server.db import Database, sqlite_url
from threenos_server.people.broker_passwords import matches
from threenos_server.people.stations import broker_users


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that runs the tests counts."""
    monkeypatch.delenv("THREENOS_CONFIG", raising=False)


@pytest.fixture
def factory(tmp_path: Path) -> Path:
    path = tmp_path / "factory.yaml"
    path.write_text(example.text())
    return path


@pytest.fixture
def data(tmp_path: Path, factory: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A data directory with the example factory in it."""
    assert cli.main(["chain", "import", str(factory), "--data", str(tmp_path / "data")]) == 0
    capsys.readouterr()
    return str(tmp_path / "data")


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_wrong_use_is_2_and_names_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown command, and an unknown setting in the environment."""
    with pytest.raises(SystemExit) as stopped:
        cli.main(["dance"])
    assert stopped.value.code == 2
    monkeypatch.setenv("THREENOS_COLOUR", "red")
    assert cli.main(["station", "list"]) == 2
    assert "colour" in capsys.readouterr().err


def test_a_chain_with_an_error_is_1_and_says_where(factory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In words with the line of the file, and the same as JSON; nothing is imported."""
    factory.write_text(factory.read_text().replace("supplier: die-casting", "supplier: die-kasting", 1))
    line = next(n for n, text in enumerate(factory.read_text().splitlines(), 1) if "die-kasting" in text)
    assert cli.main(["chain", "check", str(factory)]) == 1
    assert f"line {line}" in capsys.readouterr().out
    assert cli.main(["chain", "check", str(factory), "--json"]) == 1
    found = printed(capsys)
    assert not found["ok"]
    assert f"line {line}" in [e["where"] for e in found["errors"]]
    data = factory.parent / "data"
    assert cli.main(["chain", "import", str(factory), "--data", str(data)]) == 1
    assert cli.main(["station", "list", "--data", str(data), "--json"]) == 0


def test_a_document_is_read_before_there_is_a_transaction(factory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """However long the reading takes, nobody waits for it; what cannot be read does not even begin a database."""
    factory.write_text("site: [")
    data = factory.parent / "data"
    assert cli.main(["chain", "import", str(factory), "--data", str(data)]) == 1
    assert "YAML" in capsys.readouterr().err
    assert not data.exists()


def test_the_example_is_sound_and_survives_export_and_import(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As YAML and as XLSX: the same chain again makes no new version."""
    for name in ("again.yaml", "again.xlsx"):
        assert cli.main(["chain", "export", str(tmp_path / name), "--data", data]) == 0
        assert cli.main(["chain", "check", str(tmp_path / name)]) == 0
        capsys.readouterr()
        assert cli.main(["chain", "import", str(tmp_path / name), "--data", data, "--json"]) == 0
        assert printed(capsys)["version"] == 1


def test_an_enrolled_station_gets_a_file_that_its_agent_can_read(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For the owner's eyes only, and never over an older one."""
    target = tmp_path / "station.toml"
    enroll = ["station", "enroll", "cast-1", "--toml", str(target), "--data", data, "--json"]
    assert cli.main(enroll) == 0
    given = printed(capsys)
    made = tomllib.loads(target.read_text())
    assert made["station"] == [{"id": "cast-1", "site": given["site"], "password": given["password"]}]
    assert (made["server"]["host"], made["server"]["port"]) == (given["host"], given["port"])
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert cli.main(enroll) == 1


def test_an_enrolment_that_cannot_be_written_changes_nothing(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing folder is named, a station that nobody knows leaves no file, and the old credentials stand."""
    for station, target in (("cast-1", tmp_path / "missing" / "s.toml"), ("nobody", tmp_path / "s.toml")):
        assert cli.main(["station", "enroll", station, "--toml", str(target), "--data", data]) == 1
        assert not target.exists()
    assert str(tmp_path / "missing") in capsys.readouterr().err
    assert cli.main(["station", "list", "--json", "--data", data]) == 0
    assert printed(capsys)[0]["state"] == "new"


def test_station_list_has_what_scripts_need(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An array, each with id, site, line and process."""
    assert cli.main(["station", "list", "--json", "--data", data]) == 0
    found = printed(capsys)
    assert found[0].items() >= {"id": "cast-1", "line": "housing", "process": "die-casting", "state": "new"}.items()
    assert len(found) == len(example.chain().stations)


def test_people_are_added_with_roles_and_scopes(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The password comes by standard input, never as an argument; a name is taken once."""
    add = ["user", "add", "wang", "--role", "team-leader", "--line", "housing", "--password-stdin", "--data", data]
    for code in (0, 1):
        monkeypatch.setattr("sys.stdin.readline", lambda: "correct horse battery\n", raising=False)
        assert cli.main([*add, "--json"]) == code
    first, second = (json.loads(text) for text in capsys.readouterr().out.splitlines())
    assert first["roles"] == ["team-leader"]
    assert "wang" in second["error"]


def test_the_journal_is_verified_and_exported(data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A witness that saw another hash, or a row that is gone, makes it 1."""
    assert cli.main(["journal", "verify", "--json", "--data", data]) == 0
    (site,) = printed(capsys)
    assert site["ok"]
    assert cli.main(["journal", "export", str(tmp_path / "journal.jsonl"), "--data", data]) == 0
    (row,) = (json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines())
    assert (row["seq"], row["hash"]) == (site["seq"], site["hash"])
    for seq, seen in ((1, "0" * 64), (9, site["hash"])):
        witness = tmp_path / "witness.jsonl"
        witness.write_text(json.dumps({"site": site["site"], "seq": seq, "hash": seen, "at": row["at"]}) + "\n")
        assert cli.main(["journal", "verify", "--witness", str(witness), "--data", data]) == 1
    assert cli.main(["journal", "rebuild", "--data", data]) == 0


def test_a_backup_is_whole_and_can_be_put_back(data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What came after it is gone then; a backup never overwrites."""
    copy = str(tmp_path / "copy.db")
    assert cli.main(["db", "backup", copy, "--data", data]) == 0
    assert cli.main(["db", "backup", copy, "--data", data]) == 1
    assert cli.main(["station", "enroll", "cast-1", "--data", data]) == 0
    assert cli.main(["db", "restore", copy, "--data", data]) == 0
    capsys.readouterr()
    assert cli.main(["station", "list", "--json", "--data", data]) == 0
    assert printed(capsys)[0]["state"] == "new"
    assert cli.main(["journal", "verify", "--data", data]) == 0


def test_a_command_without_a_database_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And makes none by looking."""
    assert cli.main(["journal", "verify", "--data", str(tmp_path / "none")]) == 1
    assert "no database" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "command",
    ["broker-config {file}/broker", "ca issue andon.plant --into {file}/web", "db restore {backup}", "ca show"],
)
def test_a_file_that_cannot_be_had_is_named_and_no_line_of_ours(
    data: str, tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where a folder should be, and a folder where a file, stand for what belongs to another user."""
    (tmp_path / "file").write_text("")
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup.manifest.json").mkdir()
    (Path(data) / "ca" / "ca.pem").mkdir(parents=True)
    (Path(data) / "ca" / "authority.pem").mkdir()
    words = command.format(file=tmp_path / "file", backup=tmp_path / "backup").split()
    assert cli.main([*words, "--data", data]) == 1
    said = capsys.readouterr().err
    assert said.startswith("threenos: /") and "a directory" in said


def test_a_broker_config_has_every_station_and_the_server(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Passwords as verifiers only."""
    assert cli.main(["station", "enroll", "cast-1", "--json", "--data", data]) == 0
    password = printed(capsys)["password"]
    assert cli.main(["broker-config", str(tmp_path / "mosquitto"), "--json", "--data", data]) == 0
    told = printed(capsys)
    passwords = (tmp_path / "mosquitto" / "passwords").read_text()
    assert [line.partition(":")[0] for line in passwords.splitlines()] == ["cast-1"]
    assert password not in passwords
    assert told["server"]["password"] not in passwords


def test_two_processes_that_race_for_a_key_get_the_same(tmp_path: Path) -> None:
    """It is made once, and it is nobody else's to read."""
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: keys.key(tmp_path, "pseudonym"), range(64)))
    (first,) = found
    assert len(first) == keys.KEY_BYTES
    assert keys.key(tmp_path, "arrival") != first
    assert [p.name for p in sorted((tmp_path / "keys").iterdir())] == ["arrival", "pseudonym"]


def test_gevent_is_refused_on_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One lock would stop a whole worker; the message says what it is for."""
    assert cli.main(["web", "--web-worker", "gevent", "--data", str(tmp_path)]) == 1
    assert "PostgreSQL only" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "said"),
    [("nosuchdb://x", "not understood"), ("nonsense", "not understood"),
     ("postgresql://127.0.0.1:1/x", "does not answer"), ("sqlite:////no/such/folder/x.db", "does not answer")],
)  # fmt: skip
def test_a_database_that_is_not_there_is_said(url: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, by every command that needs it."""
    for command in (["journal", "verify"], ["station", "list"], ["db", "upgrade"]):
        assert cli.main([*command, "--database", url]) == 1
        assert said in capsys.readouterr().err


def test_what_cannot_be_written_is_said(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An export to a folder that is not there ends with its name, not with a traceback."""
    assert cli.main(["journal", "export", "/no/such/folder/x", "--data", data]) == 1
    assert "/no/such/folder/x" in capsys.readouterr().err


def let_in(data: str, station: str, password: str) -> bool:
    """Whether the broker would take that password."""
    database = Database(sqlite_url(Path(data)))
    with database.read() as session:
        kept = broker_users(session)[station]
    database.close()
    return matches(password, kept)


@pytest.mark.parametrize("broken", ["station_toml", "sync", "_certified"])
def test_an_enrolment_that_fails_before_its_end_leaves_the_old_credentials(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """A full disk under the file, or under the certificate: the station goes on, nothing is left, and a retry works."""
    assert cli.main(["station", "enroll", "cast-1", "--json", "--data", data]) == 0
    old = printed(capsys)["password"]
    target = tmp_path / "station.toml"
    again = ["station", "enroll", "cast-1", "--toml", str(target), "--certificate", "--json", "--data", data]
    with monkeypatch.context() as disk:
        disk.setattr(stations, broken, full)
        assert cli.main(again) == 1
    assert "No space left" in printed(capsys)["error"]
    assert not target.exists()
    assert let_in(data, "cast-1", old)
    assert cli.main(again) == 0
    assert let_in(data, "cast-1", printed(capsys)["password"])


def test_an_enrolment_that_fails_at_its_end_has_given_the_new_credentials(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are in the file and were printed; what could not be done any more is said."""
    target = tmp_path / "station.toml"
    monkeypatch.setattr(stations.authority, "revoke_client", full)
    assert cli.main(["station", "enroll", "cast-1", "--toml", str(target), "--json", "--data", data]) == 1
    given, problem = map(json.loads, capsys.readouterr().out.splitlines())
    assert tomllib.loads(target.read_text())["station"][0]["password"] == given["password"]
    assert let_in(data, "cast-1", given["password"])
    assert "older certificates" in problem["error"]


def test_a_new_enrolment_revokes_the_certificates_of_before(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And not the one that it has just made."""
    enroll = ["station", "enroll", "cast-1", "--certificate", "--json", "--data", data]
    for name in ("first", "second"):
        assert cli.main([*enroll, "--toml", str(tmp_path / f"{name}.toml")]) == 0
    capsys.readouterr()
    assert cli.main(["ca", "show", "--json", "--data", data]) == 0
    assert [one["state"] for one in printed(capsys)["certificates"]] == ["revoked", "good"]
    assert tomllib.loads((tmp_path / "second.toml").read_text())["station"][0]["cert"] == "second-tls/tls.pem"


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")
