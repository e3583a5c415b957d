"""The processes under attack: `python tests/fuzz/system.py NAME COUNT SEED` prints a result as JSON.

Each attack gives bytes to a socket of the running system; meanwhile a station presses and a board looks on.
"""

import json
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import websocket
from fuzz.attacked import BAD, SITE, Plant, join, running
from fuzz.mutate import Mutator
from fuzz.program import begin
from hostile.corpus import messages, requests

#: How long one call of this program goes on, whatever the count.
MOST_S = 330.0
#: So many messages may be unanswered: this is about what they are, not about how many.
WINDOW = 300
#: Who has neither answered nor hung up after this has forgotten that somebody waits.
SILENT_S = 15.0
Attack = Callable[[Plant, Mutator, Counter[str]], Iterator[int]]


def events(plant: Plant, mutator: Mutator, outcomes: Counter[str]) -> Iterator[int]:
    """What the broker carries: payloads on the station's own topic, which must all be answered."""
    said = _connected(plant)
    said.sendall(messages.packet(0x82, b"\0\x01" + messages.text(f"threenos/v1/{SITE}/{BAD}/ack".encode()) + b"\0"))
    topic, end = f"threenos/v1/{SITE}/{BAD}/event".encode(), b'{"end":%d}'
    sent, marks = 0, 0
    stream = b""
    while True:
        said.sendall(b"".join(messages.publish(topic, mutator.one()) for _ in range(WINDOW)))
        # The mark's own refusal says that all before it were taken: some have several answers, and an empty array none.
        said.sendall(messages.publish(topic, end % marks))
        sent, marks = sent + WINDOW, marks + 1
        mark = False
        while not mark:
            stream += said.recv(65536)
            mark, stream = _acks(stream, outcomes)
        yield sent


def _acks(stream: bytes, outcomes: Counter[str]) -> tuple[bool, bytes]:
    """Count what is answered in the packets that have come whole; whether the mark is among it, and what is left."""
    mark = False
    while len(stream) > 1:
        length, shift, at = 0, 0, 1
        while at < len(stream):
            length, shift, at = length | (stream[at] & 127) << shift, shift + 7, at + 1
            if stream[at - 1] < 128:
                break
        else:
            break
        if len(stream) < at + length:
            break
        whole, stream = stream[at : at + length], stream[at + length :]
        found = whole.find(b'{"accepted"')
        if found < 0:
            continue
        answer = json.loads(whole[found:])
        outcomes["accepted"] += len(answer["accepted"])
        for refusal in answer["refused"]:
            outcomes[refusal["reason"]] += 1
            mark = mark or "unknown field `end`" in refusal["detail"]
    return mark, stream


def packets(plant: Plant, mutator: Mutator, outcomes: Counter[str]) -> Iterator[int]:
    """What no client of MQTT would say; the broker hangs up or goes on."""
    sent = 0
    while True:
        said = _connected(plant)
        answer = b""
        # Who says no more is answered and let go at once, also when the broker waits for the rest of a packet.
        try:
            with _unless_silent():
                said.sendall(mutator.one() + b"\xc0\0")
                said.shutdown(socket.SHUT_WR)
            with _unless_silent():
                while more := said.recv(4096):
                    answer += more
        except TimeoutError:
            outcomes["crash"] += 1
        said.close()
        sent += 1
        outcomes["hung up" if not answer else f"answered {answer[0] >> 4}"] += 1
        yield sent


def _connected(plant: Plant) -> socket.socket:
    said = socket.create_connection(plant.system.mqtt, 10)
    said.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    said.sendall(messages.connect(BAD.encode(), plant.bad["username"].encode(), plant.bad["password"].encode()))
    assert said.recv(4) == b"\x20\x02\0\0"
    said.settimeout(SILENT_S)
    return said


def http(plant: Plant, mutator: Mutator, outcomes: Counter[str]) -> Iterator[int]:
    """Requests to the web worker, by somebody who is signed in."""
    where = urlsplit(plant.system.http)
    host, cookie = where.netloc.encode(), plant.cookie.encode()
    sent = 0
    while True:
        raw = mutator.one().replace(b"{host}", host).replace(b"{cookie}", cookie)
        status = asked((where.hostname or "", where.port or 0), raw)
        sent += 1
        outcomes[status] += 1
        if status == "silent" or (status[:1] == "5" and status not in ("501", "505")):
            outcomes["crash"] += 1
            print(f"{status}: {raw.hex()}", file=sys.stderr)
        yield sent


def asked(address: tuple[str, int], raw: bytes) -> str:
    """The status that a server answers to these bytes, after which nothing more comes.

    `none` when it just hangs up; `silent` when it does neither, which no server may.
    """
    with socket.create_connection(address, SILENT_S) as said:
        answer = b""
        try:
            # Who has hung up may have said a word before.
            with _unless_silent():
                said.sendall(raw)
                said.shutdown(socket.SHUT_WR)
            with _unless_silent():
                while len(answer) < 16 and (more := said.recv(4096)):
                    answer += more
        except TimeoutError:
            return "silent"
    words = answer.split(None, 2)
    return words[1].decode("latin-1") if len(words) > 1 and words[0].startswith(b"HTTP/") else "none"


