"""Messages that leave the machine: the signed webhook and Apprise, against a real receiver."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from listening import Quiet, leading_inside, serving
from plant import free_port
from structlog.testing import capture_logs

from threenos_server.notify.model import SendFailed
from threenos_server.notify.senders import Outgoing, send

# Apprise reads its e-mail service with a module that newer Pythons drop; it does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOTICE = {"id": "n1", "kind": "stop", "complaint": "c1", "line": "l1", "params": {}}
MESSAGE = Outgoing("m1", "停线", "停线 · 壳体线", datetime(2026, 11, 23, 2, 0, tzinfo=UTC), (NOTICE,))


@dataclass
class Receiver:
    """Somebody else's endpoint: what it got, and the status with which it answers."""

    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real HTTP server in a thread."""
    kept = Receiver()

    class Handler(Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((dict(self.headers), body))
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Handler) as server:
        kept.url = f"{server.url}/hook"
        yield kept


def test_a_webhook_is_signed_over_time_and_body(receiver: Receiver) -> None:
    """The receiver computes the same signature from what it got, and never sees the secret."""
    send(f"webhook+{receiver.url}?secret=s3cret&plant=1", MESSAGE)
    headers, body = receiver.got[0]
    seconds = headers["Threenos-Signature"].split(",")[0].removeprefix("t=")
    expected = hmac.new(b"s3cret", f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Threenos-Signature"] == f"t={seconds},v1={expected}"
    document: dict[str, Any] = json.loads(body)
    assert document["id"] == "m1"
    assert document["title"] == "停线"
    assert document["notices"] == [NOTICE]
    assert "s3cret" not in str(receiver.got)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (401, True), (404, True), (410, True), (429, False), (500, False), (503, False)],
)
def test_what_the_webhook_answers_says_whether_to_try_again(receiver: Receiver, status: int, permanent: bool) -> None:
    """A refusal is for good; being busy is not."""
    receiver.status = status
    with pytest.raises(SendFailed) as failed:
        send(f"webhook+{receiver.url}?secret=x", MESSAGE)
    assert failed.value.permanent is permanent


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_webhook_leads_us_nowhere_else(status: int) -> None:
    """Neither to an address inside the plant, nor to one that gets a GET without the message and says yes."""
    with leading_inside(status) as (url, inside):
        with pytest.raises(SendFailed, match=f"answered {status} to /inside, which is not followed") as failed:
            send(f"webhook+{url}?secret=x", MESSAGE)
        assert inside == []
    assert failed.value.permanent is False


def test_a_webhook_that_is_away_is_tried_again() -> None:
    """No connection is a temporary error."""
    with pytest.raises(SendFailed) as failed:
        send(f"webhook+http://127.0.0.1:{free_port()}/hook?secret=x", MESSAGE)
    assert failed.value.permanent is False


@pytest.mark.parametrize(
    "address", ["webhook+http://host/hook", "webhook+ftp://host/?secret=x", "nonsense", "no://such"]
)
def test_an_address_that_cannot_be_is_a_permanent_error(address: str) -> None:
    """An unsigned webhook is none either."""
    with pytest.raises(SendFailed) as failed:
        send(address, MESSAGE)
    assert failed.value.permanent is True


def test_apprise_takes_any_url(receiver: Receiver) -> None:
    """E-mail, WeCom, DingTalk, Slack … work by a URL; here its JSON service."""
    send(receiver.url.replace("http://", "json://"), MESSAGE)
    document = json.loads(receiver.got[0][1])
    assert (document["title"], document["message"]) == ("停线", "停线 · 壳体线")


def test_apprise_that_fails_is_tried_again(receiver: Receiver) -> None:
    """It says no more than that it failed."""
    receiver.status = 500
    with pytest.raises(SendFailed) as failed:
        send(receiver.url.replace("http://", "json://"), MESSAGE)
    assert failed.value.permanent is False


def test_the_log_takes_everything() -> None:
    """For a demonstration without any service."""
    with capture_logs() as logged:
        send("log:", MESSAGE)
    assert "壳体线" in str(logged)
