"""The local page and its API, over real sockets."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plant import free_port
from service.station.shopfloor import FakeServer, MakeAgent, until

from threenos_station.agent import Agent
from threenos_station.page import files
from threenos_station.settings import Page
from threenos_wire.ids import new_id

PAGE = Page(port=0, allow_hosts=["andon-3"])


class Browser:
    """One client of the page, with its own Host header and cookie."""

    def __init__(self, agent: Agent, host: str | None = None) -> None:
        assert agent.page is not None
        self.port = int(agent.page.url.rpartition(":")[2])
        self.headers = {"Host": host or f"127.0.0.1:{self.port}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = body if isinstance(body, bytes) else (None if body is None else json.dumps(body).encode())
        more = {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request(method, path, sent, self.headers | more)
        response = connection.getresponse()
        raw = response.read()
        connection.close()
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(raw) if is_json else raw, response.headers


@pytest.fixture
def agent(make_agent: MakeAgent) -> Agent:
    """Without any broker."""
    return make_agent(free_port(), page=PAGE)


@pytest.fixture
def browser(agent: Agent) -> Browser:
    """On the agent's own machine."""
    return Browser(agent)


@pytest.fixture
def tablet(agent: Agent) -> Browser:
    """Another device, that is not paired yet: it uses the agent's name, which loopback's rights do not reach."""
    return Browser(agent, "andon-3:8377")


def test_a_press_is_saved_and_shown_without_a_server(browser: Browser) -> None:
    """201 with the id, and the document says that it waits and that nobody hears."""
    status, answer, _ = browser.ask("POST", "/api/stations/w2/presses", {"kind": "reject", "defect": "scratch"})
    assert (status, answer["saved"]) == (201, True)
    document = browser.ask("GET", "/api/stations/w2")[1]
    assert document["station"] == "w2" and document["server"]["heard"] is False
    assert document["outbox"]["waiting"] == 1 and document["outbox"]["oldest_at"] == document["presses"][0]["at"]
    assert document["presses"] == [
        {"id": answer["id"], "kind": "reject", "at": document["presses"][0]["at"], "saved": True, "recorded": False,
         "defect": "scratch", "supplier": None}
    ]  # fmt: skip
    assert (document["setup"], document["state"], document["parked"]) == (None, None, [])


def test_the_same_press_again_is_answered_again_and_saved_once(browser: Browser) -> None:
    """A tablet that did not get the answer asks again; the same id for another press is a conflict."""
    body = {"kind": "stop", "id": new_id(), "age_ms": 10}
    answers = [browser.ask("POST", "/api/stations/w2/presses", body | {"age_ms": age}) for age in (10, 5000)]
    assert [(a[0], a[1]["id"]) for a in answers] == [(201, body["id"])] * 2
    assert browser.ask("POST", "/api/stations/w2/presses", body | {"kind": "call"})[0] == 409
    assert browser.ask("GET", "/api/stations/w2")[1]["outbox"]["waiting"] == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "pointer"),
    [
        ("/api/stations/w2/presses", {"kind": "reject", "defect": 5}, 422, "/defect"),
        ("/api/stations/w2/presses", {"kind": "reject", "colour": 1}, 422, "/colour"),
        ("/api/stations/w2/presses", {"kind": "detail"}, 422, "/complaint"),
        ("/api/stations/w2/presses", [], 422, None),
        ("/api/stations/w2/presses", b"{", 422, None),
        ("/api/stations/w2/presses", b"[" * 60_000, 422, None),
        ("/api/stations/w2/presses", b'{"kind": "stop", "note": "\xff"}', 422, None),
        ("/api/stations/w2/presses", b" " * 70_000, 413, None),
        ("/api/stations/w9/presses", {"kind": "stop"}, 404, None),
        ("/api/nothing", {}, 404, None),
        ("/api/status", {}, 405, None),
    ],
)
def test_what_is_wrong_is_said_and_the_field_is_named(
    browser: Browser, path: str, body: Any, status: int, pointer: str | None
) -> None:
    """As problem details, and nothing was saved."""
    code, problem, headers = browser.ask("POST", path, body)
    assert code == problem["status"] == status and problem["detail"]
    assert headers["Content-Type"] == "application/problem+json"
    assert [e["pointer"] for e in problem.get("errors", [])] == ([pointer] if pointer else [])
    assert browser.ask("GET", "/api/stations/w2")[1]["outbox"]["waiting"] == 0


