"""Who presses: workers at the agent's stations, a program of nobody's that repeats itself, and somebody at a desk."""

import http.client
import json
import random
import subprocess
import threading
from abc import ABC, abstractmethod
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from chaos.factory import FOREIGN, PASSWORD, SITE
from chaos.works import Works
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from threenos_server.clock import utc_now
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant
from threenos_wire.topics import Address, Leaf

DEFECTS = {
    "mill-1": ("porosity", "burr", "cold-shut"), "leak-1": ("porosity", "scratch", "chips-left"),
    "pump-1": ("turned-round", "leak", "bearing-noise"), "wind-1": ("stack-height", "lamination-burr"),
    FOREIGN: ("porosity", None),
}  # fmt: skip
AT = Address(SITE, FOREIGN)
#: So often the foreigner's messages overtake one another.
OVERTAKES = 0.25


@dataclass
class Ledger:
    """What everybody was told, by event id: what somebody tried, what the agent saved, what the server recorded."""

    tried: set[str] = field(default_factory=set)
    saved: set[str] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)
    direct: int = 0
    sent_again: int = 0
    commands: dict[str, bool] = field(default_factory=dict)  # text of a comment: whether it was answered
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Presser(threading.Thread, ABC):
    """Does one thing after the other until it is told to stop; what breaks in it is a fault of the test."""

    pause_s = (0.1, 0.7)

    def __init__(self, name: str, ledger: Ledger, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.ledger, self.chance = ledger, random.Random(f"{seed}/{name}")
        self.stopping = threading.Event()

    def run(self) -> None:
        try:
            while not self.stopping.wait(self.chance.uniform(*self.pause_s)):
                self.act()
        except Exception as e:  # noqa: BLE001 - the thread's end: the run reports it and fails
            self.ledger.faults.append(f"{self.name}: {type(e).__name__}: {e}")
        self.end()

    @abstractmethod
    def act(self) -> None:
        """The next thing."""

    def end(self) -> None:
        """What is left to be done after the last act."""


class Worker(Presser):
    """Presses at one station: through the agent's page, or by the command when nobody answers there."""

    def __init__(self, works: Works, station: str, ledger: Ledger, seed: int) -> None:
        super().__init__(f"worker at {station}", ledger, seed)
        self.works, self.station = works, station
        self._about: list[str] = []

    def act(self) -> None:
        fields = {"id": new_id(), **self._something()}
        with self.ledger.lock:
            self.ledger.tried.add(fields["id"])
        if not (self._at_the_page(fields) or self._by_command(fields)):
            return
        with self.ledger.lock:
            self.ledger.saved.add(fields["id"])
        if fields["kind"] in ("reject", "stop", "call"):
            self._about.append(fields["id"])

    def _something(self) -> dict[str, Any]:
        draw = self.chance.random()
        if draw < 0.25 and self._about:
            more: dict[str, Any] = self.chance.choice([
                {"kind": "detail", "note": "seen again"}, {"kind": "detail", "qty": 3.0}, {"kind": "arrive"},
                {"kind": "withdraw", "reason": "slip"},
            ])  # fmt: skip
            return {**more, "complaint": self.chance.choice(self._about[-8:])}
        kind = self.chance.choice(["reject", "reject", "reject", "stop", "call", "catch", "count"])
        if kind == "call":
            return {"kind": kind, "supplier": self.chance.choice(["maintenance", "material", "quality"])}
        said: dict[str, Any] = {"kind": kind, "qty": float(self.chance.randint(1, 9))}
        return said if kind == "count" else said | {"defect": self.chance.choice(DEFECTS[self.station])}

    def _at_the_page(self, fields: dict[str, Any]) -> bool:
        try:
            note = json.loads((self.works.agent_data / "agent.json").read_text())
            port = int(note["url"].rpartition(":")[2])
            status, said = ask(port, "POST", f"/api/stations/{self.station}/presses", fields)
        except (OSError, http.client.HTTPException, ValueError):
            return False
        assert status == 201, said
        return said == {"id": fields["id"], "saved": True}

    def _by_command(self, fields: dict[str, Any]) -> bool:
        """Without an agent the command saves it itself; in the middle of a restart it may take a second try."""
        flags = [f"--{name}={value}" for name, value in fields.items() if name != "kind"]
        command = self.works.station_command("press", fields["kind"], "--station", self.station, "--json", *flags)
        for _ in range(5):
            with self.works.powered():
                done = subprocess.run(command, env=self.works.environment, capture_output=True, text=True, timeout=60)
            if done.returncode == 0:
                with self.ledger.lock:
                    self.ledger.direct += 1
                return bool(json.loads(done.stdout)["saved"])
        self.ledger.faults.append(f"{self.name}: not saved: {done.stderr.strip()[-300:]}")
        return False


class Foreigner(Presser):
    """An MQTT client of nobody's: it says again what it has said before, and in any case until it is acknowledged.

    Now and then it says more about a complaint before it has made it, as stations do whose messages overtake another.
    """

    pause_s = (0.1, 0.3)

    def __init__(self, works: Works, ledger: Ledger, seed: int) -> None:
        super().__init__("foreigner", ledger, seed)
        self._boot, self._seq = new_id(), 0
        self._said: list[bytes] = []
        self._waiting: dict[str, tuple[bytes, float]] = {}
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=FOREIGN)
        self._client.username_pw_set(FOREIGN, works.factory.passwords[FOREIGN])
        self._client.on_connect = lambda c, *_: c.subscribe(AT.topic(Leaf.ACK), 1)
        self._client.on_message = self._on_ack
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async(works.where.host, works.where.port)
        self._client.loop_start()

    def act(self) -> None:
        kind = self.chance.choice(["reject", "reject", "reject", "catch"])
        event = self._event(kind, defect=self.chance.choice(DEFECTS[FOREIGN]))
        said = [event]
        if kind == "reject" and self.chance.random() < OVERTAKES:
            said.insert(0, self._event("detail", complaint=event["id"], note="said before its complaint"))
        for one in said:
            self._say(one["id"], json.dumps({k: v for k, v in one.items() if v is not None}).encode())

    def _event(self, kind: str, **fields: Any) -> dict[str, Any]:
        self._seq += 1
        return {
            "v": 1, "id": new_id(), "boot": self._boot, "seq": self._seq, "at": format_instant(utc_now()), "age_ms": 0,
            "kind": kind, **fields,
        }  # fmt: skip

    def _say(self, named: str, payload: bytes) -> None:
        with self.ledger.lock:
            self.ledger.tried.add(named)
            self._waiting[named] = payload, monotonic()
        self._said.append(payload)
        for again in (payload, *self.chance.choices(self._said[-20:], k=self.chance.choice([1, 1, 2, 9]))):
            self._client.publish(AT.topic(Leaf.EVENT), again, qos=1)

    def say_again(self) -> int:
        """Repeat what was not acknowledged within a second; how much still waits."""
        with self.ledger.lock:
            late = [(i, p) for i, (p, at) in self._waiting.items() if monotonic() - at > 1]
            self._waiting |= {i: (p, monotonic()) for i, p in late}
            self.ledger.sent_again += len(late)
            waiting = len(self._waiting)
        if self._client.is_connected():
            for _, payload in late:
                self._client.publish(AT.topic(Leaf.EVENT), payload, qos=1)
        return waiting

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_ack(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        ack = json.loads(message.payload)
        done = {*ack["accepted"], *(r["id"] for r in ack["refused"])}
        with self.ledger.lock:
            self.ledger.recorded |= set(ack["accepted"])
            for named in done:
                self._waiting.pop(named, None)


class Desk(Presser):
    """Somebody who comments complaints over HTTP, and sends a command again, under its key, until it is answered."""

    def __init__(self, works: Works, ledger: Ledger, seed: int) -> None:
        super().__init__("desk", ledger, seed)
        self._port = works.web_port
        self._headers: dict[str, str] = {}
        self._unanswered: tuple[str, str] | None = None
        self._number = 0

    def act(self) -> None:
        try:
            if not self._headers:
                self._sign_in()
            if self._unanswered is None:
                self._unanswered = self._choose()
            if self._unanswered is not None:
                self._comment(*self._unanswered)
        except (OSError, http.client.HTTPException):
            return

    def end(self) -> None:
        """Send the last one until it is answered, for half a minute."""
        until = monotonic() + 30
        while self._unanswered is not None and monotonic() < until:
            self.act()
            threading.Event().wait(0.3)

    def _sign_in(self) -> None:
        body = json.dumps({"name": "supervisor", "password": PASSWORD})
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)) as connection:
            connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
        if answer.status >= 500:
            raise ConnectionError(f"nobody can sign in now: {said}")
        assert answer.status == 200, said
        cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        self._headers = {"Cookie": cookie, "X-CSRF-Token": said["csrf"]}

    def _choose(self) -> tuple[str, str] | None:
        status, page = ask(self._port, "GET", "/api/v1/complaints?limit=20", None, self._headers)
        if status != 200 or not page["items"]:
            return None
        self._number += 1
        text = f"comment {self._number}"
        self.ledger.commands[text] = False
        return self.chance.choice(page["items"])["id"], text

    def _comment(self, complaint: str, text: str) -> None:
        path, headers = f"/api/v1/complaints/{complaint}/comment", self._headers | {"Idempotency-Key": text}
        status, said = ask(self._port, "POST", path, {"text": text}, headers)
        if status >= 500:
            return
        assert status == 200, said
        self.ledger.commands[text] = True
        self._unanswered = None


def ask(port: int, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """(status, decoded JSON) of a server on loopback. Raises OSError and HTTPException."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()
