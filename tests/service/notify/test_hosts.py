"""Whom notices may go to: with `notice_hosts` nobody else is asked, be it by name, by a redirect or by a program."""

import ast
import gc
import warnings
from collections.abc import Iterator
from contextlib import suppress
from contextvars import copy_context
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import apprise
import pytest
import requests
from listening import Quiet, leading_inside, serving

from threenos_server.addresses import hosts_of
from threenos_server.db import Database
from threenos_server.journal.service import add_site
from threenos_server.notify import service
from threenos_server.notify.model import Contact, Draft, NoticeKind, SendFailed
from threenos_server.notify.only import only
from threenos_server.notify.sender import Sender
from threenos_server.notify.senders import Outgoing, send
from threenos_server.notify.tables import Notice
from threenos_server.outward import Hosts

# Apprise reads its e-mail service with a module that newer Pythons drop; it does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MESSAGE = Outgoing("m1", "停线", "停线 · 壳体线", NOW)
HERE, ELSEWHERE = Hosts(("127.0.0.1",)), Hosts(("chat.plant", ".example.org"))


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    """host:port of a real server that takes whatever comes, and what came."""
    came: list[str] = []

    class Handler(Quiet):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            came.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Handler) as server:
        yield server.url.removeprefix("http://"), came


@pytest.mark.parametrize("kind", ["webhook+http://{}/in?secret=s", "json://{}/in", "form://{}/in", "xml://{}/in"])
def test_only_hosts_of_the_list_are_asked(outside: tuple[str, list[str]], kind: str) -> None:
    """A host that is not listed hears nothing; the reason names it and the setting, and trying again cannot help."""
    where, came = outside
    with pytest.raises(SendFailed, match=r"nothing goes to 127\.0\.0\.1.*, which the setting notice_hosts") as failed:
        send(kind.format(where), MESSAGE, ELSEWHERE)
    assert failed.value.permanent and came == []
    send(kind.format(where), MESSAGE, HERE)
    assert came == ["/in"]


