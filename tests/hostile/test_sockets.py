"""The sockets of a running system: what no client would say is refused, and a press meanwhile is taken in time.

One `threenos up` for all of them; its processes have to be the same ones at the end.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import websocket
from fuzz.attacked import BAD, CHILDREN, SITE, Plant, join, running
from fuzz.system import asked
from hostile.corpus import messages, requests
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from plant import wait_for


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with running(tmp_path_factory.mktemp("attacked")) as plant:
        yield plant
        assert plant.lives(), f"one of {CHILDREN} was replaced"
        assert plant.faults() == 0, plant.system.log()[-3000:]


@pytest.fixture(autouse=True)
def nobody_waits(plant: Plant) -> Iterator[None]:
    """Behind every attack of this file: presses go on, each is heard and shown; how soon is told by `make fuzz`."""
    before = plant.good.presses
    yield
    wait_for("a press after the attack", lambda: plant.good.presses > before)
    assert plant.good.failed == []


def station(plant: Plant) -> socket.socket:
    """A connection of the bad station to the broker, which has let it in."""
    said = socket.create_connection(plant.system.mqtt, 10)
    bad = plant.bad
    said.sendall(messages.connect(BAD.encode(), bad["username"].encode(), bad["password"].encode()))
    assert said.recv(4) == b"\x20\x02\0\0"
    return said


def test_the_broker_hangs_up_or_goes_on(plant: Plant) -> None:
    """Before a CONNECT and after a good one; the next client is let in at once."""
    for raw in messages.PACKETS.values():
        for said in (socket.create_connection(plant.system.mqtt, 10), station(plant)):
            with said, suppress(OSError):
                said.sendall(raw)
                said.shutdown(socket.SHUT_WR)
                while said.recv(4096):
                    pass
    station(plant).close()


def test_a_station_says_nothing_in_the_name_of_others(plant: Plant) -> None:
    """Not the server's beat, a line's state, an answer, nor another's press; not retained either."""
    with station(plant) as said:
        for topic in messages.SERVERS:
            said.sendall(messages.publish(topic.encode(), b'{"at":"x","seq":0,"hash":"f"}', 0x31))
        said.sendall(b"\xc0\0")
        assert said.recv(2) == b"\xd0\0"
    heard: list[tuple[str, bytes]] = []
    ready: list[int] = []
    client = Client(CallbackAPIVersion.VERSION2, BAD)
    client.username_pw_set(plant.bad["username"], plant.bad["password"])
    client.on_message = lambda _c, _d, m: heard.append((m.topic, m.payload))
    client.on_subscribe = lambda *_: ready.append(1)
    client.connect(*plant.system.mqtt)
    client.loop_start()
    wait_for("the connection", client.is_connected)
    client.subscribe([(f"threenos/v1/{SITE}/_server", 1), (f"threenos/v1/{SITE}/{BAD}/state", 1), ("#", 1)])
    wait_for("a beat of the server", lambda: [h for h in heard if h[0].endswith("_server")])
    client.disconnect()
    client.loop_stop()
    assert ready
    assert [h for h in heard if h[1].startswith(b'{"at":"x"')] == []
    begins = tuple(f"threenos/v1/{SITE}/{own}" for own in ("_server", "_line/", f"{BAD}/"))
    assert [topic for topic, _ in heard if not topic.startswith(begins)] == []


def test_what_a_broker_carries_is_answered(plant: Plant) -> None:
    """Every payload, by a station of its own: each is refused on its topic, and its own next press is taken."""
    acks: list[bytes] = []
    client = Client(CallbackAPIVersion.VERSION2, BAD)
    client.username_pw_set(plant.bad["username"], plant.bad["password"])
    client.on_connect = lambda c, *_: c.subscribe(f"threenos/v1/{SITE}/{BAD}/ack", 1)
    client.on_message = lambda _c, _d, m: acks.append(m.payload)
    client.connect(*plant.system.mqtt)
    client.loop_start()
    wait_for("the connection", client.is_connected)
    for raw in messages.PAYLOADS.values():
        client.publish(f"threenos/v1/{SITE}/{BAD}/event", raw, qos=1)
    event = messages.event()
    client.publish(f"threenos/v1/{SITE}/{BAD}/event", json.dumps(event), qos=1)
    wait_for("its own press", lambda: f'"accepted":["{event["id"]}"]'.encode() in b"".join(acks))
    client.disconnect()
    client.loop_stop()
    assert b"".join(acks).count(b'"reason"') == len(messages.PAYLOADS)


