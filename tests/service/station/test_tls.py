"""A broker with TLS that asks for a client certificate too."""

import subprocess
from pathlib import Path

import pytest
from plant import free_port
from service.station.shopfloor import Broker, FakeServer, MakeAgent, until

from threenos_station.settings import Server


def _openssl(folder: Path, *args: str) -> None:
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


def _certificates(folder: Path) -> None:
    _openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=plant CA", "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    for name in ("broker", "w2"):
        _openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-days", "2", "-extfile", "san", "-out", f"{name}.pem")  # fmt: skip


# paho leaves the socket of a failed handshake to the garbage collector, which warns.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_station_with_a_certificate_is_heard_over_tls_and_one_without_is_told(
    tmp_path: Path, make_agent: MakeAgent
) -> None:
    """The broker is checked against the CA as well."""
    _certificates(tmp_path)
    secure = free_port()
    listener = (
        f"listener {secure} 127.0.0.1\ncafile {tmp_path}/ca.pem\ncertfile {tmp_path}/broker.pem\n"
        f"keyfile {tmp_path}/broker.key\nrequire_certificate true"
    )
    broker = Broker(tmp_path / "broker", listener)
    broker.start()
    server = FakeServer(broker.port)
    server.start()
    try:
        files = {"ca": f"{tmp_path}/ca.pem", "cert": f"{tmp_path}/w2.pem", "key": f"{tmp_path}/w2.key"}
        agent = make_agent(0, server=Server(host="127.0.0.1", port=secure, tls=True, **files))
        event_id = agent.press("w2", "stop")
        until(lambda: event_id in server.recorded)
        big = [agent.press("w2", "reject", {"note": "n" * 1900}) for _ in range(60)]
        until(lambda: set(big) <= set(server.recorded))
        bare = make_agent(0, "w1", data="other", server=Server(host="127.0.0.1", port=secure, tls=True))
        assert "certificate" in until(lambda: bare.document("w1").link.problem).detail.lower()
    finally:
        server.stop()
        broker.kill()
