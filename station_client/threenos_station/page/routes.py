"""What the page can be asked. Each route takes the agent and a request and gives an Answer or a Stream."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from threenos_station.errors import BadPress, Denied, NotPaired, NotThere, StationError
from threenos_station.page import files, trust
from threenos_station.page.answers import Answer, Stream, as_json
from threenos_station.page.guard import COOKIE, HOST_COOKIE, Guard, Visit
from threenos_station.page.manifest import manifest
from threenos_station.page.secure import Certificate
from threenos_station.pairing import CODE_S, pairing_address
from threenos_station.photos import MAX_PHOTO_BYTES
from threenos_station.qr import picture

if TYPE_CHECKING:
    from threenos_station.agent import Agent

MAX_JSON_BYTES = 64 * 1024
_TEN_YEARS_S = 10 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class Request:
    """A request that passed the address check; `read(most)` reads its body, `params` are the parts of its path."""

    visit: Visit
    path: str
    params: tuple[str, ...]
    read: Callable[[int], bytes]


class TooLarge(StationError):
    status = 413


class WrongType(StationError):
    status = 415


def _json(request: Request) -> dict[str, Any]:
    kind = request.visit.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise WrongType("not-json", "send application/json")
    try:
        body = msgspec.json.decode(request.read(MAX_JSON_BYTES))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as e:
        raise BadPress("not-json", f"not JSON: {e}") from e
    if not isinstance(body, dict):
        raise BadPress("not-json", "send a JSON object")
    return body


class Routes:
    """The routes of one agent."""

    def __init__(self, agent: "Agent", guard: Guard, secured: Certificate | None = None) -> None:
        self._agent, self._guard, self._secured = agent, guard, secured
        station = r"/api/stations/([^/]+)"
        self._table: list[tuple[str, re.Pattern[str], Callable[[Request], Answer | Stream], bool]] = [
            (method, re.compile(pattern), route, paired)
            for method, pattern, route, paired in (
                ("GET", r"/health", self._health, False),
                ("GET", r"/pair", self._pair_page, False),
                ("POST", r"/api/pair", self._pair, False),
                ("POST", r"/api/pairings", self._new_pairing, True),
                ("GET", r"/api/status", self._status, True),
                ("GET", r"/api/stations", self._stations, True),
                ("GET", station, self._document, True),
                ("GET", f"{station}/events", self._events, True),
                ("POST", f"{station}/presses", self._press, True),
                ("POST", r"/api/photos", self._photo, True),
                ("GET", r"/", self._index, True),
                ("GET", r"/station/([^/]+)/?", self._station_page, True),
                ("GET", r"/station/([^/]+)/(en|zh)\.webmanifest", self._manifest, True),
                ("GET", r"/trust(?:/(en|zh))?", self._trust, False),
                ("GET", r"/trust/(threenos-ca\.(?:crt|mobileconfig))", self._authority, False),
                ("GET", r"/(?!api/).+", self._file, False),
            )
        ]

    def answer(self, visit: Visit, path: str, read: Callable[[int], bytes]) -> Answer | Stream:
        """Find the route, check the pairing where it needs one, and go. StationError says what is wrong."""
        known = False
        for method, pattern, route, paired in self._table:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            known = True
            if method == visit.method:
                self._check_private(visit, path, route)
                if paired:
                    self._check_paired(visit, path)
                return route(Request(visit, path, match.groups(), read))
        if known:
            raise _WrongMethod("wrong-method", f"{path} does not take {visit.method}")
        raise NotThere("no-page", f"there is nothing at {path}")

    def _check_paired(self, visit: Visit, path: str) -> None:
        try:
            self._guard.check_paired(visit)
        except NotPaired:
            if path.startswith("/api/"):
                raise
            raise Elsewhere("/pair") from None

    def _check_private(self, visit: Visit, path: str, route: Callable[[Request], Answer | Stream]) -> None:
        """With a certificate the network is spoken to by TLS only, but for what leads a tablet there."""
        leads = (self._health, self._trust, self._authority, self._file)
        if self._secured is None or self._guard.is_private(visit) or route in leads:
            return
        if path.startswith("/api/"):
            raise Denied("needs-https", "this agent speaks https to the network; /trust says how a tablet gets there")
        raise Elsewhere("/trust")

    def _health(self, _: Request) -> Answer:
        # Asked across origins too: a page in plain finds out so whether its tablet trusts us already.
        return as_json({"live": True}, Cross_Origin_Resource_Policy="cross-origin")

    def _trust(self, request: Request) -> Answer:
        return trust.page(self._certificate(), request.visit, request.params[0])

    def _authority(self, request: Request) -> Answer:
        return trust.download(self._certificate().authority, request.params[0])

    def _certificate(self) -> Certificate:
        if self._secured is None:
            raise NotThere("no-page", "this agent has no certificate: `threenos ca issue` makes one")
        return self._secured

    def _pair_page(self, _: Request) -> Answer:
        return files.plain("pair.html")

    def _pair(self, request: Request) -> Answer:
        code = _json(request).get("code")
        if not isinstance(code, str) or len(code) > 20:
            raise BadPress("bad-field", "`code` is the text of eight digits", "code")
        token = self._agent.pairing.pair(code)
        name, secure = (HOST_COOKIE, "; Secure") if request.visit.secure else (COOKIE, "")
        cookie = f"{name}={token}; Path=/; Max-Age={_TEN_YEARS_S}; HttpOnly; SameSite=Strict{secure}"
        return as_json({"paired": True}, 201, Set_Cookie=cookie)

    def _new_pairing(self, request: Request) -> Answer:
        if not self._guard.is_this_machine(request.visit):
            raise NotPaired("only-here", "a code is given at the agent's own machine only: `threenos-station pair`")
        code = self._agent.pairing.new_code()
        url = pairing_address(self._agent.page.public_url if self._agent.page else "", code)
        return as_json({"code": code, "seconds": CODE_S, "url": url, "qr": picture(url)}, 201)

    def _status(self, _: Request) -> Answer:
        return as_json(self._agent.status())

    def _stations(self, _: Request) -> Answer:
        stations = self._agent.stations.values()
        return as_json([{"id": s.id, "name": s.setup_name("station")} for s in stations])

    def _document(self, request: Request) -> Answer:
        return as_json(self._agent.document(request.params[0]))

    def _events(self, request: Request) -> Stream:
        return Stream(self._agent.station(request.params[0]))

    def _press(self, request: Request) -> Answer:
        station = self._agent.station(request.params[0])
        return as_json({"id": station.press(_json(request)), "saved": True}, 201)

    def _photo(self, request: Request) -> Answer:
        photo = self._agent.shelf.keep(request.read(MAX_PHOTO_BYTES))
        self._agent.uploader.wake()
        return as_json({"photo": photo, "saved": True}, 201)

    def _index(self, _: Request) -> Answer:
        return files.plain("index.html")

    def _station_page(self, request: Request) -> Answer:
        self._agent.station(request.params[0])
        return files.station_page()

    def _manifest(self, request: Request) -> Answer:
        station, language = request.params
        return manifest(station, self._agent.station(station).setup_name("station"), language)

    def _file(self, request: Request) -> Answer:
        return files.find(request.path)


class _WrongMethod(StationError):
    status = 405


class Elsewhere(Exception):
    """Go to another page of ours."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
