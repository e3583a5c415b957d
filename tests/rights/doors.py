"""The other two doors, asked as the routes are: the board's socket, and the page of a station's agent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from browser import KEYS, MovedClock
from rights.asking import ASKERS, Plant, Undone

from threenos_server.app import authenticate
from threenos_server.errors import ThreenosError
from threenos_server.gateway.gateway import Gateway
from threenos_server.gateway.server import EXTENSION, attach
from threenos_station.agent import Agent
from threenos_station.errors import StationError
from threenos_station.page.answers import Stream
from threenos_station.page.guard import Guard, Visit
from threenos_station.page.routes import Elsewhere, Routes
from threenos_station.settings import Page, Server, Settings, StationEntry
from threenos_wire.live import NAMESPACE

#: What the sockets' map has besides `connect`: each is heard from a socket that was let in, and from no other.
AFTER_CONNECT = frozenset({"disconnect", "resume"})


def sockets(plant: Plant, db: Undone) -> tuple[list[str], dict[str, list[str]]]:
    """The handlers of the board's namespace, and who is let in where: own line, another line, another site."""
    live = attach(plant.app, db, authenticate(db, KEYS, MovedClock()))
    gateway: Gateway = plant.app.extensions[EXTENSION]
    handlers = sorted(live.server.handlers[NAMESPACE])
    # A board is asked for by site and line; without a line it is the whole site's.
    places = [(p.site, p.things["line"]) for p in (plant.own, plant.other, plant.away)] + [(plant.own.site, None)]
    try:
        cells = [
            " ".join(str(_admitted(gateway, plant.headers[who], site, line)) for site, line in places) for who in ASKERS
        ]
    finally:
        gateway.close()
    return handlers, {f"SOCKET {NAMESPACE} connect": cells}


def _admitted(gateway: Gateway, headers: Mapping[str, str], site: str, line: str | None) -> int:
    cookies = {name: morsel.value for name, morsel in SimpleCookie(headers.get("Cookie", "")).items()}
    token = headers.get("Authorization", "").removeprefix("Bearer ") or None
    try:
        gateway.admit("socket", site, line, cookies, token)
    except ThreenosError as e:
        return e.status
    gateway.leave("socket")
    return 200


#: What is asked of each route of the agent's page, by its pattern; `@` is its own station, and then another.
PAGE_CASES: dict[str, tuple[str, Any]] = {
    r"GET /health": ("/health", None),
    r"GET /pair": ("/pair", None),
    r"POST /api/pair": ("/api/pair", {"code": "00000000"}),
    r"POST /api/pairings": ("/api/pairings", None),
    r"GET /api/status": ("/api/status", None),
    r"GET /api/stations": ("/api/stations", None),
    r"GET /api/stations/([^/]+)": ("/api/stations/@", None),
    r"GET /api/stations/([^/]+)/events": ("/api/stations/@/events", None),
    r"POST /api/stations/([^/]+)/presses": ("/api/stations/@/presses", {"kind": "stop"}),
    r"POST /api/photos": ("/api/photos", b"no picture"),
    r"GET /": ("/", None),
    r"GET /station/([^/]+)/?": ("/station/@", None),
    r"GET /station/([^/]+)/(en|zh)\.webmanifest": ("/station/@/en.webmanifest", None),
    r"GET /trust(?:/(en|zh))?": ("/trust", None),
    r"GET /trust/(threenos-ca\.(?:crt|mobileconfig))": ("/trust/threenos-ca.crt", None),
    r"GET /(?!api/).+": ("/plain/none.js", None),
}
PAGE_ASKERS = ("this machine", "paired tablet", "stranger", "another site's page", "agent's token", "wrong token")


@dataclass(frozen=True, slots=True)
class Asker:
    client: str
    host: str
    headers: Mapping[str, str]


def page(folder: Path) -> dict[str, list[str]]:
    """Every route of an agent's page, and what each asker is told."""
    entry = StationEntry(id="w2", site="plant", username="w2", password="secret")
    server = Server(host="127.0.0.1", port=1)
    agent = Agent(Settings(server=server, station=[entry], page=Page(enabled=False), data=str(folder)))
    guard = Guard(frozenset(), True, agent.token, agent.pairing.is_paired)
    routes = Routes(agent, guard)
    cookie = {"Cookie": f"threenos_tablet={agent.pairing.pair(agent.pairing.new_code())}"}
    askers = (
        Asker("127.0.0.1", "127.0.0.1:8377", {}),
        Asker("10.0.0.9", "10.0.0.5:8377", cookie),
        Asker("10.0.0.9", "10.0.0.5:8377", {}),
        Asker("10.0.0.9", "10.0.0.5:8377", {**cookie, "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}),
        Asker("10.0.0.9", "10.0.0.5:8377", {"Authorization": f"Bearer {agent.token}"}),
        Asker("10.0.0.9", "10.0.0.5:8377", {"Authorization": "Bearer guessed"}),
    )
    try:
        found = [f"{method} {pattern.pattern}" for method, pattern, _, _ in routes._table]
        unmapped = [name for name in found if name not in PAGE_CASES]
        assert unmapped == [], f"add a case to PAGE_CASES for {unmapped}"
        return {name: [_cell(routes, guard, name, asker) for asker in askers] for name in found}
    finally:
        agent.stop()


def _cell(routes: Routes, guard: Guard, name: str, asker: Asker) -> str:
    path, body = PAGE_CASES[name]
    told = [_told(routes, guard, name.split()[0], path.replace("@", station), body, asker) for station in ("w2", "w9")]
    return str(told[0]) if "@" not in path or told[0] == told[1] else f"{told[0]} {told[1]}"


def _told(routes: Routes, guard: Guard, method: str, path: str, body: Any, asker: Asker) -> int:
    headers = Message()
    for key, value in ({"Content-Type": "application/json"} | dict(asker.headers)).items():
        headers[key] = value
    visit = Visit(method, asker.client, "10.0.0.5", headers, (asker.host,))
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def read(_: int) -> bytes:
        return raw

    try:
        guard.check_address(visit)
        answer = routes.answer(visit, path, read)
    except StationError as e:
        return e.status
    except Elsewhere:
        return 303
    return 200 if isinstance(answer, Stream) else answer.status
