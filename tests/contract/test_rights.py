"""Who is told what: every route of the server's map, the board's socket and the agent's page, each by everybody."""

import pytest
from rights.asking import ASKERS
from rights.cases import CASES
from rights.golden import GOLDEN, document

from threenos_server.access import Role
from threenos_server.api import Route
from threenos_server.app import ROUTES
from threenos_server.people.unfinished import Lack

#: What is open to whoever lacks something, besides what is open to everybody.
FINISH = {
    Lack.CODE: {"GET /session", "POST /session/code"},
    Lack.OWN_PASSWORD: {"GET /session", "POST /session/password"},
    Lack.SECOND_FACTOR: {"GET /session", "POST /session/second-factor", "PUT /session/second-factor"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    return document(tmp_path_factory.mktemp("rights"))


def cells() -> dict[str, dict[str, list[str]]]:
    """The golden answers of the declared routes: by route and asker, for the own line, another line, another site."""
    lines = [line.strip("| ").split(" | ") for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
    rows = {line[0].strip("`"): line[1:] for line in lines if len(line) == len(ASKERS) + 1}
    return {
        name: {who: cell.split() * (3 if len(cell.split()) == 1 else 1) for who, cell in zip(ASKERS, row, strict=True)}
        for name, row in rows.items()
    }


def declared() -> dict[str, Route]:
    return {f"{r.method} /api/v1{r.path}": r for routes in ROUTES for r in routes.routes}


def test_the_answers_are_those_that_we_know(made: str) -> None:
    """Every route × role × place answers as it is written down; whoever means another answer writes it down."""
    assert made.splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_every_case_is_of_a_route_that_there_is(made: str) -> None:
    """A route that went away leaves no case behind."""
    assert [name for name in CASES if f"`{name}`" not in made.replace("/api/v1", "")] == []


def test_nobody_at_all_is_let_in_where_a_role_is_needed() -> None:
    """Neither who is not signed in nor a station's upload token opens a guarded route."""
    golden = cells()
    for name, route in declared().items():
        if route.allow is not None:
            assert {*golden[name]["nobody"], *golden[name]["station"]} == {"401"}, name


def test_nobody_on_the_way_in_is_let_in_anywhere() -> None:
    """Who still lacks something is kept out like a stranger, whatever the roles, but for the routes that finish it."""
    golden = cells()
    for lack in Lack:
        who = f"lacks {lack}"
        for name, route in declared().items():
            told, nobody = set(golden[name][who]), set(golden[name]["nobody"])
            if route.allow is not None:
                assert told == {"403"}, name
            elif name.replace("/api/v1", "") not in FINISH[lack]:
                assert told in (nobody, {"403"}), name
        assert set(golden["SOCKET /board connect"][who]) == {"403"}


def test_a_role_that_is_not_declared_is_kept_out_everywhere() -> None:
    """The declaration is the least that is asked of a caller."""
    golden = cells()
    for name, route in declared().items():
        for role in Role:
            if route.allow is not None and role not in route.allow:
                assert set(golden[name][role.value]) == {"403"}, f"{role} {name}"


def test_a_role_at_one_site_is_none_at_another() -> None:
    """Whatever is guarded is closed at a site where one has no role."""
    golden = cells()
    for name, route in declared().items():
        if route.allow is not None:
            assert {golden[name][role.value][2] for role in Role} == {"403"}, name


def test_nothing_of_another_line_is_changed_but_what_belongs_to_no_line() -> None:
    """A role for one line changes nothing of another; actions and 8Ds follow a defect from line to line."""
    golden = cells()
    of_the_site = {"/actions", "/actions/{id}", "/actions/{id}/verify", "/photos/{sha256}"}
    for name, route in declared().items():
        if route.method == "GET" or route.path in of_the_site or route.path.startswith("/eight-d") or not route.allow:
            continue
        assert {golden[name][role.value][1] for role in Role} <= {"403", "="}, name
