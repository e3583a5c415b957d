"""Flags over environment over file, and an unknown key stops the start with its name."""

from pathlib import Path

import pytest

from threenos_station.errors import BadSettings
from threenos_station.settings import load

FILE = """
data = "box"
[server]
host = "broker"
ca = "ca.pem"
tls = true
[[station]]
id = "w2"
site = "plant"
password = "from-file"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def wrong(path: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(BadSettings) as caught:
        load(path, environ or {})
    return caught.value.detail


def test_the_file_alone_is_enough_and_paths_count_from_its_folder(config: Path) -> None:
    """The folder can be moved as a whole."""
    settings = load(config, {})
    assert settings.data == str(config.parent / "box")
    assert settings.server.ca == str(config.parent / "ca.pem")
    assert (settings.server.port, settings.page.host, settings.page.trust_loopback) == (1883, "127.0.0.1", True)
    assert settings.entry(None).username == "w2"


def test_flags_win_over_the_environment_and_the_environment_over_the_file(config: Path) -> None:
    """In this order."""
    environ = {"THREENOS_STATION_SERVER_HOST": "env", "THREENOS_STATION_SERVER_PORT": "8883", "PATH": "/bin"}
    settings = load(config, environ, {"server.host": "flag"})
    assert (settings.server.host, settings.server.port) == ("flag", 8883)


def test_the_folder_of_the_certificate_is_a_path_and_the_brokers_tls_is_not(config: Path) -> None:
    """Two settings are called tls, each in its own section."""
    environ = {"THREENOS_STATION_PAGE_TLS": "page-tls", "THREENOS_STATION_SERVER_TLS": "true"}
    settings = load(config, environ)
    assert (settings.page.tls, settings.server.tls) == (str(config.parent / "page-tls"), True)
    assert load(config, {}).page.tls is None


def test_secrets_come_by_file_too(config: Path, tmp_path: Path) -> None:
    """A password in a file of its own replaces the one in the settings."""
    (tmp_path / "secret").write_text("by-file\n", encoding="utf-8")
    environ = {"THREENOS_STATION_PASSWORD_FILE": str(tmp_path / "secret"), "THREENOS_STATION_UPLOAD_TOKEN": "t"}
    settings = load(config, environ)
    assert (settings.entry("w2").password, settings.server.upload_token) == ("by-file", "t")


@pytest.mark.parametrize(
    ("added", "named"),
    [
        ("[page]\ncolour = 'red'", "colour"),
        ("[colour]\nred = 1", "colour"),
        ("[page]\nport = 'many'", "page.port"),
        ("[[station]]\nid = 'w2'\nsite = 'plant'", "same id"),
        ("[[station]]\nid = 'W2'\nsite = 'plant'", "station"),
        ("[[input]]\nstation = 'w9'\nkind = 'file'\npath = 'p'", "w9"),
        ("[[input]]\nstation = 'w2'\nkind = 'exec'", "command"),
        ("[[input]]\nstation = 'w2'\nkind = 'gpio'", "kind"),
        ("[[lamp]]\nstation = 'w2'\nkind = 'file'\npath = 'p'\nwhen = ['late']", "when"),
        ("[[lamp]]\nstation = 'w2'\nkind = 'file'\nwhen = ['saved']", "path"),
        ("[[station]]\nid = 'w3'\nsite = 'plant'\npassword = 'a'\npassword_file = 'b'", "not both"),
    ],
)
def test_what_is_wrong_is_named(config: Path, added: str, named: str) -> None:
    """Nobody has to guess which line it was."""
    config.write_text(FILE + added, encoding="utf-8")
    assert named in wrong(config)


def test_an_unknown_variable_stops_the_start(config: Path) -> None:
    """A spelling mistake would otherwise be found on the day of the accident."""
    assert "THREENOS_STATION_SERVER_HOTS" in wrong(config, {"THREENOS_STATION_SERVER_HOTS": "x"})
    assert "true or false" in wrong(config, {"THREENOS_STATION_SERVER_TLS": "yes"})


def test_a_missing_or_broken_file_says_so(tmp_path: Path) -> None:
    """And who writes it."""
    assert "enroll" in wrong(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[server", encoding="utf-8")
    assert "TOML" in wrong(tmp_path / "bad.toml")


def test_certificates_need_tls(config: Path) -> None:
    """A CA that is silently not used would be a false comfort."""
    config.write_text(FILE.replace("tls = true", "tls = false"), encoding="utf-8")
    assert "tls" in wrong(config)
    without_ca = FILE.replace("tls = true", "").replace('ca = "ca.pem"', "")
    config.write_text(without_ca + 'cert = "w2.pem"\nkey = "w2.key"\n', encoding="utf-8")
    assert "station w2" in wrong(config) and "tls" in wrong(config)


def test_a_station_may_have_a_certificate_of_its_own(config: Path) -> None:
    """Beside its id, with its key; both count from the file's folder."""
    config.write_text(FILE + 'cert = "w2-tls/tls.pem"\nkey = "w2-tls/tls.key"\n', encoding="utf-8")
    (station,) = load(config, {}).station
    assert (station.cert, station.key) == tuple(str(config.parent / "w2-tls" / f"tls.{end}") for end in ("pem", "key"))
    config.write_text(FILE + 'cert = "w2-tls/tls.pem"\n', encoding="utf-8")
    assert "go together" in wrong(config)


def test_the_authority_may_stand_in_the_file_itself(config: Path) -> None:
    """As enrolment writes it, so that one file is all that is carried to a station."""
    pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    config.write_text(FILE.replace('"ca.pem"', f'"""\n{pem}"""'), encoding="utf-8")
    assert load(config, {}).server.ca == pem