def test_only_json_is_taken(browser: Browser) -> None:
    """A form of a foreign page cannot be JSON."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert browser.ask("POST", "/api/stations/w2/presses", b'{"kind":"stop"}', Content_Type=kind)[0] == 415


def test_foreign_hosts_and_origins_are_refused_before_anything_else(browser: Browser) -> None:
    """DNS rebinding and CSRF, on pages, files, reads and presses alike."""
    own = browser.headers["Host"]
    stop = ("POST", "/api/stations/w2/presses", {"kind": "stop"})
    assert browser.ask(*stop, Origin="http://evil.example")[0] == 403
    assert browser.ask(*stop, Origin="null")[0] == 403
    assert browser.ask(*stop, Sec_Fetch_Site="cross-site")[0] == 403
    browser.headers["Host"] = "evil.example"
    for path in ("/", "/pair", "/api/stations/w2", "/api/stations/w2/events", "/station/w2", "/plain/plain.css"):
        assert browser.ask("GET", path)[1]["code"] == "bad-host"
    browser.headers["Host"] = own
    assert browser.ask("GET", "/api/stations/w2")[1]["outbox"]["waiting"] == 0
    assert browser.ask(*stop, Origin=f"http://{own}")[0] == 201


def test_a_tablet_is_paired_by_a_code_once(agent: Agent, browser: Browser, tablet: Browser) -> None:
    """Before that it may see the page that asks for the code, and nothing else."""
    assert tablet.ask("GET", "/api/stations/w2")[0] == tablet.ask("GET", "/api/stations/w2/events")[0] == 401
    assert tablet.ask("POST", "/api/stations/w2/presses", {"kind": "stop"})[0] == 401
    assert tablet.ask("POST", "/api/pairings", {})[0] == 401
    status, _, headers = tablet.ask("GET", "/station/w2")
    assert (status, headers["Location"]) == (303, "/pair")
    assert tablet.ask("GET", "/pair")[0] == 200
    given = browser.ask("POST", "/api/pairings")[1]
    code = given["code"]
    assert given["url"] == f"http://andon-3:{tablet.port}/pair#code={code}" and given["qr"].startswith("data:image/svg")
    status, _, headers = tablet.ask("POST", "/api/pair", {"code": f"{code[:4]} {code[4:]}"})
    assert status == 201 and "HttpOnly" in headers["Set-Cookie"] and "SameSite=Strict" in headers["Set-Cookie"]
    tablet.headers["Cookie"] = headers["Set-Cookie"].partition(";")[0]
    assert tablet.ask("POST", "/api/stations/w2/presses", {"kind": "stop"})[0] == 201
    assert tablet.ask("GET", "/api/stations")[1] == [{"id": "w2", "name": {}}]
    assert tablet.ask("POST", "/api/pair", {"code": code})[0] == 403, "a code is used up"
    assert tablet.ask("POST", "/api/pairings", {})[0] == 401, "a tablet pairs no tablet"
    agent.pairing.forget_all()
    assert tablet.ask("GET", "/api/stations/w2")[0] == 401


def test_a_code_cannot_be_guessed(agent: Agent, tablet: Browser) -> None:
    """After five wrong tries it is void."""
    code = agent.pairing.new_code()
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    assert [tablet.ask("POST", "/api/pair", {"code": wrong})[0] for _ in range(5)] == [403] * 5
    assert tablet.ask("POST", "/api/pair", {"code": code})[0] == 403
    assert tablet.ask("POST", "/api/pair", {"code": 5})[0] == 422


def test_the_stream_says_every_change_and_goes_on(server: FakeServer, make_agent: MakeAgent) -> None:
    """Twenty tablets listen at once, and each sees the press saved and then recorded."""
    agent = make_agent(server.port, page=PAGE)
    browser = Browser(agent)
    seen: list[list[Any]] = [[] for _ in range(20)]
    threads = [threading.Thread(target=_listen, args=(browser, documents), daemon=True) for documents in seen]
    for thread in threads:
        thread.start()
    until(lambda: all(seen))
    event_id = agent.press("w2", "reject")
    until(lambda: all(d[-1]["presses"] and d[-1]["presses"][0]["recorded"] for d in seen))
    assert all(d[-1]["presses"][0]["id"] == event_id for d in seen)
    agent.stop()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def _listen(browser: Browser, documents: list[Any]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=20)
    connection.request("GET", "/api/stations/w2/events", headers=browser.headers)
    response = connection.getresponse()
    while line := response.readline():
        if line.startswith(b"data: "):
            documents.append(json.loads(line[6:]))
    connection.close()


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A built page in a folder of its own, with a secret beside it."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>built</title>", encoding="utf-8")
    (folder / "assets" / "a-1.js").write_text("1", encoding="utf-8")
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    (folder / "out.json").symlink_to(tmp_path / "secret.json")
    monkeypatch.setattr(files, "_BUILT", folder)
    yield folder


def test_the_built_page_is_served_and_nothing_beside_it(browser: Browser, built: Path) -> None:
    """Whatever tricks are in the path."""
    status, page, headers = browser.ask("GET", "/station/w2")
    assert (status, page, headers["Cache-Control"]) == (200, b"<title>built</title>", "no-cache")
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "immutable" in browser.ask("GET", "/assets/a-1.js")[2]["Cache-Control"]
    tricks = (
        "/../secret.json", "/assets/../../secret.json", "/%2e%2e/secret.json", "/out.json", "/plain/../answers.py",
        "//etc/passwd", "/assets", "/%00", "/" + "a" * 5000, "/station/w9", "/%ff",
    )  # fmt: skip
    for path in tricks:
        assert browser.ask("GET", path)[0] in (403, 404)
    assert built.exists()


def test_without_a_built_page_a_plain_one_can_still_raise_an_alarm(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In both languages, and with everything it needs."""
    monkeypatch.setattr(files, "_BUILT", tmp_path / "nothing")
    page = browser.ask("GET", "/station/w2")[1].decode()
    assert "STOP 停线" in page and "NOT HEARD" in page
    for path in ("/", "/plain/station.js", "/plain/plain.css", "/plain/pair.js", "/plain/index.js"):
        assert browser.ask("GET", path)[0] == 200


def test_a_client_that_says_nothing_or_too_much_harms_nobody(browser: Browser) -> None:
    """A body without a length, and one that ends early."""
    assert browser.ask("POST", "/api/stations/w2/presses", b"", Transfer_Encoding="chunked")[0] == 411
    connection = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=10)
    connection.putrequest("POST", "/api/stations/w2/presses", skip_host=True)
    connection.putheader("Host", browser.headers["Host"])
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "100")
    connection.endheaders(b"{")
    connection.close()
    assert browser.ask("GET", "/health")[1] == {"live": True}


def test_a_program_with_the_agents_token_needs_no_pairing(make_agent: MakeAgent) -> None:
    """`threenos-station press` works also where loopback is not trusted."""
    agent = make_agent(free_port(), page=Page(port=0, trust_loopback=False))
    browser = Browser(agent)
    assert browser.ask("GET", "/api/status")[0] == 401
    assert browser.ask("GET", "/api/status", Authorization=f"Bearer {agent.token}")[1]["running"] is True
