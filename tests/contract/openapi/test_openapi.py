"""The OpenAPI document against the declared routes, and the matrix of roles generated from them."""

import re
from collections.abc import Iterator

import pytest
from browser import API, MONDAY, Browser, problem, signed_in
from flask import Flask

from threenos_server.access import Grant, Role
from threenos_server.api import Route
from threenos_server.app import ROUTES
from threenos_server.db import Database
from threenos_server.http import asking, openapi
from threenos_server.people import tokens

EVERY = [route for routes in ROUTES for route in routes.routes]
GUARDED = [route for route in EVERY if route.allow is not None]
#: Open on purpose, each with its own check or nothing to hide. A new one must be thought about and added here.
OPEN = {
    "POST /session", "GET /session", "PATCH /session", "DELETE /session", "POST /session/password",
    "POST /session/code", "GET /session/second-factor", "POST /session/second-factor", "PUT /session/second-factor",
    "POST /session/second-factor/end",
    "GET /first-run", "POST /first-run",
    "GET /session/ways", "POST /session/provider", "GET /session/provider/back", "GET /sessions", "POST /sessions/end",
    "GET /asyncapi.json", "PUT /photos/{sha256}",
}  # fmt: skip


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def path(route: Route) -> str:
    return re.sub(r"\{\w+\}", "x", route.path)


def test_every_route_is_in_the_document_and_nothing_else(app: Flask) -> None:
    """What the server has under /api/v1, what is declared and what the document says are the same."""
    document = Browser(app).get("/openapi.json").get_json()
    described = {f"{m.upper()} {p}" for p, operations in document["paths"].items() for m in operations}
    assert described == {name(route) for route in EVERY}
    served = {
        f"{method} {rule.rule.removeprefix(API).replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith(API) and method not in ("HEAD", "OPTIONS")
    }
    own = {f"GET {p}" for p in ("/health/live", "/health/ready", "/metrics", "/openapi.json")}
    assert served - own == described


def test_no_route_is_declared_twice() -> None:
    """Two domains never answer for the same method and path."""
    assert len({name(route) for route in EVERY}) == len(EVERY)


def test_the_document_holds_together(app: Flask) -> None:
    """Every reference leads somewhere, every operation has its own id, every part of a path is described."""
    document = Browser(app).get("/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    references = set(_references(document))
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"], reference
    operations = [(p, o) for p, of_path in document["paths"].items() for o in of_path.values()]
    assert len({o["operationId"] for _, o in operations}) == len(operations)
    for where, operation in operations:
        described = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert described == set(re.findall(r"\{(\w+)\}", where))
        assert operation["summary"]


def test_the_same_document_stands_without_the_prefix(app: Flask) -> None:
    """Probes and tools find it at either address."""
    browser = Browser(app)
    assert browser.page("/openapi.json").data == browser.get("/openapi.json").data
    assert openapi.document(ROUTES) == browser.page("/openapi.json").get_json()


def test_open_routes_are_those_that_we_know() -> None:
    """A route that lets everybody in is an exception that somebody has decided."""
    assert {name(route) for route in EVERY if route.allow is None} == OPEN


@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_nobody_is_let_in_without_signing_in(app: Flask, route: Route) -> None:
    """Each guarded route answers 401 to whoever is nobody, before it looks at anything else."""
    assert problem(Browser(app).ask(route.method, path(route)))["status"] == 401


def test_each_role_is_let_in_exactly_where_it_is_declared(app: Flask, shared_db: Database) -> None:
    """The matrix role × route: 403 for a role that is not declared, and for a declared one the door is open."""
    wrong = []
    for role in Role:
        browser = signed_in(app, shared_db, f"The {role}", Grant(role))
        for route in GUARDED:
            assert route.allow is not None
            let_in = _let_in(app, browser, route)
            if let_in != (role in route.allow):
                wrong.append(f"{role} {name(route)}: {'let in' if let_in else 'kept out'}")
    assert wrong == []


def test_somebody_without_a_role_is_let_in_nowhere(app: Flask, shared_db: Database) -> None:
    """To have an account is not enough for anything that is guarded."""
    browser = signed_in(app, shared_db, "No Role")
    assert [name(route) for route in GUARDED if _let_in(app, browser, route)] == []


def test_a_board_token_reads_the_board_only(app: Flask, shared_db: Database) -> None:
    """With a board token every route is closed but those that are declared for the board."""
    with shared_db.write() as session:
        _, token = tokens.make(session, "lakeside", None, "wall", MONDAY)
    browser = Browser(app)
    open_to_it = {
        name(route)
        for route in GUARDED
        if browser.ask(route.method, path(route), Authorization=f"Bearer {token}").status_code != 403
    }
    assert open_to_it == {name(route) for route in EVERY if route.board and route.method == "GET"}
    assert "GET /board" in open_to_it


@pytest.mark.parametrize("route", [r for r in GUARDED if r.method not in asking.SAFE], ids=name)
def test_no_cookie_changes_anything_without_its_token(everything: Browser, route: Route) -> None:
    """Each route that changes something refuses a cookie that comes without its CSRF token."""
    refused = problem(everything.ask(route.method, path(route)))
    assert (refused["status"], "X-CSRF-Token" in refused["detail"]) == (403, True)


def _let_in(app: Flask, browser: Browser, route: Route) -> bool:
    """Whether the door opens, without going through it: what lies behind is for other tests."""
    headers = {"Cookie": f"threenos_session={browser.cookie}", "X-CSRF-Token": browser.csrf or ""}
    with app.test_request_context(API + path(route), method=route.method, headers=headers):
        try:
            asking.admit(route)
        except asking.Forbidden:
            return False
        return True


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    if isinstance(part, list):
        for value in part:
            yield from _references(value)
