"""From a request to a declared route, and every way in which it is refused."""

import io
from typing import Annotated

import msgspec
import pytest
from browser import Browser, MovedClock, problem, serve, signed_in, with_example
from flask import Flask
from msgspec import Meta
from sqlalchemy.exc import OperationalError

from threenos_server.access import EVERYBODY, Grant, Role
from threenos_server.api import Answer, Call, Routes
from threenos_server.db import Database
from threenos_server.errors import Conflict, Fault, Invalid
from threenos_server.http import session
from threenos_server.journal import service as journal

ROUTES = Routes("try")
WORKER = Grant(Role.WORKER)


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    qty: Annotated[int, Meta(ge=1)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    parts: list[Part] = []
    text: str = ""


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=10)] = 5
    state: list[str] = []


@ROUTES.route("POST", "/try/{name}", summary="Echo", allow=EVERYBODY, query=Query, body=Body)
def echo(call: Call) -> Answer:
    q = call.query
    said = [call.site, call.path["name"], q.limit, q.state, len(call.body.parts), call.version, call.idempotency_key]
    return Answer(said, version=8)


@ROUTES.route("POST", "/empty", summary="Nothing in, nothing out", allow=EVERYBODY)
def empty(call: Call) -> None:
    assert call.body is None


@ROUTES.route("GET", "/fail/{how}", summary="Fail", allow=EVERYBODY)
def fail(call: Call) -> None:
    raise {
        "conflict": Conflict("somebody was faster", {"version": 9}),
        "invalid": Invalid("two faults", Fault("/a/0", "no"), Fault("line 7", "no")),
        "away": OperationalError("SELECT 1", {}, Exception("gone")),
        "broken": RuntimeError("a secret detail"),
    }[call.path["how"]]


@pytest.fixture
def app(db: Database, site: str, clock: MovedClock) -> Flask:
    assert site
    return serve(db, clock, routes=(session.ROUTES, ROUTES))


@pytest.fixture
def worker(app: Flask, db: Database) -> Browser:
    return signed_in(app, db, "Worker", WORKER)


def test_a_request_reaches_its_handler_decoded(worker: Browser) -> None:
    """Path, query, body, If-Match and Idempotency-Key arrive in the declared shapes; the version becomes the ETag."""
    answer = worker.post("/try/x?limit=3&state=a&state=b", {"parts": [{"qty": 1}]}, If_Match='"7"', Idempotency_Key="k")
    assert answer.get_json() == ["lakeside", "x", 3, ["a", "b"], 1, 7, "k"]
    assert answer.headers["ETag"] == '"8"'


def test_what_is_encoded_twice_is_decoded_once(worker: Browser) -> None:
    """Else what was judged in one form would be used in another."""
    answer = worker.post("/try/%2561%252e%252e?state=%252561&state=%2526limit%253D1", {"text": "%61"})
    assert answer.get_json()[1:4] == ["%61%2e%2e", 5, ["%2561", "%26limit%3D1"]]


def test_what_answers_nothing_is_204(worker: Browser) -> None:
    """No content has no body, and `{}` for none is fine."""
    assert [worker.post("/empty").status_code, worker.post("/empty", {}).status_code] == [204, 204]
    assert worker.post("/empty", {"a": 1}).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/try/x", {"parts": [{"qty": 1}, {"qty": 0}]}, {"pointer": "#/parts/1/qty"}),
        ("/try/x", {"parts": [{"qty": 1, "colour": "red"}]}, {"pointer": "#/parts/0/colour"}),
        ("/try/x", {"parts": [{}]}, {"pointer": "#/parts/0/qty"}),
        ("/try/x", {"other/~": 1}, {"pointer": "#/other~1~0"}),
        ("/try/x", {"text": "a\0b"}, {"pointer": "#"}),
        ("/try/x", [1], {"pointer": "#"}),
        ("/try/x?limit=99", {}, {"parameter": "limit"}),
        ("/try/x?limit=two", {}, {"parameter": "limit"}),
        ("/try/x?limit=1&limit=2", {}, {"parameter": "limit"}),
        ("/try/x?size=1", {}, {"parameter": "size"}),
        ("/try/x?site=nowhere", {}, {"parameter": "site"}),
    ],
)
def test_what_is_not_understood_is_named(
    worker: Browser, path: str, body: object, where: dict[str, str]
) -> None:  # fmt: skip
    """An error says where: a JSON pointer into the body, or the parameter of the query."""
    (fault,) = problem(worker.post(path, body))["errors"]
    assert fault.items() >= where.items()
    assert fault["detail"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b'{"text": NaN}', b'{"text": "\xff"}', b"[" * 100_000, b'{"parts": [{"qty": ' + b"9" * 5000 + b"}]}"],
)
def test_hostile_json_is_a_refusal(worker: Browser, raw: bytes) -> None:
    """Whatever stands in the body, the answer is a refusal and never a fault of ours."""
    assert problem(worker.ask("POST", "/try/x", raw, Content_Type="application/json"))["status"] in (400, 422)


