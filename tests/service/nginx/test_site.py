"""What nginx does before anything reaches Threenos."""

import http.client
import http.server
import json
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from service.nginx.site import NAME, Site

from threenos_server.http.decoding import MAX_UPLOAD_BYTES

ELSEWHERE = "127.0.0.2"


class Upstream(http.server.BaseHTTPRequestHandler):
    """Stands where Threenos does, and answers what it was asked."""

    begun: ClassVar[list[str]] = []

    def _answer(self) -> None:
        self.begun.append(self.path)
        size = int(self.headers.get("Content-Length", 0))
        asked = {"path": self.path, "headers": dict(self.headers), "size": len(self.rfile.read(size))}
        body = json.dumps(asked).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, *_: Any) -> None:
        """Nothing: the answers say it all."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One nginx for all: whom it counts by address, each test comes from another."""
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=upstream.serve_forever, args=(0.05,))
    thread.start()
    running = Site(tmp_path_factory.mktemp("nginx"), upstream.server_address[1])
    try:
        running.wait()
        yield running
    finally:
        running.close()
        upstream.shutdown()
        thread.join()
        upstream.server_close()


class Asked:
    """One request over TLS, and what came back. `path` goes out as it is."""

    def __init__(
        self, site: Site, path: str, *, method: str = "GET", body: bytes | None = None, host: str = NAME,
        of: str = "127.0.0.1", headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        trusted = ssl.create_default_context(cafile=site.authority)
        connection = http.client.HTTPSConnection(
            "127.0.0.1", site.https, timeout=10, context=trusted, source_address=(of, 0)
        )
        try:
            connection.request(method, path, body, {"Host": host, **(headers or {})})
            answer = connection.getresponse()
            self.status, self.headers = answer.status, answer.headers
            text = answer.read()
        finally:
            connection.close()
        self.seen: dict[str, Any] = json.loads(text) if self.status == 200 else {}


def plain(site: Site, host: str, path: str) -> tuple[int, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", site.http, timeout=10)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheader("Location")


def test_plain_http_is_sent_to_https(site: Site) -> None:
    """The same page of the same name; a method and its body would stay what they are."""
    assert plain(site, NAME, "/desk?line=a") == (308, f"https://{NAME}/desk?line=a")


@pytest.mark.parametrize("path", ["/api/v1/session", "/socket.io/?EIO=4", "/metrics", "//api/v1/board", "/health/live"])
def test_a_program_is_not_led_on_from_plain_http(site: Site, path: str) -> None:
    """Else it would go on sending its password in plain, and nobody would notice."""
    assert plain(site, NAME, path) == (403, None)


def test_another_name_is_not_answered(site: Site) -> None:
    """Neither in plain nor over TLS; by its address it is, when that stands in name.conf."""
    assert plain(site, "evil.example", "/")[0] == 421
    assert Asked(site, "/", host="evil.example").status == 421
    assert Asked(site, "/", host=f"127.0.0.1:{site.https}").status == 200


def test_nobody_can_claim_to_be_somebody_else(site: Site) -> None:
    """What a client says of where it comes from is replaced, so that `proxies = 1` believes nginx alone."""
    claimed = {
        "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/evil", "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6",
        "X_Forwarded_For": "6.6.6.6",
    }  # fmt: skip
    told = Asked(site, "/", host=f"{NAME}:{site.https}", of="127.0.0.3", headers=claimed).seen["headers"]
    assert told["X-Forwarded-For"] == "127.0.0.3" and told["X-Forwarded-Proto"] == "https"
    assert told["Host"] == told["X-Forwarded-Host"] == f"{NAME}:{site.https}"
    assert "6.6.6.6" not in json.dumps(told) and "evil" not in json.dumps(told)


def test_a_photo_of_the_largest_size_passes_and_a_larger_one_does_not(site: Site) -> None:
    """The limit is that of Threenos, so nobody gets another answer than it would give."""
    whole = Asked(site, "/api/v1/photos/x", method="PUT", body=b"p" * MAX_UPLOAD_BYTES)
    assert (whole.status, whole.seen["size"]) == (200, MAX_UPLOAD_BYTES)
    assert Asked(site, "/api/v1/photos/x", method="PUT", body=b"p" * (MAX_UPLOAD_BYTES + 1)).status == 413


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/api/v1/metrics", "//metrics", "/%6detrics", "/assets/../metrics", "/assets/%2e%2e/metrics",
     "/api/v1%2fmetrics", "/metrics?x=1", "/./metrics"],
)  # fmt: skip
def test_the_metrics_are_for_this_machine(site: Site, path: str) -> None:
    """However they are spelt."""
    assert Asked(site, path, of=ELSEWHERE).status == 403
    assert Asked(site, path).status == 200


