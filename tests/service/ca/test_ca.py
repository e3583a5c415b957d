"""`threenos ca`: an authority of the plant's own, and what it issues."""

import json
import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from listening import Quiet, serving
from plant import at_once

from threenos_server import cli
from threenos_server.ca import files, service
from threenos_server.ca.certificates import fingerprint, issue, make_authority, names_of
from threenos_server.errors import Conflict, Invalid, NotFound
from threenos_station.settings import Server
from threenos_station.tls import broker_context

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
NAMES = ["andon-3.plant", "10.0.0.5", "fd00::5"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, Any]:
    code = cli.main([*args, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_one_command_makes_the_authority_and_a_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys are their owner's alone, and a second certificate is of the same authority."""
    data, page = tmp_path / "data", tmp_path / "page"
    code, told = run(capsys, "ca", "issue", *NAMES, "--into", str(page), "--data", str(data))
    assert (code, told["names"]) == (0, NAMES)
    assert mode(page / "tls.key") == mode(data / "ca" / "authority.pem") == 0o600 and mode(data / "ca") == 0o700
    assert b"PRIVATE" not in (page / "ca.pem").read_bytes() + (page / "tls.pem").read_bytes()
    again = run(capsys, "ca", "issue", "broker", "--into", str(tmp_path / "broker"), "--data", str(data))[1]
    shown = run(capsys, "ca", "show", "--data", str(data))[1]
    assert told["authority"] == again["authority"] == shown["fingerprint"]
    assert Path(shown["file"]).read_bytes() == (page / "ca.pem").read_bytes()


def test_the_words_name_the_settings_and_where_tablets_learn_to_trust(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed can be copied into station.toml."""
    assert cli.main(["ca", "issue", "andon-3", "--into", str(tmp_path / "p"), "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert 'allow_hosts = ["andon-3"]' in said and 'tls = "p"' in said and "http://andon-3:8377/trust" in said


def test_a_certificate_is_trusted_by_whoever_trusts_the_authority_for_its_names(tmp_path: Path) -> None:
    """As OpenSSL sees it, for a name and for an address; at most as long as iPadOS takes."""
    signer = make_authority(NOW)
    issued = issue(signer, NAMES, NOW, 825)
    files.write(tmp_path, issued, signer)
    trusting = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    assert trusting.get_ca_certs()[0]["subject"][0][0][1].startswith("Threenos CA ")
    issued.certificate.verify_directly_issued_by(signer.certificate)
    assert names_of(issued.certificate) == NAMES
    span = issued.certificate.not_valid_after_utc - issued.certificate.not_valid_before_utc
    assert span < timedelta(days=825) and issued.certificate.not_valid_before_utc < NOW
    constraints = issued.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert constraints.ca is False


def test_what_ends_soon_is_renewed_for_the_same_names(tmp_path: Path) -> None:
    """By the same authority, with a new key; what is good for longer is left alone, and nothing is written yet."""
    signer = files.authority(tmp_path / "data", NOW)
    files.write(tmp_path, issue(signer, NAMES, NOW, 100), signer)
    before, soon = (tmp_path / "tls.pem").read_bytes(), timedelta(days=60)
    assert files.renewed(tmp_path, signer, NOW, soon, 825) is None
    new = files.renewed(tmp_path, signer, NOW + timedelta(days=50), soon, 825)
    assert (tmp_path / "tls.pem").read_bytes() == before
    assert new is not None and names_of(new.certificate) == NAMES
    files.write(tmp_path, new, signer)
    assert new.certificate.not_valid_after_utc > NOW + timedelta(days=800)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "tls.pem", tmp_path / "tls.key")


def test_the_certificate_of_another_authority_is_not_renewed(tmp_path: Path) -> None:
    """Devices would not trust the new one."""
    files.write(tmp_path, issue(other := make_authority(NOW), ["a"], NOW, 1), other)
    with pytest.raises(Conflict):
        files.renewed(tmp_path, files.authority(tmp_path / "data", NOW), NOW, timedelta(days=60), 825)
    with pytest.raises(NotFound):
        files.renewed(tmp_path / "nothing", other, NOW, timedelta(days=60), 825)


@pytest.mark.parametrize("name", ["", "a b", "-a", "a..b", "10.0.0.256", "a" * 64, "*.plant", "http://a"])
def test_what_is_no_name_gets_no_certificate(name: str) -> None:
    """A wildcard neither: each agent has its own key."""
    with pytest.raises(Invalid):
        issue(make_authority(NOW), [name], NOW, 825)


@pytest.mark.parametrize("days", [0, 826])
def test_no_certificate_is_longer_than_a_tablet_takes(days: int) -> None:
    """Or shorter than a day."""
    with pytest.raises(Invalid):
        issue(make_authority(NOW), ["a"], NOW, days)


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_issued(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words, with the cure: as root the command runs as another user, who may not write where root stands."""
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "page-tls"
    assert cli.main(["ca", "issue", "andon-3", "--into", str(folder), "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"threenos: {folder}: Not a directory; name a folder that the user of")
    assert not (tmp_path / "ca").exists()


def test_a_file_of_two_authorities_trusts_either(tmp_path: Path) -> None:
    """As the way to another authority needs it: stations know both, and notice nothing when the broker changes."""
    both = tmp_path / "ca.pem"
    for name in ("old", "next"):
        service.issue(tmp_path / name, tmp_path / name / "web", ["127.0.0.1"], datetime.now(UTC))
        both.write_bytes((both.read_bytes() if both.exists() else b"") + (tmp_path / name / "ca/ca.pem").read_bytes())
    trusted = broker_context(Server(host="127.0.0.1", tls=True, ca=str(both)), None, None)
    for name in ("old", "next"):
        shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        shown.load_cert_chain(tmp_path / name / "web/tls.pem", tmp_path / name / "web/tls.key")
        with serving(Quiet, tls=shown) as server, socket.create_connection(("127.0.0.1", server.server_port)) as plain:
            trusted.wrap_socket(plain, server_hostname="127.0.0.1").close()


def test_two_commands_that_race_get_the_same_authority(tmp_path: Path) -> None:
    """The file of certificate and key is there wholly or not at all."""
    found: list[str] = []
    at_once(*[lambda: found.append(fingerprint(files.authority(tmp_path, NOW).certificate))] * 8)
    assert len(found) == 8 and len(set(found)) == 1
    assert sorted(p.name for p in (tmp_path / "ca").iterdir()) == ["authority.pem", "ca.pem", "crl.pem"]