def test_no_request_breaks_the_web_worker(plant: Plant) -> None:
    """Refused or not answered at all, and never with a fault of the server."""
    where = urlsplit(plant.system.http)
    host = where.netloc.encode()
    answered = {
        name: asked((where.hostname or "", where.port or 0), raw.replace(b"{host}", host))
        for name, raw in requests.REQUESTS.items()
    }
    # Without a Host it is still clear what is asked of us, who have one name only.
    assert answered.pop("no host") == "200"
    fine = ("none", "501", "505")
    assert {name: status for name, status in answered.items() if status[0] not in "34" and status not in fine} == {}


def test_no_request_is_smuggled(plant: Plant) -> None:
    """What follows a body of unclear length is not taken for another request."""
    where = urlsplit(plant.system.http)
    address, host = (where.hostname or "", where.port or 0), where.netloc.encode()
    inside = b"GET /health/live HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    for lengths in (
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(inside),
    ):
        with socket.create_connection(address, 10) as said:
            said.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: " + host + b"\r\n" + lengths + inside)
            said.shutdown(socket.SHUT_WR)
            answer = b""
            with suppress(OSError):
                while more := said.recv(65536):
                    answer += more
        assert answer.count(b"HTTP/1.1 ") <= 1 and b'"live"' not in answer, answer[:300]


def test_who_sends_slowly_holds_no_thread(plant: Plant) -> None:
    """Two hundred heads that never end: pages are answered meanwhile."""
    where = urlsplit(plant.system.http)
    address = (where.hostname or "", where.port or 0)
    slow = [socket.create_connection(address, 10) for _ in range(200)]
    for said in slow:
        said.sendall(b"GET /board HTTP/1.1\r\nHost: x\r\nX: ")
    assert asked(address, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n") == "200"
    for said in slow:
        said.close()


def test_no_packet_breaks_a_board(plant: Plant) -> None:
    """Its own connection may end; the other board goes on, and it can come back at once."""
    for packet in requests.PACKETS.values():
        said = join(plant.system.http, plant.cookie)
        with suppress(OSError, websocket.WebSocketException):
            if isinstance(packet, bytes):
                said.send_binary(packet)
            else:
                said.send(packet)
            said.send('42/board,["resume",{"after":0}]')
            said.settimeout(5)
            # Others' presses come as well, so the silence that would be too long is never there.
            wait_for("the snapshot, or that it is closed", lambda said=said: _is_over(said.recv()))
        said.shutdown()


def _is_over(heard: str) -> bool:
    return "snapshot" in heard or not heard


def test_a_stranger_is_let_into_no_board(plant: Plant) -> None:
    """Another page's origin, another namespace, no credentials, those of nobody."""
    address = plant.system.http.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    for origin in ("http://evil.example", "http://[", "null"):
        with pytest.raises(websocket.WebSocketBadStatusException):
            websocket.create_connection(address, 5, origin=origin, cookie=plant.cookie)
    for said in (
        "40/board,{}",
        '40/board,{"token":"x"}',
        '40/board,{"token":["x"]}',
        "40/board,[1]",
        "40",
        "40/admin,",
    ):
        stranger = websocket.create_connection(address, 5, origin=plant.system.http)
        stranger.recv()
        stranger.send(said)
        assert stranger.recv().startswith("44"), said
        stranger.shutdown()


def test_who_floods_a_board_is_dropped(plant: Plant) -> None:
    """Thousands of questions of which no answer is read: the worker lets go before they fill its memory."""
    before = plant.memory()["web"]
    said = join(plant.system.http, plant.cookie)
    with suppress(OSError, websocket.WebSocketException):
        for _ in range(20_000):
            said.send('42/board,["resume",{"after":0}]')
    assert plant.memory()["web"] - before < 100_000
    said.shutdown()
