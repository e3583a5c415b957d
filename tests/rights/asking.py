"""The matrix of rights, asked of a real server: every route of its map × who asks × at the own place or at another."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser import API, MONDAY, PASSWORD, MovedClock, hire, serve, turn_on
from flask import Flask
from flask.testing import FlaskClient
from rights.cases import CASES, Case
from rights.places import Place, furnish
from sqlalchemy.orm import Session

from threenos_server.access import Grant, Role
from threenos_server.app import ROUTES
from threenos_server.db import Database
from threenos_server.people import sessions, stations, tokens
from threenos_server.people.second_factors import Wanted
from threenos_server.people.unfinished import Lack

ASKERS = ("nobody", "station", "board", *(f"lacks {lack}" for lack in Lack), *(role.value for role in Role))
_PART = re.compile(r"\{(?:path:)?(\w+)\}")


class Undone(Database):
    """A database in which nothing that is written stays, so that each cell is asked of the same plant."""

    undo = False

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            if self.undo:
                session.flush()
                session.rollback()


@dataclass(frozen=True, slots=True)
class Plant:
    """An app, with the same things on a line that is the askers' own, on another line, and at another site."""

    app: Flask
    own: Place
    other: Place
    away: Place
    client: FlaskClient
    headers: Mapping[str, Mapping[str, str]]
    declared: frozenset[str]


def plant(db: Undone, static: Path) -> Plant:
    """Furnish `db`; from then on nothing that is written to it stays."""
    own, other, away = furnish(db)
    for name in ("board.html", "desk.html", "assets/a.js", "icon.svg"):
        (static / name).parent.mkdir(exist_ok=True)
        (static / name).write_text("x")
    app = serve(db, MovedClock(), static=static)
    headers = {
        "nobody": {},
        **_machines(db, own),
        **_on_the_way(db),
        **{role.value: _person(db, role, own) for role in Role},
    }
    db.undo = True
    declared = frozenset(f"{r.method} {API}{r.path}" for routes in ROUTES for r in routes.routes)
    return Plant(app, own, other, away, app.test_client(use_cookies=False), headers, declared)


def routes(app: Flask) -> list[str]:
    """What the map of the app has, as `GET /api/v1/board`; HEAD and OPTIONS follow from the others."""
    found = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    return sorted(found, key=lambda name: (name.split()[1], name))


def case_of(route: str) -> Case | None:
    """What is asked of a route; None for one that nobody thought of."""
    return CASES.get(route.replace(API, "", 1))


def row(plant: Plant, route: str) -> list[str]:
    """The cells of a route, in the order of ASKERS.

    Each is the status for the own line, for another line (`=` when the request names none) and for another site; one
    number when all are the same.
    """
    case = case_of(route)
    assert case is not None, f"{route} has no case in tests/rights/cases.py"
    return [_cell(plant, route, case, who) for who in ASKERS]


def _cell(plant: Plant, route: str, case: Case, who: str) -> str:
    here, there = (_request(route, case, place) for place in (plant.own, plant.other))
    told = [str(_ask(plant, who, here)), "=" if here == there else str(_ask(plant, who, there))]
    if route in plant.declared:
        told.append(str(_ask(plant, who, _request(route, case, plant.away))))
    return told[0] if set(told) <= {told[0], "="} else " ".join(told)


def _ask(plant: Plant, who: str, request: Mapping[str, Any]) -> int:
    headers = {**plant.headers[who], **request["headers"]}
    return plant.client.open(**(request | {"headers": headers}), buffered=True).status_code


def _request(route: str, case: Case, place: Place) -> dict[str, Any]:
    method, path = route.split()
    things = place.things
    path = _PART.sub(lambda part: things[case.id if part[1] == "id" else part[1]], path)
    query = f"?site={place.site}" + (f"&{case.query}" if case.query else "") if path.startswith(API) else ""
    version = things.get(f"{case.id} version")
    headers = {"If-Match": f'"{version}"'} if version else {}
    request: dict[str, Any] = {"path": path + _filled(query, things), "method": method, "headers": headers}
    if isinstance(case.body, bytes):
        request["data"] = case.body
    elif case.body is not None:
        request["json"] = _filled(case.body, things)
    return request


def _filled(value: Any, things: Mapping[str, Any]) -> Any:
    """`@name` as what the place calls so."""
    if isinstance(value, dict):
        return {key: _filled(part, things) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, things) for part in value]
    if isinstance(value, str) and value.startswith("@"):
        return things[value[1:]]
    if isinstance(value, str):
        return re.sub(r"@(\w+)", lambda name: str(things[name[1]]), value)
    return value


def _person(db: Database, role: Role, own: Place) -> Mapping[str, str]:
    person = hire(db, f"The {role}", Grant(role, own.site, own.things["line"]), password=None)
    with db.write() as session:
        signed_in = sessions.begin(session, person.id, MONDAY)
    return {"Cookie": f"threenos_session={signed_in.token}", "X-CSRF-Token": signed_in.csrf}


def _on_the_way(db: Database) -> Mapping[str, Mapping[str, str]]:
    """Somebody with every role and the right password, for each thing that may be lacking then."""
    everything = [Grant(role) for role in Role]
    hire(db, f"Lacks {Lack.OWN_PASSWORD}", *everything, first=True)
    turn_on(db, hire(db, f"Lacks {Lack.CODE}", *everything).id)
    hire(db, f"Lacks {Lack.SECOND_FACTOR}", *everything)
    headers = {}
    for lack in Lack:
        signed_in = sessions.sign_in(db, f"Lacks {lack}", PASSWORD, "10.0.0.1", MONDAY, Wanted.EVERYONE)
        assert signed_in.lacks is lack
        headers[f"lacks {lack}"] = {
            "Cookie": f"threenos_session={signed_in.token}", "X-CSRF-Token": signed_in.csrf
        }  # fmt: skip
    return headers


def _machines(db: Database, own: Place) -> Mapping[str, Mapping[str, str]]:
    with db.write() as session:
        upload = stations.enroll(session, own.site, own.things["station"], MONDAY).upload_token
        _, screen = tokens.make(session, own.site, own.things["line"], "wall", MONDAY)
    return {
        "station": {"Authorization": f"Bearer {upload}"},
        "board": {"Authorization": f"Bearer {screen}"},
    }


def table(heads: tuple[str, ...], rows: Mapping[str, list[str]], first: str = "route") -> str:
    """As Markdown, a line for each route, so that a difference names what changed."""
    lines = [f"| {first} | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| `{name.replace('|', chr(92) + '|')}` | {' | '.join(cells)} |" for name, cells in rows.items()]
    return "\n".join(lines) + "\n"