def test_only_json_is_taken(worker: Browser) -> None:
    """A form, which any page may send across sites, is not read."""
    refused = worker.ask("POST", "/try/x", b"text=a", Content_Type="application/x-www-form-urlencoded")
    assert problem(refused)["status"] == 415


@pytest.mark.parametrize(
    "header", [{"If_Match": "seven"}, {"If_Match": '"' + "9" * 40 + '"'}, {"Idempotency_Key": "k" * 129}]
)
def test_headers_that_are_not_understood_are_refused(worker: Browser, header: dict[str, str]) -> None:
    """A version or a key that cannot be read is no silent None."""
    assert problem(worker.ask("POST", "/try/x", {}, **header))["status"] == 422


def test_a_body_over_one_mebibyte_is_413(worker: Browser) -> None:
    """Large bodies are refused before they are read."""
    assert problem(worker.post("/try/x", {"text": "x" * 1024 * 1024}))["status"] == 413


def test_a_chunked_body_over_one_mebibyte_is_413_too(app: Flask, worker: Browser) -> None:
    """Whoever does not say how long the body is gets the same answer, not the beginning of the body taken for all."""
    client = app.test_client()
    client.set_cookie("threenos_session", worker.cookie)
    answer = client.open(
        "/api/v1/try/x", method="POST", input_stream=io.BytesIO(b" " * 1024 * 1024 + b"{}"),
        content_type="application/json", environ_overrides={"wsgi.input_terminated": True},
        headers={"X-CSRF-Token": worker.csrf or ""},
    )  # fmt: skip
    assert problem(answer)["status"] == 413


def test_unknown_paths_and_methods_are_problems(worker: Browser) -> None:
    """404 and 405 look like every other error."""
    assert problem(worker.get("/nothing/here"))["status"] == 404
    refused = worker.ask("DELETE", "/try/x")
    assert problem(refused)["status"] == 405
    assert "POST" in refused.headers["Allow"]


def test_errors_of_the_domain_become_problems(worker: Browser) -> None:
    """A conflict carries the present state, faults their places; each has a type of its own."""
    conflict = problem(worker.get("/fail/conflict"))
    assert (conflict["status"], conflict["type"], conflict["present"]) == (409, "urn:threenos:conflict", {"version": 9})
    invalid = problem(worker.get("/fail/invalid"))
    assert invalid["errors"] == [{"pointer": "#/a/0", "detail": "no"}, {"where": "line 7", "detail": "no"}]


def test_a_fault_of_ours_tells_nothing_but_its_id(worker: Browser) -> None:
    """An unexpected error is a 500 whose text has nothing of the inside; a database that is away is a 503."""
    broken = worker.ask("GET", "/fail/broken", X_Request_Id="my-id")
    assert problem(broken)["status"] == 500
    assert "secret" not in broken.text
    assert broken.headers["X-Request-Id"] == "my-id"
    away = worker.get("/fail/away")
    assert (problem(away)["status"], away.headers["Retry-After"]) == (503, "2")


def test_with_two_sites_the_site_must_be_named(worker: Browser, db: Database) -> None:
    """One site goes without saying, two do not."""
    with db.write() as session_:
        journal.add_site(session_, "second")
    assert problem(worker.post("/try/x", {}))["errors"][0]["parameter"] == "site"
    assert worker.post("/try/x?site=second", {}).get_json()[0] == "second"


def test_a_role_at_one_site_opens_nothing_at_another(app: Flask, db: Database) -> None:
    """The roles are asked for at the site of the request."""
    with db.write() as session_:
        journal.add_site(session_, "second")
    browser = signed_in(app, db, "Local", Grant(Role.WORKER, site="second"))
    assert browser.post("/try/x?site=second", {}).status_code == 200
    assert problem(browser.post("/try/x?site=lakeside", {}))["status"] == 403


def test_every_answer_restricts_the_browser(worker: Browser) -> None:
    """Policy, no sniffing, no framing, no referrer, no cache and a request id, also on errors."""
    for answer in (worker.get("/session"), worker.get("/nothing/here")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-Id"]


def test_a_request_id_that_is_no_id_is_not_repeated(worker: Browser) -> None:
    """What a client sends as an id goes into logs, so only harmless ones are taken."""
    assert worker.ask("GET", "/session", X_Request_Id="a b;c").headers["X-Request-Id"] != "a b;c"


def test_what_no_column_can_hold_is_the_askers_fault(either_db: Database, clock: MovedClock) -> None:
    """A number beyond 64 bits and a NUL, in the query and in the path: refused alike by both databases."""
    if not either_db.sqlite:
        with_example(either_db)
    worker = signed_in(serve(either_db, clock), either_db, "W", WORKER)
    for asked in (f"/chain?version={2**70}", f"/complaints?cursor={2**70}", "/complaints?line=%00", "/board?line=%00"):
        assert problem(worker.get(asked))["status"] == 422, asked
    assert problem(worker.get("/complaints/%00"))["status"] == 404
    assert problem(worker.get("/lines/%00"))["status"] == 404
