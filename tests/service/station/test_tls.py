"""A broker with TLS that asks for a client certificate too."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from plant import free_port
from service.station.shopfloor import Broker, FakeServer, MakeAgent, until

from threenos_server.ca import service
from threenos_server.ca.certificates import LENIENCY, Purpose
from threenos_station import link
from threenos_station.connection import Connection, Identity
from threenos_station.errors import BadCertificate
from threenos_station.settings import Server
from threenos_station.tls import broker_context


class Secure:
    """A broker with a second listener that takes certificates of one authority, and a server at its plain one."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.data = folder / "data"
        self.port = free_port()
        service.issue(self.data, folder / "tls", ["127.0.0.1"], now)
        self._broker = Broker(
            folder / "broker",
            f"listener {self.port} 127.0.0.1\ncafile {folder}/tls/ca.pem\ncertfile {folder}/tls/tls.pem\n"
            f"keyfile {folder}/tls/tls.key\nrequire_certificate true",
        )
        self._log = folder / "broker" / "log"
        self.server = FakeServer(self._broker.port)

    def start(self) -> None:
        self._broker.start()
        self.server.start()

    def certificate(self, name: str, days: int = 30, data: Path | None = None) -> Path:
        """The folder of a station's certificate."""
        folder = self.data / f"of-{name}"
        service.issue(data or self.data, folder, [name], datetime.now(UTC), days, Purpose.CLIENT)
        return folder

    def address(self, certificate: Path | None, ca: str | None = None) -> Server:
        """As a station's settings have it, with the authority's file when nothing else is said."""
        files = {"cert": str(certificate / "tls.pem"), "key": str(certificate / "tls.key")} if certificate else {}
        ca = ca if ca is not None else str(self.data / "ca" / "ca.pem")
        return Server(host="127.0.0.1", port=self.port, tls=True, ca=ca or None, **files)

    def connections(self, station: str) -> int:
        """How often that station has connected."""
        return self._log.read_text().count(f" as {station} (")

    def stop(self) -> None:
        self.server.stop()
        self._broker.kill()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Secure]:
    secure = Secure(tmp_path, datetime.now(UTC))
    secure.start()
    yield secure
    secure.stop()


def test_a_station_with_a_certificate_is_heard_over_tls(broker: Secure, make_agent: MakeAgent) -> None:
    """One press, and a backlog of many messages; the authority may stand in the settings itself."""
    pem = (broker.data / "ca" / "ca.pem").read_text()
    agent = make_agent(0, server=broker.address(broker.certificate("w2"), ca=pem))
    event_id = agent.press("w2", "stop")
    until(lambda: event_id in broker.server.recorded)
    big = [agent.press("w2", "reject", {"note": "n" * 1900}) for _ in range(60)]
    until(lambda: set(big) <= set(broker.server.recorded))


def test_whose_certificate_stands_in_the_way_is_told(broker: Secure, make_agent: MakeAgent, tmp_path: Path) -> None:
    """The broker's, that the station does not trust; the station's, that is missing, of a stranger, or no file."""
    lost = broker.address(tmp_path / "nowhere")
    foreign = broker.certificate("w1", data=tmp_path / "other")
    for name, server, code, word in (
        ("untrusting", broker.address(broker.certificate("w2"), ca=""), "not-trusted", "certificate chain"),
        ("bare", broker.address(None), "certificate", "required"),
        ("foreign", broker.address(foreign), "certificate", "unknown ca"),
        ("lost", lost, "certificate", "nowhere"),
    ):
        agent = make_agent(0, data=name, server=server)
        problem = until(lambda agent=agent, code=code: _problem(agent.document("w2").link.problem, code))
        assert word in problem.detail.lower().replace("_", " "), (name, problem)


def _problem(found: object, code: str) -> object:
    """The problem when it is of that kind: a broker that hangs up may cut its own words off, and is asked again."""
    return found if getattr(found, "code", None) == code else None


def test_a_renewed_certificate_is_taken_by_a_running_agent(
    broker: Secure, make_agent: MakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It connects anew by itself, with nothing lost, so that one that does not work shows at once and not in a year."""
    monkeypatch.setattr(link, "PRESENCE_S", 0.2)
    folder = broker.certificate("w2")
    agent = make_agent(0, server=broker.address(folder))
    until(lambda: agent.document("w2").server.heard)
    assert broker.connections("w2") == 1
    assert service.renew(broker.data, [folder], datetime.now(UTC), timedelta(days=60), 825)[0].made
    pressed = [agent.press("w2", "reject")]
    until(lambda: broker.connections("w2") == 2)
    pressed.append(agent.press("w2", "stop"))
    until(lambda: set(pressed) <= set(broker.server.recorded))


def test_files_that_are_half_written_end_no_connection(broker: Secure) -> None:
    """A certificate is taken when its key fits; so long the connection that stands goes on."""
    folder, other = broker.certificate("w2"), broker.certificate("w1")
    near, far = socket.socketpair()
    connection = Connection(Identity("w2", None), broker.address(folder), "5", [], near)
    assert not connection.renewed()
    shutil.copy(other / "tls.key", folder / "tls.key")
    assert not connection.renewed()
    shutil.copy(other / "tls.pem", folder / "tls.pem")
    assert connection.renewed()
    connection.close()
    near.close()
    far.close()


def test_a_station_whose_clock_is_years_behind_is_heard(tmp_path: Path, make_agent: MakeAgent) -> None:
    """By its clock the authority is not born yet: the broker is still checked for its authority and its name."""
    secure = Secure(tmp_path, datetime.now(UTC) + timedelta(days=900) + LENIENCY)
    context = ssl.create_default_context(cafile=secure.data / "ca" / "ca.pem")
    secure.start()
    try:
        with (
            socket.create_connection(("127.0.0.1", secure.port), 5) as raw,
            pytest.raises(ssl.SSLCertVerificationError, match="not yet valid"),
            context.wrap_socket(raw, server_hostname="127.0.0.1"),
        ):
            raise AssertionError("a browser took it")
        named = Server(host="localhost", port=secure.port, tls=True, ca=str(secure.data / "ca" / "ca.pem"))
        wrong_name = make_agent(0, data="named", server=named)
        assert "mismatch" in until(lambda: wrong_name.document("w2").link.problem).detail
        right = make_agent(0, data="right", server=secure.address(None))
        until(lambda: _problem(right.document("w2").link.problem, "certificate"))
    finally:
        secure.stop()


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """By its file, or as what stands in the settings."""
    for ca in (str(tmp_path / "none.pem"), "-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----\n"):
        with pytest.raises(BadCertificate) as raised:
            broker_context(Server(host="h", tls=True, ca=ca), None, None)
        assert raised.value.code == "not-trusted"
        assert ("none.pem" in raised.value.detail) == ("none.pem" in ca)
