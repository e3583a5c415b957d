"""A factory to look at: `threenos up` with the example chain, its people, and one station agent for some stations."""

import json
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from plant import THREENOS, RunningSystem, answers, end, free_port, wait_for

from threenos_server.access import Grant, Role
from threenos_server.chain import example
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.demo.asking import Asking
from threenos_server.people import service as people

PASSWORD = "correct horse battery staple"
#: Who works here, and as what; for each also somebody who reads Chinese, like `lin.zh`.
PEOPLE: Mapping[str, Sequence[Mapping[str, str]]] = {
    "lin": [{"role": "team-leader"}],
    "sun": [{"role": "supervisor"}],
    "qian": [{"role": "quality-engineer"}],
    "wang": [{"role": "process-owner", "process": "motor-assembly"}],
    # Somebody to whom every page of the desk is open.
    "chief": [{"role": "admin"}, {"role": "supervisor"}, {"role": "quality-engineer"}],
}
STATIONS = (
    "leak-1",
    "leak-2",
    "mill-1",
    "mill-2",
    "mill-3",
    "wash-1",
    "trim-1",
    "stamp-1",
    "motor-1",
    "pump-1",
    "pump-2",
    "run-1",
    "wind-1",
)


class Floor:
    """The addresses stay the same when the system or the agent is killed and started again."""

    def __init__(self, folder: Path, stations: Sequence[str] = STATIONS, chain: str | None = None) -> None:
        ports = ("--port", str(free_port()), "--mqtt-port", str(free_port()))
        self.system = RunningSystem(folder / "data", *ports)
        self._folder, self._page_port = folder, free_port()
        self._agent: subprocess.Popen[bytes] | None = None
        try:
            self._furnish(stations, chain)
            self.start_agent()
        except BaseException:
            self.close()
            raise

    @property
    def http(self) -> str:
        return self.system.http

    @property
    def page(self) -> str:
        """Where the agent serves the tablets."""
        return f"http://127.0.0.1:{self._page_port}"

    def ask(self, method: str, path: str, body: Any = None, who: str = "sun", version: int | None = None) -> Any:
        """What the API answers to one of the people; it has to succeed."""
        status, answer = self.browser(who).ask(method, f"/api/v1{path}", body, version)
        assert status < 400, (method, path, status, answer)
        return answer

    def give(self, complaint: str, command: str, who: str = "lin", **fields: Any) -> None:
        """A command for a complaint as it stands now; again when a clock moved it in between."""
        path = f"/api/v1/complaints/{complaint}/{command}"

        def taken() -> bool:
            version = self.complaint(complaint)["version"]
            status, answer = self.browser(who).ask("POST", path, fields, version)
            assert status in (200, 409), (path, status, answer)
            return bool(status == 200)

        wait_for(f"{command} is taken", taken)

    def complaint(self, named: str) -> Any:
        return self.ask("GET", f"/complaints/{named}")

    def complaints(self, station: str, **wanted: Any) -> list[Any]:
        """Those of a station, newest first."""
        found = self.ask("GET", "/complaints?limit=200")["items"]
        mine = [c for c in found if c["station"] == station and all(c[k] == v for k, v in wanted.items())]
        return sorted(mine, key=lambda c: c["id"], reverse=True)

    def journalled(self, kind: str, station: str) -> list[Any]:
        """The rows of a kind that a station wrote."""
        rows, after = [], 0
        while after is not None:
            page = self.ask("GET", f"/journal?after={after}&limit=1000", who="qian")
            rows += page["rows"]
            after = page["next"]
        return [r for r in rows if r["kind"] == kind and r["station"] == station]

    def settle(self) -> None:
        """No alarm is left on the board, so that the next story begins with a calm one."""
        for c in self.ask("GET", "/board")["complaints"]:
            if c["state"] in ("open", "acknowledged"):
                self.give(c["id"], "withdraw", "sun", reason="the story is over")
            elif c["state"] == "arrived" and c["kind"] != "call":
                self.give(c["id"], "contain", what="what was left of a story", where="-")

    def document(self, station: str) -> Any:
        """What the agent tells a station's tablet."""
        with urlopen(f"{self.page}/api/stations/{station}", timeout=5) as answer:
            return json.load(answer)

    def press(self, station: str, kind: str, **fields: Any) -> str:
        """A press at a station, as another tablet would make it, once the server has answered it; its id."""
        path = f"/api/stations/{station}/presses"
        named = str(Asking(self.page).ask("POST", path, {"kind": kind, **fields})[1]["id"])
        wait_for("the server answers the press", lambda: self._is_answered(station, named))
        return named

    def _is_answered(self, station: str, named: str) -> bool:
        told = self.document(station)
        recorded = {p["id"] for p in told["presses"] if p["recorded"]}
        return named in recorded | {p["event"] for p in told["parked"]}

    def start_agent(self) -> None:
        """Start the agent, and wait until it serves."""
        command = [str(Path(THREENOS).with_name("threenos-station")), "run", "--config", str(self._config)]
        with (self._folder / "agent.log").open("ab") as log:
            self._agent = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for("the agent serves", lambda: answers("127.0.0.1", self._page_port))

    def kill_agent(self) -> None:
        assert self._agent is not None
        end(self._agent, signal.SIGKILL)

    def kill_server(self) -> None:
        """Everything but the agent, without warning."""
        pids = [self.system.pid(name) for name in ("broker", "web", "intake", "clock")]
        end(self.system.process, signal.SIGKILL)
        wait_for("nothing of it is left", lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in pids))

    def heard(self, station: str) -> None:
        """Wait until the server hears a station that it has set up."""
        wait_for(f"{station} is heard", lambda: self._is_heard(station), 30)

    def _is_heard(self, station: str) -> bool:
        told = self.document(station)
        return bool(told["server"]["heard"] and told["setup"] and told["state"])

    def close(self) -> None:
        try:
            if self._agent is not None and self._agent.poll() is None:
                end(self._agent)
        finally:
            self.system.close()

    def browser(self, who: str) -> Asking:
        """A person's browser without a window, signed in the first time it is asked for."""
        if who not in self._browsers:
            self._browsers[who] = Asking(self.http)
            self._browsers[who].sign_in(who, PASSWORD)
        return self._browsers[who]

    def _furnish(self, stations: Sequence[str], chain: str | None) -> None:
        self._browsers: dict[str, Asking] = {}
        document = self._folder / "factory.yaml"
        document.write_text(chain or example.text())
        self.system.threenos("chain", "import", str(document))
        self.system.threenos("user", "add", "admin", "--role", "admin", "--password-stdin", typed=PASSWORD + "\n")
        self.people = {name: self.hire(name, grants, "en") for name, grants in PEOPLE.items()}
        for name, grants in PEOPLE.items():
            self.hire(f"{name}.zh", grants, "zh-CN")
        self.board_token = self.ask("POST", "/board-tokens", {"label": "wall"}, "admin")["token"]
        self._config = self._folder / "station.toml"
        self.system.threenos("station", "enroll", stations[0], "--toml", str(self._config))
        more = [self._entry(station) for station in stations[1:]]
        self._config.write_text("".join([self._config.read_text(), *more, f"[page]\nport = {self._page_port}\n"]))

    def hire(self, name: str, grants: Sequence[Mapping[str, str]], language: str) -> str:
        """With a password of their own, as if they had chosen it; the desk gives first ones."""
        db = Database(self.system.url)
        try:
            with db.write() as session:
                roles = [Grant(Role(g["role"]), process=g.get("process")) for g in grants]
                return people.add(session, name, utc_now(), grants=roles, password=PASSWORD, language=language).id
        finally:
            db.close()

    def _entry(self, station: str) -> str:
        given = self.ask("POST", f"/stations/{station}/credentials", None, "admin")
        keys = {"id": station, "site": given["site"], "password": given["password"]}
        return "[[station]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items())
