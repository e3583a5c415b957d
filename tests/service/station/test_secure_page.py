"""The page over TLS on the one port, and in plain what leads there."""

import http.client
import json
import plistlib
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from plant import free_port
from service.station.shopfloor import MakeAgent, until
from service.station.test_page import Browser

from threenos_server.ca import files
from threenos_server.ca.certificates import fingerprint, issue
from threenos_station.agent import Agent
from threenos_station.errors import BadSettings
from threenos_station.page.secure import Certificate
from threenos_station.settings import Page

NAMES = ["andon-3.plant", "127.0.0.1"]


def certify(folder: Path, days: int = 100, now: datetime | None = None) -> Path:
    """The folder that `threenos ca issue` writes; its authority lies beside it."""
    now = now or datetime.now(UTC)
    signer = files.authority(folder.parent, now)
    files.write(folder, issue(signer, NAMES, now, days), signer)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a certificate."""
    return certify(tmp_path / "page")


@pytest.fixture
def agent(make_agent: MakeAgent, folder: Path) -> Agent:
    """With a certificate, and without any broker."""
    return make_agent(free_port(), page=Page(port=0, allow_hosts=["andon-3.plant"], tls=str(folder)))


@pytest.fixture
def plain(agent: Agent) -> Browser:
    """A tablet that does not trust the agent yet."""
    return Browser(agent, "andon-3.plant:8377")


class Secure:
    """A tablet that trusts the authority and nothing else; the name of the agent is checked."""

    def __init__(self, agent: Agent, folder: Path) -> None:
        assert agent.page is not None
        self.port = int(agent.page.url.rpartition(":")[2])
        self.context = ssl.create_default_context(cafile=folder / "ca.pem")
        self.headers = {"Host": f"andon-3.plant:{self.port}"}

    def shake(self, name: str = "andon-3.plant") -> ssl.SSLSocket:
        return self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 10), server_hostname=name)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.sock = self.shake()
        sent = None if body is None else json.dumps(body).encode()
        connection.request(method, path, sent, {"Content-Type": "application/json"} | self.headers | headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, json.loads(raw) if is_json else raw, answer.headers


@pytest.fixture
def secure(agent: Agent, folder: Path) -> Secure:
    """Another device, not paired yet."""
    return Secure(agent, folder)


def test_a_tablet_that_trusts_pairs_and_presses_by_tls(agent: Agent, secure: Secure) -> None:
    """Its cookie never leaves TLS again; a page in plain cannot press through it."""
    assert secure.ask("GET", "/api/stations/w2")[0] == 401
    status, _, headers = secure.ask("POST", "/api/pair", {"code": agent.pairing.new_code()})
    assert status == 201 and "; Secure" in headers["Set-Cookie"]
    secure.headers["Cookie"] = headers["Set-Cookie"].partition(";")[0]
    origin = secure.headers["Host"]
    press = ("POST", "/api/stations/w2/presses", {"kind": "stop"})
    assert secure.ask(*press, Origin=f"https://{origin}")[0] == 201
    assert secure.ask(*press, Origin=f"http://{origin}")[0] == 403
    assert secure.ask("GET", "/api/stations/w2")[1]["outbox"]["waiting"] == 1


def test_a_device_that_does_not_trust_or_was_led_astray_gets_no_connection(secure: Secure) -> None:
    """Under a name that is not in the certificate, and without the authority."""
    with pytest.raises(ssl.SSLCertVerificationError):
        secure.shake("evil.example")
    secure.context = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        secure.shake()


def test_in_plain_the_network_gets_nothing_but_the_way_to_trust(agent: Agent, plain: Browser) -> None:
    """Not even with a cookie, which somebody may have read."""
    token = agent.pairing.pair(agent.pairing.new_code())
    plain.headers["Cookie"] = f"threenos_tablet={token}"
    for path in ("/", "/pair", "/station/w2"):
        status, _, headers = plain.ask("GET", path)
        assert (status, headers["Location"]) == (303, "/trust")
    for method, path in (("GET", "/api/stations/w2"), ("POST", "/api/stations/w2/presses"), ("POST", "/api/pair")):
        assert plain.ask(method, path, {"kind": "stop"})[1]["code"] == "needs-https"
    assert plain.ask("GET", "/plain/trust.js")[0] == plain.ask("GET", "/health")[0] == 200
    assert agent.document("w2").outbox.waiting == 0


def test_this_machine_needs_no_tls(agent: Agent) -> None:
    """The agent's own screen and `threenos-station press` go on as before."""
    assert Browser(agent).ask("POST", "/api/stations/w2/presses", {"kind": "stop"})[0] == 201


