"""`threenos broker-config`, and what enrolment writes for the stations that come to such a broker."""

import json
from pathlib import Path
from typing import Any

import pytest

from threenos_server import cli, keys
from threenos_server.ca import files, service
from threenos_server.ca.service import State
from threenos_server.chain import example
from threenos_server.cli.run import broker_address
from threenos_server.clock import utc_now
from threenos_server.errors import Invalid
from threenos_server.people.broker_passwords import matches
from threenos_server.settings import Settings, load
from threenos_station import settings as station_settings

STATION = "cast-1"


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A data directory with the example factory in it."""
    (tmp_path / "factory.yaml").write_text(example.text())
    assert cli.main(["chain", "import", str(tmp_path / "factory.yaml"), "--data", str(tmp_path / "data")]) == 0
    capsys.readouterr()
    return tmp_path / "data"


class Command:
    """`threenos …` on that data; what it printed, as JSON."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._data, self._capsys = data, capsys

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        assert cli.main([*arguments, "--data", str(self._data), "--json"]) == code
        return json.loads(self._capsys.readouterr().out)


@pytest.fixture
def threenos(data: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(data, capsys)


def states(data: Path) -> list[State]:
    """How the station's certificates stand, oldest first."""
    return [one.state for one in service.known(data, utc_now()) if one.certificate.names == [STATION]]


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def test_one_command_makes_a_folder_with_all_that_a_broker_needs(threenos: Command, tmp_path: Path, data: Path) -> None:
    """A certificate for the names too; passwords as verifiers only, those of stations apart from ours."""
    password = threenos("station", "enroll", STATION)["password"]
    told = threenos("broker-config", str(tmp_path / "b"), "--name", "broker.plant", "--name", "10.0.0.5")
    user, _, verifier = (tmp_path / "b" / "passwords").read_text().strip().partition(":")
    assert user == STATION and matches(password, verifier)
    user, _, verifier = (tmp_path / "b" / "server-passwords").read_text().strip().partition(":")
    assert user == "_server" and matches(told["server"]["password"], verifier)
    (issued,) = service.known(data, utc_now())
    assert issued.certificate.names == ["broker.plant", "10.0.0.5", "localhost", "127.0.0.1"]
    assert (tmp_path / "b" / "crl.pem").read_bytes() == (data / "ca" / "crl.pem").read_bytes()
    assert told["public_url"] == "mqtts://broker.plant:8883"


def test_the_configuration_never_drops_in_silence_and_never_speaks_plain(threenos: Command, tmp_path: Path) -> None:
    """Limits that were measured, each listener with TLS, and no comment behind a value, which would be part of it."""
    threenos("broker-config", str(tmp_path / "b"))
    found = lines(tmp_path / "b" / "mosquitto.conf")
    for wanted in (
        "max_queued_messages 1000000", "max_inflight_messages 200", "max_packet_size 262144", "set_tcp_nodelay true",
        "persistence false", "per_listener_settings true", "listener 8883 0.0.0.0", "listener 8884 127.0.0.1",
        "use_username_as_clientid true",
    ):  # fmt: skip
        assert found.count(wanted) == 1, wanted
    assert found.count("allow_anonymous false") == found.count("tls_version tlsv1.2") == 2
    assert not any("#" in line for line in found)


def test_the_printed_settings_are_those_of_an_intake(
    threenos: Command, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copied into a file as they are; the password is found by itself."""
    threenos("broker-config", str(tmp_path / "b"), "--server-listen", "127.0.0.1:9884")
    assert (
        cli.main(["broker-config", str(tmp_path / "b"), "--server-listen", "127.0.0.1:9884", "--data", str(data)]) == 0
    )
    file = tmp_path / "threenos.toml"
    file.write_text(capsys.readouterr().out.partition("\n\n")[2])
    address = broker_address(load({"data": str(data)}, {}, file))
    assert (address.host, address.port, address.tls, address.username) == ("localhost", 9884, True, "_server")
    assert (address.ca, address.password) == (str(tmp_path / "b" / "ca.pem"), keys.key(data, "broker").hex())


def test_plain_is_for_loopback(threenos: Command, tmp_path: Path) -> None:
    """Elsewhere the server's password would cross the network for all to read; stations never come in plain."""
    told = threenos("broker-config", str(tmp_path / "b"), "--plain")
    assert told["server"]["url"] == "mqtt://127.0.0.1:8884" and told["public_url"].endswith(":8883")
    plain = broker_address(Settings(mqtt_url=told["server"]["url"], mqtt_ca=told["server"]["ca"]))
    assert (plain.tls, plain.ca) == (False, None)
    assert lines(tmp_path / "b" / "mosquitto.conf").count("tls_version tlsv1.2") == 1
    for wrong in (["--plain", "--server-listen", "0.0.0.0:8884"], ["--listen", "8883"], ["--listen", "0.0.0.0:99999"]):
        assert "error" in threenos("broker-config", str(tmp_path / "b"), *wrong, code=1)


@pytest.mark.parametrize("listen", ["0.0.0.0:8884", "127.0.0.1:8884", "[::]:8884"])
def test_the_two_doors_are_two(threenos: Command, tmp_path: Path, listen: str) -> None:
    """At one port of one address the broker would not start; nothing is written."""
    said = threenos("broker-config", str(tmp_path / "b"), "--listen", listen, code=1)["error"]
    assert "--listen and --server-listen cannot both be port 8884" in said
    assert not (tmp_path / "b").exists()
    threenos("broker-config", str(tmp_path / "b"), "--listen", "10.0.0.5:8884")


def test_the_broker_is_told_when_something_has_changed(threenos: Command, tmp_path: Path) -> None:
    """And not else; that it could not be told is said."""
    told = tmp_path / "told"
    hook = ["broker-config", str(tmp_path / "b"), "--reload", f"echo >> {told}"]
    threenos(*hook)
    threenos(*hook)
    assert told.read_text() == "\n"
    threenos("station", "enroll", STATION)
    threenos(*hook)
    assert told.read_text() == "\n\n"
    threenos("station", "revoke", STATION)
    assert "failed" in threenos("broker-config", str(tmp_path / "b"), "--reload", "false", code=1)["error"]
    assert lines(tmp_path / "b" / "rules") == lines(tmp_path / "b" / "passwords") == []


def test_a_certificate_of_ones_own_is_left_alone(threenos: Command, tmp_path: Path, data: Path) -> None:
    """With the list of its own authority, and not with ours, by which mosquitto would let nobody in."""
    folder = tmp_path / "b"
    service.issue(tmp_path / "company", folder, ["broker.company"], utc_now())
    kept = (folder / "tls.pem").read_bytes()
    files.authority(data, utc_now())
    told = threenos("broker-config", str(folder), "--certificates", "--server-listen", "127.0.0.1:9884")
    assert (folder / "tls.pem").read_bytes() == kept and told["server"]["url"] == "mqtts://broker.company:9884"
    assert not any(line.startswith("crlfile") for line in lines(folder / "mosquitto.conf"))
    (folder / "crl.pem").write_bytes((tmp_path / "company" / "ca" / "crl.pem").read_bytes())
    threenos("broker-config", str(folder), "--certificates")
    assert f"crlfile {folder}/crl.pem" in lines(folder / "mosquitto.conf")
    assert (folder / "crl.pem").read_bytes() != (data / "ca" / "crl.pem").read_bytes()


def test_a_name_that_the_certificate_lacks_is_said(
    threenos: Command, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the broker gets another name with the next certificate only, and stations do not come to it until then."""
    folder = str(tmp_path / "b")
    assert threenos("broker-config", folder, "--name", "broker.plant")["lacking"] == []
    again = ["broker-config", folder, "--name", "broker.plant", "--name", "andon.plant"]
    assert threenos(*again)["lacking"] == ["andon.plant"]
    assert cli.main([*again, "--data", str(data)]) == 0
    assert "not for andon.plant: `threenos ca issue andon.plant broker.plant" in capsys.readouterr().out


def test_an_enrolment_with_a_certificate_is_a_file_and_a_folder(
    threenos: Command, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the agent reads them, the authority's certificate in the file; enrolled again, the older one is revoked."""
    threenos("broker-config", str(tmp_path / "b"), "--certificates")
    monkeypatch.setenv("THREENOS_MQTT_PUBLIC_URL", "mqtts://broker.plant:9883")
    monkeypatch.setenv("THREENOS_MQTT_CA", str(data / "ca" / "ca.pem"))
    given = threenos("station", "enroll", STATION, "--toml", str(tmp_path / "one.toml"), "--certificate")
    found = station_settings.load(tmp_path / "one.toml", {})
    pem = (data / "ca" / "ca.pem").read_text()
    assert (found.server.host, found.server.port, found.server.tls) == ("broker.plant", 9883, True)
    assert found.server.ca == given["ca"] == pem
    assert found.station[0].cert == str(tmp_path / "one-tls" / "tls.pem")
    assert oct((tmp_path / "one-tls" / "tls.key").stat().st_mode & 0o777) == "0o600"
    threenos("station", "enroll", STATION, "--toml", str(tmp_path / "two.toml"), "--certificate")
    assert states(data) == [State.REVOKED, State.GOOD]
    threenos("station", "revoke", STATION)
    assert states(data) == [State.REVOKED, State.REVOKED]
    assert "--toml" in threenos("station", "enroll", STATION, "--certificate", code=1)["error"]


@pytest.mark.parametrize(
    "wrong",
    [{"mqtt_cert": "a.pem"}, {"mqtt_key": "a.key"}, {"mqtt_url": "mqtt://x", "mqtt_cert": "a", "mqtt_key": "b"}],
)
def test_a_client_certificate_of_the_server_is_whole_and_over_tls(wrong: dict[str, str]) -> None:
    """Half of one would be found out when the broker refuses us."""
    with pytest.raises(Invalid, match="mqtt_cert"):
        broker_address(Settings(**({"mqtt_url": "mqtts://x"} | wrong)))  # type: ignore[arg-type]  # each is a text
    whole = broker_address(Settings(mqtt_url="mqtts://x", mqtt_cert="a.pem", mqtt_key="a.key"))
    assert (whole.cert, whole.key, whole.port) == ("a.pem", "a.key", 8883)
