"""A private broker with the access rules of the interface, and a server that does what a station can see of one."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from plant import free_port, next_line

from threenos_station.agent import Agent
from threenos_wire.topics import EVERY_EVENT, EVERY_PRESENCE

MOSQUITTO = shutil.which("mosquitto", path="/usr/local/sbin:/usr/sbin:/usr/bin:/opt/homebrew/sbin") or "mosquitto"
SITE = "plant"
MakeAgent = Callable[..., Agent]
RULES = """
user server
topic readwrite threenos/v1/#
pattern write threenos/v1/+/%u/event
pattern write threenos/v1/+/%u/presence
pattern read threenos/v1/+/%u/ack
pattern read threenos/v1/+/%u/state
pattern read threenos/v1/+/%u/setup
pattern read threenos/v1/+/_server
"""


def until(holds: Callable[[], Any], timeout: float = 15.0) -> Any:
    """Wait for a condition and return what it gave; the test fails when it does not come."""
    end, pause = time.monotonic() + timeout, threading.Event()
    while not (found := holds()):
        assert time.monotonic() < end, f"waited {timeout} s for {holds}"
        pause.wait(0.02)
    return found


class Broker:
    """A private mosquitto without persistence, which can be stopped and started on its port."""

    def __init__(self, folder: Path, extra: str = "", users: tuple[str, ...] = ("server", "w1", "w2")) -> None:
        self.port = free_port()
        self._folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "acl").write_text(RULES, encoding="utf-8")
        passwords = folder / "passwords"
        passwords.write_text("".join(f"{u}:{u}-secret\n" for u in users), encoding="utf-8")
        subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True, timeout=60)
        self.configure(extra)
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, extra: str) -> None:
        lines = [
            f"listener {self.port} 127.0.0.1", "allow_anonymous false", f"password_file {self._folder / 'passwords'}",
            f"acl_file {self._folder / 'acl'}", "set_tcp_nodelay true", "persistence false", "user root", extra,
        ]  # fmt: skip
        (self._folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            command = [MOSQUITTO, "-c", str(self._folder / "mosquitto.conf")]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers)

    def _answers(self) -> bool:
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None


@dataclass
class FakeServer:
    """As much of the server as a station can see: it beats, records each id once, and acknowledges."""

    port: int
    acks: bool = True
    beats: bool = True
    intake: str = "intake-1"
    refuse: dict[str, str] = field(default_factory=dict)  # kind: reason
    receipts: list[dict[str, Any]] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    presence: list[dict[str, Any]] = field(default_factory=list)
    recorded: dict[str, dict[str, Any]] = field(default_factory=dict)

    def start(self) -> None:
        self._stopped = threading.Event()
        self._seq = 0
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="server")
        self.client.username_pw_set("server", "server-secret")
        self.client.on_message = self._on_message
        self.client.on_connect = lambda c, *_: c.subscribe([(EVERY_EVENT, 1), (EVERY_PRESENCE, 1)])
        self.client.on_socket_open = lambda _c, _u, s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect_async("127.0.0.1", self.port)
        self.client.loop_start()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the server beats on"
        self.client.disconnect()
        self.client.loop_stop()

    def publish(self, station: str, leaf: str, payload: Any, retain: bool = True) -> None:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.client.publish(f"threenos/v1/{SITE}/{station}/{leaf}", body, qos=1, retain=retain)

    def _beat(self) -> None:
        while not self._stopped.wait(0.2):
            if self.beats and self.client.is_connected():
                self._seq += 1
                beat = {
                    "at": f"2026-11-22T02:11:{self._seq % 60:02d}.000Z",
                    "seq": self._seq,
                    "hash": f"{self._seq:064x}",
                    "intake": self.intake,
                }
                self.client.publish(f"threenos/v1/{SITE}/_server", json.dumps(beat), qos=1, retain=True)

    def _on_message(self, _c: Client, _u: Any, message: MQTTMessage) -> None:
        station, leaf = message.topic.split("/")[3:]
        body = json.loads(message.payload)
        if leaf == "presence":
            self.presence.append({"station": station, **body})
            return
        self.messages.append(bytes(message.payload))
        events = body if isinstance(body, list) else [body]
        self.receipts += [{"station": station, **e} for e in events]
        if self.acks:
            self._answer(station, events)

    def _answer(self, station: str, events: list[dict[str, Any]]) -> None:
        refused = [e for e in events if e["kind"] in self.refuse]
        accepted = [e for e in events if e["kind"] not in self.refuse]
        for e in accepted:
            self.recorded.setdefault(e["id"], {"station": station, **e})
        told = [{"id": e["id"], "reason": self.refuse[e["kind"]], "detail": "why"} for e in refused]
        self.publish(station, "ack", {"accepted": [e["id"] for e in accepted], "refused": told}, retain=False)


class Process:
    """`threenos-station run` as a real process."""

    def __init__(self, config: Path) -> None:
        command = [sys.executable, "-m", "threenos_station.cli", "run", "--config", str(config), "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.url = json.loads(next_line(self.process))["url"]

    def press(self, **fields: Any) -> str:
        request = urllib.request.Request(
            f"{self.url}/api/stations/w2/presses", json.dumps(fields).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            answer = json.load(response)
        assert answer["saved"] is True
        return str(answer["id"])

    def heard(self) -> bool:
        with urllib.request.urlopen(f"{self.url}/api/stations/w2", timeout=10) as response:
            return bool(json.load(response)["server"]["heard"])

    def stop(self) -> int:
        self.process.terminate()
        self.kill(wait_first=True)
        return self.process.returncode

    def kill(self, wait_first: bool = False) -> None:
        """Also when it has ended already."""
        if not wait_first:
            self.process.kill()
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


StartAgent = Callable[[Path], Process]


def write_config(folder: Path, port: int, more: str = "") -> Path:
    """A station.toml for w2, as enrolment writes it."""
    path = folder / "station.toml"
    path.write_text(
        f'data = "data"\n[server]\nhost = "127.0.0.1"\nport = {port}\n[page]\nport = 0\n'
        f'[[station]]\nid = "w2"\nsite = "{SITE}"\npassword = "w2-secret"\n{more}',
        encoding="utf-8",
    )
    return path


def run(config: Path, *args: str) -> tuple[int, str, str]:
    """Another command of `threenos-station`: its exit code, what it printed, and its complaints."""
    command = [sys.executable, "-m", "threenos_station.cli", *args]
    env = {"PATH": "/usr/bin:/bin", "LANG": "zh_CN.UTF-8" if "zh" in str(config) else "C.UTF-8", "PYTHONUTF8": "1",
           "THREENOS_STATION_CONFIG": str(config)}  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=40, check=False, env=env)
    return done.returncode, done.stdout, done.stderr


def as_json(config: Path, *args: str) -> tuple[int, Any]:
    """The same with `--json`: its exit code and what it printed."""
    code, out, err = run(config, *args, "--json")
    assert out, err
    return code, json.loads(out)