@pytest.mark.parametrize(
    ("accepted", "path", "word"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "/trust", "让本平板信任工位代理"),
        ("de,en;q=0.5", "/trust", "Let this tablet trust"),
        ("zh", "/trust/en", "Let this tablet trust"),
        ("en", "/trust/zh", "让本平板信任工位代理"),
    ],
)
def test_the_page_that_explains_trust_speaks_the_tablets_language(
    plain: Browser, folder: Path, accepted: str, path: str, word: str
) -> None:
    """It shows the fingerprint to compare, and leads on to https."""
    status, page, _ = plain.ask("GET", path, **{"Accept-Language": accepted})
    authority = files.authority(folder.parent, datetime.now(UTC)).certificate
    text = page.decode()
    assert status == 200 and word in text and "{{" not in text
    assert fingerprint(authority) in text and 'href="https://andon-3.plant:8377/pair"' in text


def test_the_authority_is_given_as_each_system_takes_it(plain: Browser, folder: Path) -> None:
    """DER for Android and Windows, a profile for iPadOS; nobody gets a key."""
    der = ssl.PEM_cert_to_DER_cert((folder / "ca.pem").read_text())
    status, body, headers = plain.ask("GET", "/trust/threenos-ca.crt")
    assert (status, body, headers["Content-Type"]) == (200, der, "application/x-x509-ca-cert")
    status, body, headers = plain.ask("GET", "/trust/threenos-ca.mobileconfig")
    profile = plistlib.loads(body)
    assert (status, headers["Content-Type"]) == (200, "application/x-apple-aspen-config")
    assert profile["PayloadType"] == "Configuration"
    (root,) = profile["PayloadContent"]
    assert (root["PayloadType"], root["PayloadContent"]) == ("com.apple.security.root", der)
    for path in ("/trust/tls.key", "/trust/../tls.key", "/trust/de"):
        assert plain.ask("GET", path)[0] == 404


def test_an_agent_without_a_certificate_has_nothing_to_explain(make_agent: MakeAgent) -> None:
    """It says so."""
    status, problem, _ = Browser(make_agent(free_port(), page=Page(port=0))).ask("GET", "/trust")
    assert status == 404 and "threenos ca issue" in problem["detail"]


def test_a_renewed_certificate_is_taken_without_a_restart(agent: Agent, secure: Secure, folder: Path) -> None:
    """Half of a renewal keeps the old one working."""
    with secure.shake() as before:
        old = before.getpeercert(True)
    key = (folder / "tls.key").read_bytes()
    (folder / "tls.key").write_bytes(b"half")
    secure.shake().close()
    (folder / "tls.key").write_bytes(key)
    certify(folder, 300)

    def renewed() -> bool:
        with secure.shake() as now:
            return now.getpeercert(True) != old

    until(renewed)
    assert agent.status()["certificate"]["names"] == NAMES


def test_an_end_that_is_near_or_past_is_told_and_stops_no_agent(tmp_path: Path, make_agent: MakeAgent) -> None:
    """The agent's own screen still raises an alarm."""
    past = certify(tmp_path / "past", 30, datetime(2026, 1, 1, tzinfo=UTC))
    agent = make_agent(free_port(), page=Page(port=0, tls=str(past)))
    assert "has ended on 2026-01-29" in agent.status()["certificate"]["problem"]
    assert Browser(agent).ask("POST", "/api/stations/w2/presses", {"kind": "stop"})[0] == 201


def test_a_folder_that_does_not_fit_together_stops_the_start(folder: Path, tmp_path: Path) -> None:
    """A key of another certificate, another authority, or no files at all."""
    with pytest.raises(BadSettings, match="nothing"):
        Certificate(tmp_path / "nothing")
    certify(tmp_path / "else" / "page")
    (folder / "ca.pem").write_bytes((tmp_path / "else" / "page" / "ca.pem").read_bytes())
    with pytest.raises(BadSettings, match="no certificate that works"):
        Certificate(folder)


def test_noise_and_silence_on_the_port_harm_nobody(secure: Secure) -> None:
    """A handshake that breaks off, and a connection that never says anything."""
    with (
        socket.create_connection(("127.0.0.1", secure.port), 10) as broken,
        socket.create_connection(("127.0.0.1", secure.port), 10),
    ):
        broken.sendall(b"\x16\x03\x01\x00\x05hello")
        assert secure.ask("GET", "/health")[1] == {"live": True}
