"""What nginx does before anything reaches Threenos."""

import http.client
import json
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from listening import Quiet, serving
from plant import wait_for
from service.nginx.site import NAME, Site

from threenos_server.http.decoding import MAX_UPLOAD_BYTES
from threenos_server.http.headers import POLICY
from threenos_server.http.problems import MEDIA_TYPE

ELSEWHERE = "127.0.0.2"
POLICY_NAME = "Content-Security-Policy"
#: What the server says with each answer, and what nginx says where it does not; photos have a policy of their own.
RESTRICTS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    POLICY_NAME: POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
OF_PHOTOS = "default-src 'none'; sandbox"
#: A path of which the upstream says nothing and hangs up, so that nginx answers by itself.
SILENT = "/silent"
BACK = "/api/v1/session/provider/back"
SECRET = "s3cr3t"


class Upstream(Quiet):
    """Stands where Threenos does, and answers what it was asked."""

    begun: ClassVar[list[str]] = []

    def _answer(self) -> None:
        self.begun.append(self.path)
        if SILENT in self.path:
            self.close_connection = True
            return
        size = int(self.headers.get("Content-Length", 0))
        asked = {"path": self.path, "headers": dict(self.headers), "size": len(self.rfile.read(size))}
        body = json.dumps(asked).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        policy = OF_PHOTOS if "/photos/" in self.path else POLICY
        for name, value in (RESTRICTS | {POLICY_NAME: policy}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One nginx for all: whom it counts by address, each test comes from another."""
    with serving(Upstream) as upstream:
        running = Site(tmp_path_factory.mktemp("nginx"), upstream.server_port)
        try:
            running.wait()
            yield running
        finally:
            running.close()


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
            self.text = answer.read()
        finally:
            connection.close()
        self.seen: dict[str, Any] = json.loads(self.text) if self.status == 200 else {}

    def restricts(self) -> dict[str, list[str]]:
        """What restricts the browser, each as often as it was said."""
        return {name: self.headers.get_all(name) or [] for name in RESTRICTS}


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
    refused = Asked(site, "/api/v1/photos/x", method="PUT", body=b"p" * (MAX_UPLOAD_BYTES + 1))
    told = json.loads(refused.text)
    assert (refused.status, refused.headers["Content-Type"]) == (413, MEDIA_TYPE)
    assert (set(told), told["status"]) == ({"type", "title", "status", "detail"}, 413)


@pytest.mark.parametrize(
    ("path", "status", "more"),
    [("/api/v1/photos/x", 413, {"method": "PUT", "body": b"p" * (MAX_UPLOAD_BYTES + 1)}), (SILENT, 502, {}),
     ("/", 421, {"host": "evil.example"}), ("/metrics", 403, {"of": ELSEWHERE}), ("/assets/%00", 400, {})],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)  # fmt: skip
def test_what_nginx_answers_itself_restricts_the_browser(
    site: Site, path: str, status: int, more: Mapping[str, Any]
) -> None:
    """Each of them once; a page of its own runs nothing and stands in no frame."""
    asked = Asked(site, path, **more)
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    assert asked.status == status
    assert asked.restricts() == {name: [value] for name, value in (RESTRICTS | {POLICY_NAME: policy}).items()}
    assert asked.headers["Content-Type"] in ("text/html; charset=utf-8", MEDIA_TYPE)


@pytest.mark.parametrize(
    ("path", "policy"), [("/desk", POLICY), ("/assets/x.js", POLICY), ("/api/v1/photos/x", OF_PHOTOS)]
)
def test_what_the_server_says_to_the_browser_is_said_once(site: Site, path: str, policy: str) -> None:
    """And as the server says it, which has a policy of its own for what people uploaded."""
    said = Asked(site, path).restricts()
    assert said == {name: [value] for name, value in (RESTRICTS | {POLICY_NAME: policy}).items()}


def test_plain_http_is_restricted_too_but_for_what_tls_alone_may_say(site: Site) -> None:
    """A browser is told to come by TLS only where it did."""
    connection = http.client.HTTPConnection("127.0.0.1", site.http, timeout=10)
    connection.request("GET", "/", headers={"Host": NAME})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.getheader("X-Content-Type-Options")) == (308, "nosniff")
    assert "frame-ancestors 'none'" in str(answer.getheader(POLICY_NAME))
    assert answer.getheader("Strict-Transport-Security") is None


def test_no_log_of_nginx_has_a_query(site: Site) -> None:
    """Nor the page before it: a provider's code stands there; of that way back the log of errors says nothing."""
    before = {"Referer": f"https://{NAME}{BACK}?code={SECRET}"}
    for query in ("", f"&{SILENT}"):
        Asked(site, f"{BACK}?code={SECRET}&state={SECRET}{query}", headers=before)
    Asked(site, "/desk/reports?line=motor", headers=before)
    connection = http.client.HTTPConnection("127.0.0.1", site.http, timeout=10)
    connection.request("GET", f"{BACK}?code={SECRET}", headers={"Host": NAME})
    assert connection.getresponse().status == 403
    connection.close()
    Asked(site, "/the-last-of-them")
    log = site.home / "access"
    wait_for("the last request is logged", lambda: "/the-last-of-them" in log.read_text())
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["status"] for line in lines if line["path"] == BACK] == ["200", "502", "403"]
    assert set(lines[-1]) == {"time", "address", "method", "path", "status", "bytes", "seconds"}
    assert SECRET not in log.read_text() and "?" not in log.read_text()
    assert SECRET not in (site.home / "log").read_text()


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


@pytest.mark.parametrize(
    ("path", "of"),
    [
        ("/api/v1/session", "127.0.0.4"), ("/api/v1/session/provider", "127.0.0.6"),
        ("/api/v1/session/code", "127.0.0.7"), ("/api/v1/session/password", "127.0.0.8"),
        ("/api/v1/session/second-factor", "127.0.0.9"),
    ],
)  # fmt: skip
def test_signing_in_is_limited_and_being_signed_in_is_not(site: Site, path: str, of: str) -> None:
    """By address, with a password, a code, and by the provider; the page asks who it is each time that it opens."""
    tries = [Asked(site, path, method="POST", body=b"{}", of=of).status for _ in range(80)]
    assert tries[:50] == [200] * 50 and 429 in tries
    assert {Asked(site, "/api/v1/session", of=of).status for _ in range(60)} == {200}
    assert Asked(site, "/api/v1/session", method="POST", body=b"{}", of="127.0.0.5").status == 200


def test_old_tls_and_weak_ciphers_are_refused(site: Site) -> None:
    """TLS 1.2 with forward secrecy, or 1.3, by the name and by the address, for which a client names nothing."""
    for words, taken in (
        (["-tls1_3"], True), (["-tls1_2"], True), (["-tls1_1"], False), (["-tls1_2", "-cipher", "AES128-SHA"], False),
        (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], False),
    ):  # fmt: skip
        for named in (["-servername", NAME], ["-noservername"]):
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{site.https}", *named, *words]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
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
        for name in ("threenos.conf", "tls.conf", "proxy.conf", "answers.conf")
        for line in (Path(__file__).parents[3] / "deploy" / "nginx" / name).read_text().splitlines(keepends=True)
        if not line.lstrip().startswith("#")
    )
    assert "andon.plant" not in text and text.count("include threenos/name.conf;") == 2