@pytest.mark.parametrize("path", ["/assets/../../etc/passwd", "/assets/..%2f..%2fetc/passwd", "/assets../name.conf"])
def test_no_path_leads_to_a_file_of_this_machine(site: Site, path: str) -> None:
    """nginx serves none: what it does not refuse goes to Threenos, which sees the path as it was asked."""
    asked = Asked(site, path)
    assert asked.status == 400 or asked.seen["path"] == path


def test_only_boards_are_upgraded(site: Site) -> None:
    """Another path hears nothing of it, so no connection can be smuggled past the limits."""
    wish = {"Connection": "Upgrade", "Upgrade": "websocket"}
    board = Asked(site, "/socket.io/?EIO=4&transport=websocket", headers=wish).seen["headers"]
    assert (board["Upgrade"], board["Connection"]) == ("websocket", "upgrade")
    for path in ("/", "/api/v1/board", "/assets/x.js"):
        told = Asked(site, path, headers=wish | {"Upgrade": "h2c"}).seen["headers"]
        assert "Upgrade" not in told and told["Connection"] == "close"


def test_signing_in_is_limited_and_being_signed_in_is_not(site: Site) -> None:
    """By address; the page asks who it is each time that it opens."""
    tries = [Asked(site, "/api/v1/session", method="POST", body=b"{}", of="127.0.0.4").status for _ in range(80)]
    assert tries[:50] == [200] * 50 and 429 in tries
    assert {Asked(site, "/api/v1/session", of="127.0.0.4").status for _ in range(60)} == {200}
    assert Asked(site, "/api/v1/session", method="POST", body=b"{}", of="127.0.0.5").status == 200


def test_old_tls_and_weak_ciphers_are_refused(site: Site) -> None:
    """TLS 1.2 with forward secrecy, or 1.3, by the name and by the address, for which a client names nothing."""
    for words, taken in (
        (["-tls1_3"], True), (["-tls1_2"], True), (["-tls1_1"], False), (["-tls1_2", "-cipher", "AES128-SHA"], False),
        (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], False),
    ):  # fmt: skip
        for named in (["-servername", NAME], ["-noservername"]):
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{site.https}", *named, *words]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            assert (done.returncode == 0) is taken, (words, named)


def test_a_body_that_comes_by_drops_keeps_nobody_waiting(site: Site) -> None:
    """It is gathered by nginx; Threenos hears of it when it is whole, and others are answered meanwhile."""
    trusted = ssl.create_default_context(cafile=site.authority)
    with (
        socket.create_connection(("127.0.0.1", site.https), 10) as raw,
        trusted.wrap_socket(raw, server_hostname=NAME) as slow,
    ):
        slow.sendall(f"POST /api/v1/slow HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 4\r\n\r\nab".encode())
        assert Asked(site, "/").status == 200
        assert "/api/v1/slow" not in Upstream.begun
        slow.sendall(b"cd")
        answer = http.client.HTTPResponse(slow)
        answer.begin()
        assert json.loads(answer.read())["size"] == 4


def test_what_does_not_serve_is_not_named(site: Site) -> None:
    """Neither version nor system of this machine."""
    assert re.fullmatch(r"nginx", str(Asked(site, "/", host="evil.example").headers["Server"]))


def test_the_files_have_one_line_to_change() -> None:
    """The name; all other addresses are those of the installation page."""
    text = "".join(
        line
        for name in ("threenos.conf", "tls.conf", "proxy.conf")
        for line in (Path(__file__).parents[3] / "deploy" / "nginx" / name).read_text().splitlines(keepends=True)
        if not line.lstrip().startswith("#")
    )
    assert "andon.plant" not in text and text.count("include threenos/name.conf;") == 2
