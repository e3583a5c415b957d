"""A client that nobody here wrote: `mosquitto_pub`, an HTTP client and a Socket.IO client, from the contract alone.

Nothing of Threenos is imported; the server is the installed command.
"""

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
import socketio

THREENOS = Path(sys.executable).with_name("threenos")
PASSWORD = "correct horse battery staple"


def threenos(*args: str, data: Path, text: str | None = None) -> str:
    """Run the command on the data directory of the server; what it printed."""
    done = subprocess.run([THREENOS, *args, "--data", data], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("foreign") / "data"


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[dict[str, Any]]:
    """`threenos up` as the contract has it, ready when its file is there."""
    ready = data.parent / "ready.json"
    command = [THREENOS, "up", "--data", data, "--port", "0", "--mqtt-port", "0", "--ready-file", ready]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while not ready.exists():
            assert process.poll() is None, "threenos up ended"
            assert time.monotonic() < deadline, "threenos up never said that it is ready"
            process_wait(0.05)
        yield json.loads(ready.read_text())
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()


def process_wait(seconds: float) -> None:
    """Wait a little for another process, which gives no event to wait for."""
    threading.Event().wait(seconds)


@pytest.fixture(scope="module")
def station(server: dict[str, Any], data: Path) -> dict[str, Any]:
    """The example factory is imported, a supervisor is added, and a station with one supplier is enrolled."""
    assert server["mqtt"]["port"]
    factory = data.parent / "factory.yaml"
    factory.write_text(threenos("chain", "example", data=data))
    threenos("chain", "import", str(factory), data=data)
    threenos("user", "add", "wang", "--role", "supervisor", "--password-stdin", data=data, text=PASSWORD + "\n")
    stations = json.loads(threenos("station", "list", "--json", data=data))
    assert {"id", "site", "line", "process"} <= set(stations[0])
    chosen = next(s for s in stations if s["id"] == "leak-1")
    enrolled = json.loads(threenos("station", "enroll", chosen["id"], "--json", data=data))
    assert {"station", "site", "username", "password", "host", "port", "tls"} <= set(enrolled)
    return enrolled | {"process": chosen["process"], "line": chosen["line"]}


@pytest.fixture(scope="module")
def wang(server: dict[str, Any], station: dict[str, Any]) -> tuple[OpenerDirector, str]:
    """A signed-in supervisor of the station's site: an HTTP client, and its cookie header."""
    assert station["site"]
    jar = CookieJar()
    client = build_opener(HTTPCookieProcessor(jar))
    body = json.dumps({"name": "wang", "password": PASSWORD}).encode()
    sign_in = Request(server["http"] + "/api/v1/session", body, {"Content-Type": "application/json"})
    assert client.open(sign_in, timeout=20).status == 200
    return client, "; ".join(f"{c.name}={c.value}" for c in jar)


def reject(**fields: Any) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "v": 1, "id": str(uuid.uuid4()), "boot": str(uuid.uuid4()), "seq": 1, "at": at, "age_ms": 5, "kind": "reject",
        "defect": "never-heard-of", "qty": 3,
    } | fields  # fmt: skip


def credentials(station: dict[str, Any]) -> list[str]:
    return [
        "-h", station["host"], "-p", str(station["port"]), "-u", station["username"], "-P", station["password"],
        "-i", station["username"], "-q", "1",
    ]  # fmt: skip


def press(station: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Publish with `mosquitto_rr`, which waits for what comes back on `…/ack`."""
    base = f"threenos/v1/{station['site']}/{station['station']}"
    command = ["mosquitto_rr", *credentials(station), "-V", "mqttv311", "-t", f"{base}/event", "-e", f"{base}/ack"]
    done = subprocess.run([*command, "-m", json.dumps(event), "-W", "20"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_press_by_mosquitto_is_on_the_board(
    server: dict[str, Any], station: dict[str, Any], wang: tuple[OpenerDirector, str]
) -> None:
    """The ack comes back; HTTP and Socket.IO show the complaint against an upstream process, with its clock."""
    client, cookie = wang
    snapshots: list[dict[str, Any]] = []
    deltas: list[dict[str, Any]] = []
    board = socketio.Client()
    board.on("snapshot", snapshots.append, namespace="/board")
    board.on("delta", deltas.append, namespace="/board")
    board.connect(
        server["http"],
        headers={"Cookie": cookie},
        namespaces=["/board"],
        transports=["websocket"],
        wait_timeout=20,  # a second, its default, is short for a machine that does ten things
    )
    try:
        eventually(lambda: snapshots, "the snapshot")
        supplier = next(k["supplier"] for k in snapshots[0]["links"] if k["customer"] == station["process"])
        event = reject(supplier=supplier)
        assert press(station, event) == {"accepted": [event["id"]], "refused": []}
        eventually(lambda: any(event["id"] in d["complaints"] for d in deltas), "the delta")
    finally:
        board.disconnect()
    shown = json.load(client.open(server["http"] + "/api/v1/board", timeout=20))
    (card,) = [c for c in shown["complaints"] if c["id"] == event["id"]]
    assert (card["customer"], card["supplier"], card["made_at"]) == (station["process"], supplier, supplier)
    assert card["due"]["acknowledge"] > card["received_at"]
    assert [d["prev"] for d in deltas] == [snapshots[0]["seq"], *[d["seq"] for d in deltas[:-1]]]


def test_the_same_press_again_changes_nothing_and_another_body_is_refused(station: dict[str, Any]) -> None:
    """The id is the identity of a press."""
    event = reject()
    assert press(station, event)["accepted"] == [event["id"]]
    assert press(station, event | {"age_ms": 900, "replay": True})["accepted"] == [event["id"]]
    (refused,) = press(station, event | {"qty": 99})["refused"]
    assert (refused["id"], refused["reason"]) == (event["id"], "id-reused")


def test_a_station_cannot_speak_for_another(station: dict[str, Any], data: Path) -> None:
    """The broker's access rules tie the topic to the credentials: nothing is recorded for the other station."""
    other = next(
        s for s in json.loads(threenos("station", "list", "--json", data=data)) if s["id"] != station["station"]
    )
    event = reject()
    topic = f"threenos/v1/{other['site']}/{other['id']}/event"
    subprocess.run(
        ["mosquitto_pub", *credentials(station), "-t", topic, "-m", json.dumps(event)], check=True, timeout=60
    )
    press(station, reject())  # recorded after it, so the other would have been recorded by now
    exported = data.parent / "journal.jsonl"
    threenos("journal", "export", str(exported), data=data)
    assert event["id"] not in exported.read_text()


def eventually(condition: Any, what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds} s"
        process_wait(0.02)
