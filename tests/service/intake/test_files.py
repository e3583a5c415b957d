"""The files of `mqtt_ca`, `mqtt_cert` and `mqtt_key`: what is wrong with one is said with its setting and its name."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from plant import free_port, wait_for
from structlog.testing import capture_logs

from threenos_server.ca import service
from threenos_server.ca.certificates import Purpose
from threenos_server.doctor.look import broker as doctor
from threenos_server.intake.link import BrokerAddress, Link, secure

FIELDS = {"mqtt_ca": "ca", "mqtt_cert": "cert", "mqtt_key": "key"}


class Files:
    """Good files of all three settings, at a broker that is not there."""

    def __init__(self, folder: Path) -> None:
        issued = folder / "tls"
        service.issue(folder / "data", issued, ["_server"], datetime.now(UTC), 30, Purpose.CLIENT)
        self.paths = {"mqtt_ca": issued / "ca.pem", "mqtt_cert": issued / "tls.pem", "mqtt_key": issued / "tls.key"}
        self.port = free_port()

    def address(self) -> BrokerAddress:
        files = {FIELDS[setting]: str(path) for setting, path in self.paths.items()}
        return BrokerAddress("127.0.0.1", self.port, tls=True, **files)  # type: ignore[arg-type]  # texts all


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    made = Files(tmp_path)
    secure(Client(CallbackAPIVersion.VERSION2), made.address())
    yield made


@pytest.mark.parametrize("setting", FIELDS)
@pytest.mark.parametrize("fault", ["missing", "a folder", "no certificate"])
def test_a_file_that_cannot_be_used_is_named(files: Files, setting: str, fault: str) -> None:
    """To the intake's log and by the doctor alike."""
    path = files.paths[setting]
    path.unlink()
    if fault == "a folder":
        path.mkdir()
    if fault == "no certificate":
        path.write_text("-----BEGIN NONSENSE-----\n")
    named = re.escape(f"{setting} {path}")
    with pytest.raises(OSError, match=named) as failed:
        secure(Client(CallbackAPIVersion.VERSION2), files.address())
    assert doctor.ask(files.address()).error == str(failed.value)


def test_the_intake_says_it_once_and_takes_the_file_when_it_is_there(files: Files) -> None:
    """It tries on every second, and does not fill the log with it."""
    ca = files.paths["mqtt_ca"]
    kept = ca.rename(ca.with_suffix(".away"))
    link = Link(files.address())
    tried: list[int] = []
    whole = link._new_client

    def new_client() -> Client:
        tried.append(1)
        return whole()

    link._new_client = new_client  # type: ignore[method-assign]  # to count
    with capture_logs() as logged:
        link.start()
        try:
            wait_for("it was tried three times", lambda: len(tried) > 2)
            assert [line["error"] for line in logged] == [f"mqtt_ca {ca}: No such file or directory"]
            kept.rename(ca)
            wait_for("it goes on to the broker", lambda: len(logged) > 1)
            assert "refused" in logged[1]["error"]
        finally:
            link.close()
