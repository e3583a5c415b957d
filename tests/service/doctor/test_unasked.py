"""What `threenos doctor` cannot look at it says, and looks at everything else."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from plant import free_port
from service.security.fake_provider import FakeProvider

from threenos_server import cli
from threenos_server.doctor.look import broker, machine, provider
from threenos_server.doctor.reached import Accounts
from threenos_server.intake.link import BrokerAddress
from threenos_server.settings import Settings


def wrong(capsys: pytest.CaptureFixture[str], data: Path, *flags: str) -> dict[str, str]:
    """The words of what is wrong, by check; the last checks are there whatever came before them."""
    assert cli.main(["doctor", "--json", "--data", str(data), *flags]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {"pages", "backups", "packages"} <= {f["check"] for f in findings}
    assert all(f["cure"] for f in findings if f["level"] == "wrong")
    return {f["check"]: f["words"] for f in findings if f["level"] == "wrong"}


@pytest.mark.parametrize("url", ["broker.plant", "http://broker.plant", "mqtt://broker.plant:99999", "mqtt://["])
def test_an_address_of_no_broker_is_one_finding_among_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours and that of the stations, each by the name of its setting."""
    assert "not asked: mqtt_url says where" in wrong(capsys, tmp_path, "--mqtt-url", url)["broker"]
    monkeypatch.setenv("THREENOS_MQTT_PUBLIC_URL", url)
    assert f"not asked: mqtt_public_url is {url!r}" in wrong(capsys, tmp_path)["broker"]


def test_a_key_that_is_missing_is_said_and_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without it the broker does not let our processes in; one that was made now it would not know."""
    found = wrong(capsys, tmp_path, "--mqtt-url", "mqtt://127.0.0.1", "--mqtt-user", "_server")
    assert found["broker"] == f"the broker was not asked: {tmp_path / 'keys/broker'}, our password there, is missing"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_missing_or_no_certificate_is_named(tmp_path: Path) -> None:
    """With its setting: the library says neither."""
    address = BrokerAddress("127.0.0.1", free_port(), ca=str(tmp_path / "ca.pem"), tls=True)
    assert broker.ask(address).error == f"mqtt_ca {tmp_path / 'ca.pem'}: No such file or directory"
    (tmp_path / "ca.pem").write_text("no certificate")
    assert broker.ask(address).error.startswith(f"mqtt_ca {tmp_path / 'ca.pem'} holds no certificate: ")


@pytest.mark.parametrize(
    ("says", "kept"), [("echo yes", True), ("echo no", False), ("echo", None), ("exit 1", None), (None, None)]
)
def test_a_clock_that_nobody_keeps_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str | None, kept: bool | None
) -> None:
    """By what the system says of it; where it says nothing, nothing is said here."""
    monkeypatch.setenv("PATH", str(tmp_path))
    if says is not None:
        (tmp_path / "timedatectl").write_text(f"#!/bin/sh\n{says}\n")
        (tmp_path / "timedatectl").chmod(0o755)
    assert machine.clock_is_kept() is kept


@pytest.fixture
def idp() -> Iterator[FakeProvider]:
    """A provider of accounts on this machine."""
    made = FakeProvider(lambda: datetime.now(UTC))
    yield made
    made.close()


def test_the_provider_of_accounts_is_asked_who_it_is(idp: FakeProvider) -> None:
    """Another name than the settings have, or none, is why nobody could sign in by it."""
    settings = Settings(oidc_issuer=idp.issuer, oidc_client_id="threenos")
    assert provider.ask(settings) == Accounts(idp.issuer)
    idp.metadata = {"issuer": "https://idp.plant"}
    found = provider.ask(settings)
    assert found is not None and found.error == f"who answers for {idp.issuer} calls itself https://idp.plant"
    idp.away = True
    found = provider.ask(settings)
    assert found is not None and "503" in found.error
    assert provider.ask(Settings()) is None


def test_a_provider_that_does_not_answer_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps nothing else from being looked at."""
    issuer = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("THREENOS_OIDC_ISSUER", issuer)
    monkeypatch.setenv("THREENOS_OIDC_CLIENT_ID", "threenos")
    assert wrong(capsys, tmp_path)["accounts"].startswith(f"nobody can sign in by {issuer}: ")
