"""The whole way of a press, all of it over TLS: agent, mosquitto, intake, web server, nginx, board."""

import io
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from shutil import rmtree
from typing import Any

import msgspec
import pytest
import requests
import websocket
from PIL import Image
from plant import THREENOS, answers, end, free_port, wait_for
from service.broker.guests import shakes_hands
from service.nginx.site import Site

from threenos_server import cli
from threenos_server.access import Grant, Role
from threenos_server.broker.mosquitto import program
from threenos_server.chain import example
from threenos_server.clock import utc_now
from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.people import service as people
from threenos_station import link
from threenos_station.agent import Agent
from threenos_station.settings import Page, load

SITE, STATION = "lakeside", "cast-1"


class Plant:
    """One installation as the page of a plant has it: each process apart, certificates of its own authority."""

    def __init__(self, folder: Path) -> None:
        self.data, self.folder = folder / "data", folder
        self.http, stations, server = free_port(), free_port(), free_port()
        self._doors = (stations, server)
        self.broker = folder / "broker"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._settings = {
            "THREENOS_DATA": str(self.data), "THREENOS_PROXIES": "1", "THREENOS_MQTT_USER": "_server",
            "THREENOS_MQTT_URL": f"mqtts://localhost:{server}", "THREENOS_MQTT_CA": str(self.data / "ca" / "ca.pem"),
            "THREENOS_MQTT_PUBLIC_URL": f"mqtts://localhost:{stations}",
        }  # fmt: skip
        (folder / "factory.yaml").write_text(example.text())
        self.threenos("chain", "import", str(folder / "factory.yaml"))
        self._start(
            THREENOS, "broker-config", str(self.broker), "--certificates", "--listen", f"127.0.0.1:{stations}",
            "--server-listen", f"127.0.0.1:{server}", "--watch", "--reload", f"kill -HUP $(cat {folder}/pid)",
        )  # fmt: skip
        self.site = Site(self.data, self.http)
        self._settings["THREENOS_PUBLIC_URL"] = f"https://localhost:{self.site.https}"

    def run(self) -> None:
        """Everything, until it serves."""
        wait_for("the broker's files are written", lambda: (self.broker / "mosquitto.conf").exists(), 30)
        broker = self._start(program() or "mosquitto", "-c", str(self.broker / "mosquitto.conf"))
        wait_for("the broker serves", lambda: all(map(shakes_hands, self._doors)), 30)
        # From now on it is told of changes: a SIGHUP before would have ended it.
        (self.folder / "pid.new").write_text(str(broker.pid))
        (self.folder / "pid.new").rename(self.folder / "pid")
        self._start(THREENOS, "intake")
        self._start(THREENOS, "web", "--port", str(self.http))
        self.site.wait()
        wait_for("the web server listens", lambda: answers("127.0.0.1", self.http), 30)

    def threenos(self, *arguments: str) -> None:
        """One command with the settings of the installation."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._settings.items():
                patch.setenv(name, value)
            assert cli.main(list(arguments)) == 0

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | self._settings)
        self._processes.append(process)
        return process

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def close(self) -> None:
        with ExitStack() as stack:
            for process in self._processes:
                stack.callback(end, process)
            stack.callback(self.site.close)


@pytest.fixture
def plant() -> Iterator[Plant]:
    # mosquitto, which root starts, becomes another user, who could not enter a directory of root's tests.
    folder = Path(tempfile.mkdtemp(prefix="threenos-plant-"))
    folder.chmod(0o755)
    running = Plant(folder)
    try:
        running.run()
        yield running
    finally:
        try:
            running.close()
        finally:
            rmtree(folder)


@pytest.fixture
def board(plant: Plant) -> Iterator[websocket.WebSocket]:
    """A wall with a board token, at nginx, that trusts the plant's authority and no other; its snapshot is here."""
    address = f"localhost:{plant.site.https}"
    token = board_token(plant, f"https://{address}")
    socket = websocket.create_connection(
        f"wss://{address}/socket.io/?EIO=4&transport=websocket&site={SITE}", 20, origin=f"https://{address}",
        sslopt={"ca_certs": str(plant.site.authority)},
    )  # fmt: skip
    assert socket.recv()[0] == "0"
    socket.send(f"40/board,{json.dumps({'token': token})}")
    assert told(socket, "snapshot")["seq"] > 0
    yield socket
    socket.close()


def board_token(plant: Plant, url: str) -> str:
    """As a supervisor gets one at the desk: by HTTPS, in a session of its own."""
    password = "a long enough password"
    with closing(Database(sqlite_url(plant.data), FOLDS)) as db, db.write() as session:
        people.add(session, "Boss", utc_now(), grants=[Grant(Role.SUPERVISOR)], password=password)
    with requests.Session() as browser:
        # Else what this machine trusts would count, and not what is named here.
        browser.trust_env = False
        browser.verify = str(plant.site.authority)
        signed_in = browser.post(f"{url}/api/v1/session", json={"name": "Boss", "password": password}, timeout=20)
        csrf = {"X-CSRF-Token": signed_in.json()["csrf"]}
        made = browser.post(f"{url}/api/v1/board-tokens", json={"label": "wall"}, headers=csrf, timeout=20)
    return str(made.json()["token"])


@pytest.fixture
def agent(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    """The agent of a station that was enrolled while everything ran, from the file that enrolment wrote."""
    monkeypatch.setattr(link, "PRESENCE_S", 0.2)
    file = plant.folder / f"{STATION}.toml"
    plant.threenos("station", "enroll", STATION, "--toml", str(file), "--certificate")
    running = Agent(msgspec.structs.replace(load(file, {}), page=Page(enabled=False)))
    running.start()
    yield running
    running.stop()


def told(socket: websocket.WebSocket, event: str) -> dict[str, Any]:
    """What the next message of that kind says."""

    def heard() -> dict[str, Any]:
        text = str(socket.recv())
        if text == "2":
            socket.send("3")
        elif text.startswith(f'42/board,["{event}"'):
            found: dict[str, Any] = json.loads(text.partition(",")[2])[1]
            return found
        return {}

    return wait_for(f"the board is told: {event}", heard, 20)


def test_a_press_goes_the_whole_way_over_tls(plant: Plant, agent: Agent, board: websocket.WebSocket) -> None:
    """Acknowledged to its station, on the board behind nginx, its photo with the server; revoked, it is refused."""
    wait_for("the station is heard", lambda: agent.document(STATION).server.heard, 20)
    pressed = agent.press(STATION, "stop")
    wait_for("it is recorded", lambda: all(p.recorded for p in agent.document(STATION).presses))
    wait_for("the press is on the board", lambda: pressed in json.dumps(told(board, "delta")), 20)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    agent.shelf.keep(picture.getvalue())
    agent.uploader.wake()
    wait_for("the photo was taken", lambda: not agent.shelf.waiting())
    assert agent.shelf.refused() == []
    plant.threenos("station", "revoke", STATION)
    wait_for("what it says is refused", lambda: "not-authorized" in str(agent.document(STATION).link.problem))
    assert "not reached" not in plant.log() and "Traceback" not in plant.log()