def test_a_proxy_that_may_be_asked_leads_to_no_other_host(
    outside: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way out of the plant is listed itself; whom it is asked for is still looked at."""
    where, came = outside
    monkeypatch.setenv("http_proxy", f"http://{where}")
    with pytest.raises(SendFailed, match=r"nothing goes to elsewhere\.plant, which the setting notice_hosts"):
        send("webhook+http://elsewhere.plant/in?secret=s", MESSAGE, HERE)
    monkeypatch.setenv("https_proxy", f"http://{where}")
    # These may be meant by another host as well, which is listed.
    also = Hosts(("127.0.0.1", "raw.githubusercontent.com", "ntfy.sh"))
    for address in ("xml://elsewhere.plant/in", "ntfys://elsewhere.plant/topic"):
        with pytest.raises(SendFailed, match=r"nothing goes to elsewhere\.plant, which the setting notice_hosts"):
            send(address, MESSAGE, also)
    assert came == []
    with warnings.catch_warnings(action="ignore"):
        gc.collect()  # the connections to the proxy that were given up, of which the library forgets to close its own
    send("webhook+http://elsewhere.plant/in?secret=s", MESSAGE, Hosts(("127.0.0.1", "elsewhere.plant")))
    assert came == ["http://elsewhere.plant/in"]


def test_what_a_program_asks_beyond_its_address_is_refused_too(outside: tuple[str, list[str]]) -> None:
    """The XML service names another host as well: with that one listed, the address alone does not tell."""
    where, came = outside
    named = Hosts(("raw.githubusercontent.com",))
    with pytest.raises(SendFailed, match=r"nothing goes to 127\.0\.0\.1, which the setting notice_hosts") as failed:
        send(f"xml://{where}/in", MESSAGE, named)
    assert failed.value.permanent and came == []


@pytest.mark.parametrize("side_first", [True, False])
def test_a_refusal_is_for_good_where_it_was_the_end(outside: tuple[str, list[str]], side_first: bool) -> None:
    """A program that went on to a host that it may ask, and that had no time, is tried again."""
    where, came = outside
    asked = [f"http://localhost:{where.partition(':')[2]}/side", f"http://{where}/busy"]

    @apprise.decorators.notify(on="twohosts")
    def ask(*_: Any, **__: Any) -> bool:
        for url in asked if side_first else reversed(asked):
            with suppress(requests.ConnectionError):
                requests.post(url, timeout=5)
        return False

    try:
        with pytest.raises(SendFailed, match="did not take" if side_first else "nothing goes to localhost") as failed:
            send("twohosts://", MESSAGE, HERE)
    finally:
        apprise.NotificationManager().remove("twohosts")
    assert (failed.value.permanent, came) == (not side_first, ["/busy"])


@pytest.mark.parametrize(
    "address",
    [
        "webhook+http://elsewhere.plant\\@ok.plant/in?secret=s",
        "webhook+http://elsewhere.plant%2F.ok.plant/in?secret=s",
        "webhook+https://elsewhere.plant%2F.ok.plant/in?secret=s",
        "webhook+https://elsewhere.plant%00.ok.plant/in?secret=s",
    ],
)
def test_no_proxy_is_asked_for_what_is_no_host(
    outside: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """It ends like a host of the list, and a proxy may read something else in it."""
    where, came = outside
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://{where}")
    with pytest.raises(SendFailed, match=r"nothing goes to '?elsewhere\.plant[^\0]*ok\.plant'?, which") as failed:
        send(address, MESSAGE, Hosts(("127.0.0.1", "ok.plant", ".ok.plant")))
    assert failed.value.permanent and came == []


def test_a_proxy_is_asked_with_a_name_and_a_port(
    outside: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are no part of the host."""
    where, came = outside
    monkeypatch.setenv("http_proxy", f"http://{where}")
    for host in ("me:word@ok.plant:81", "[fd00::1]:81", "ok.plant"):
        send(f"webhook+http://{host}/in?secret=s", MESSAGE, Hosts(("127.0.0.1", "ok.plant", "fd00::/8")))
    assert came == ["http://me:word@ok.plant:81/in", "http://[fd00::1]:81/in", "http://ok.plant/in"]


def test_whoever_hands_a_message_over_is_watched_and_nobody_else(outside: tuple[str, list[str]]) -> None:
    """Also in a thread that goes on with its context, as Apprise's do; other work of the process asks whom it likes."""
    where, came = outside
    ask = partial(requests.post, f"http://localhost:{where.partition(':')[2]}/in", timeout=5)
    failures: list[Exception] = []

    def work() -> None:
        try:
            ask()
        except requests.ConnectionError as e:
            failures.append(e)

    with only(HERE) as refused:
        inside = Thread(target=copy_context().run, args=(work,))
        beside = Thread(target=work)
        for thread in (inside, beside):
            thread.start()
            thread.join(10)
    ask()
    assert (refused, len(failures), came) == ({"localhost"}, 1, ["/in", "/in"])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_service_leads_us_elsewhere(status: int) -> None:
    """An Apprise service whose host answers with another address has not taken the message."""
    with leading_inside(status) as (url, inside):
        with pytest.raises(SendFailed, match="did not take") as failed:
            send(url.replace("http://", "json://"), MESSAGE)
        assert inside == [] and failed.value.permanent is False


def test_an_address_cannot_ask_for_redirects() -> None:
    """The reason says what to take out of it."""
    with leading_inside() as (url, inside):
        with pytest.raises(SendFailed, match="take redirect=yes out") as failed:
            send(url.replace("http://", "json://") + "?redirect=yes", MESSAGE)
        assert inside == [] and failed.value.permanent is True


def test_every_request_of_every_service_says_whether_it_is_led() -> None:
    """What forbids redirects is one word to Apprise: no call of it may go without, of this version or the next."""
    verbs = {"get", "post", "put", "patch", "delete", "head", "request"}
    silent = []
    for file in sorted((Path(apprise.__file__).parent / "plugins").rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)):
            what, _, verb = ast.unparse(call.func).rpartition(".")
            asks = what in ("requests", "session", "self.session") and verb in verbs
            if asks and "allow_redirects" not in {word.arg for word in call.keywords}:
                silent.append(f"{file.name}:{call.lineno}")
    assert silent == []


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("log:", []),
        ("webhook+https://user:word@hook.plant:8443/x?secret=s", [{"hook.plant"}]),
        ("json://a.plant:81/x, jsons://b.plant", [{"a.plant"}, {"b.plant"}]),
        ("mailto://me:word@gmail.com", [{"smtp.gmail.com"}]),
        ("mailto://me:word@plant.org?smtp=mail.elsewhere&to=you@plant.org", [{"mail.elsewhere"}]),
        ("wecombot://botkey12345678901234567890123456789012", [{"qyapi.weixin.qq.com"}]),
        ("dingtalk://abcdefabcdefabcdef/13800000000", [{"oapi.dingtalk.com"}]),
        ("feishu://abcdefab-abcd-abcd-abcd-abcdefabcdef", [{"open.feishu.cn"}]),
        ("ntfy://my.plant/topic", [{"my.plant", "ntfy.sh"}]),
        ("zulip://bot@ours/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", [set()]),
        ("nonsense", []),
    ],
)
def test_an_address_tells_whom_it_asks(address: str, asked: list[set[str]]) -> None:
    """Its own host, that of its mail server, or the service's; for a few that is only known when a message goes out."""
    assert hosts_of(address) == asked


def test_an_address_of_before_is_given_up_where_it_is_seen(outside: tuple[str, list[str]], db: Database) -> None:
    """It was saved when everybody might be asked: the notice is dead, with the reason for the desk."""
    where, came = outside
    with db.write() as session:
        add_site(session, "plant")
        service.write(session, "plant", [Draft("ann", NoticeKind.STOP, {"complaint_kind": "stop"})], NOW)
    contact = Contact("en", (f"webhook+http://{where}/in?secret=s",))
    sender = Sender(db, lambda _s, _site, _p: contact, lambda: NOW, partial(send, hosts=ELSEWHERE))
    assert sender.run_once() == 1
    sender.settle(10)
    with db.read() as session:
        (notice,) = session.query(Notice)
        assert (notice.state, notice.reason, came) == ("dead", "permanent-failure", [])
        assert notice.error == (
            "nothing goes to 127.0.0.1, which the setting notice_hosts does not list; an operator may add it there"
        )