@contextmanager
def _unless_silent() -> Iterator[None]:
    """Whatever a connection breaks with, but for a time-out."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError:
        return


def board(plant: Plant, mutator: Mutator, outcomes: Counter[str]) -> Iterator[int]:
    """Packets to the board's socket, by somebody who was let in."""
    sent = 0
    said = join(plant.system.http, plant.cookie)
    said.settimeout(5)
    while True:
        raw = mutator.one()
        try:
            if raw[:1] == b"b":
                said.send_binary(raw[1:])
            else:
                said.send(raw.decode(errors="replace"))
            if sent % 8 == 7:
                _until_tick(said)
        except (OSError, websocket.WebSocketException):
            outcomes["hung up"] += 1
            with suppress(OSError, websocket.WebSocketException):
                said.shutdown()
            said = join(plant.system.http, plant.cookie)
            said.settimeout(5)
        else:
            outcomes["went on"] += 1
        sent += 1
        yield sent


def _until_tick(said: Any) -> None:
    """Ask for a snapshot and read until it comes, so that the socket keeps up."""
    said.send('42/board,["resume",{"after":0}]')
    while '"snapshot"' not in (heard := said.recv()):
        if heard == "2":
            said.send("3")
        if not heard:
            raise ConnectionError("closed")


def schema(plant: Plant, mutator: Mutator, outcomes: Counter[str]) -> Iterator[int]:
    """What the OpenAPI document allows, and what not."""
    from fuzz.schema import operations  # Schemathesis is there for `make fuzz` only; tests use what else is here

    return operations(plant, mutator, outcomes)


def _request(line: str, said: bytes = b"", *more: str) -> bytes:
    head = [line, "Host: {host}", "Cookie: {cookie}", "Content-Type: application/json", f"Content-Length: {len(said)}"]
    return "\r\n".join([*head, *more]).encode() + b"\r\n\r\n" + said


def seeds() -> dict[str, tuple[list[bytes], tuple[bytes, ...], Attack]]:
    """For each attack what it begins with, its words, and the attack."""
    good = messages.raw(note='"a"', qty="3")
    fields = (
        b'"id":',
        b'"kind":',
        b'"complaint":',
        b'"seq":',
        b'"at":',
        b'"drill":true',
        b'"replay":true',
        b'"stop"',
        b'"count"',
    )
    topic = f"threenos/v1/{SITE}/{BAD}/event".encode()
    asks = [
        _request("GET /api/v1/board HTTP/1.1"),
        _request("GET /api/v1/complaints?limit=1&q=a HTTP/1.1", b"", "Accept: */*"),
        _request("POST /api/v1/chain/check HTTP/1.1", b'{"yaml":"site: {id: a}"}', "X-CSRF-Token: x"),
        _request("POST /api/v1/session HTTP/1.1", b'{"name":"a","password":"b"}', "Origin: http://{host}"),
        _request("PUT /api/v1/photos/00 HTTP/1.1", b"\x89PNG", "Authorization: Bearer x"),
        _request("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", b"", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="),
        _request("GET /assets/../../etc/passwd HTTP/1.1"),
        *(raw for raw in requests.REQUESTS.values() if len(raw) < 2000),
    ]  # fmt: skip
    heads = (
        b"\r\n",
        b"Host: ",
        b"Content-Length: ",
        b"Transfer-Encoding: chunked\r\n",
        b"0\r\n\r\n",
        b"HTTP/1.0",
        b"//",
    )
    said = [p.encode() if isinstance(p, str) else b"b" + p for p in requests.PACKETS.values() if len(p) < 4000]
    ask = b'42/board,["resume",{"after":1}]'
    return {
        "mqtt-event": ([good, *(p for p in messages.PAYLOADS.values() if len(p) < 4000)], fields, events),
        "mqtt-packet": (
            [messages.publish(topic, good), *messages.PACKETS.values()],
            (b"\x30", b"\x82", b"\xff\x7f"),
            packets,
        ),
        "http-socket": (asks, heads, http),
        "board-socket": ([ask] * 20 + said, (b"/board,", b'["resume",', b"42", b"45", b"40"), board),
        "http-schema": ([], (), schema),
    }


def run(name: str, count: int, seed: int, directory: Path) -> dict[str, object]:
    """Attack until the count or the time is reached; what became of it all."""
    begin_with, words, attack = seeds()[name]
    outcomes: Counter[str] = Counter()
    with running(directory) as plant:
        before, threads, done, began = plant.memory(), plant.threads(), 0, monotonic()
        early: dict[str, int] = {}
        for done in attack(plant, Mutator(begin_with, words, seed), outcomes):
            passed = monotonic() - began
            if not early and (done * 10 >= count or passed > MOST_S / 10):
                early, threads = plant.memory(), plant.threads()
            if done >= count or passed > MOST_S:
                break
        late, good = plant.memory(), plant.good
        return {
            "name": name, "inputs": done, "crashes": outcomes["crash"], "outcomes": len(outcomes),
            "most": outcomes.most_common(8), "seconds": round(monotonic() - began, 1),
            "early": early or before, "late": late, "threads": [threads, plant.threads()], "lives": plant.lives(),
            "tracebacks": plant.faults(), "presses": good.presses, "failed": good.failed[:3],
            "waited_ms": round(good.longest * 1000), "on_board_ms": round(good.longest_on_board * 1000),
            "log": "" if not plant.faults() else plant.system.log()[-3000:],
        }  # fmt: skip


if __name__ == "__main__":
    sys.exit(begin(run))
