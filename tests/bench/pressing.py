"""Press at a rate, or as fast as acks come back, from many stations in one process; prints what it saw as JSON.

Run as `python pressing.py < plan.json`; the plan is `{"host", "port", "stations": [{"site", "station", "username",
"password", "lines": FILE}], "rate": events/s or null, "window": unacknowledged events a station may have,
"begin_at": monotonic seconds}`.
The answer is `{"seconds", "acked", "refused", "sent_at": {id: seconds}, "acked_at": {id: seconds}}` on the monotonic
clock that all processes of this machine share. Without a rate the two maps are left out.
"""

import json
import socket
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

GIVE_UP_S = 120.0


class Presser:
    """One station's connection: what it sent and which of it came back."""

    def __init__(self, plan: dict[str, Any], station: dict[str, Any]) -> None:
        self.sent_at: dict[str, float] = {}
        self.acked_at: dict[str, float] = {}
        self.refused = 0
        self.acked = 0
        self.messages = Path(station["lines"]).read_bytes().splitlines()
        self.base = f"threenos/v1/{station['site']}/{station['station']}"
        self.ready = threading.Event()
        self.room = threading.Condition()
        self.client = Client(CallbackAPIVersion.VERSION2, station["username"])
        if station.get("password"):
            self.client.username_pw_set(station["username"], station["password"])
        self.client.max_inflight_messages_set(1000)
        self.client.on_socket_open = lambda _c, _d, s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client.on_connect = lambda c, *_: c.subscribe(self.base + "/ack", 1)
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_message = self.on_ack
        self.client.connect(plan["host"], plan["port"])
        self.client.loop_start()

    def on_ack(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        at = monotonic()
        ack = json.loads(message.payload)
        with self.room:
            self.acked += len(ack["accepted"]) + len(ack["refused"])
            self.refused += len(ack["refused"])
            self.room.notify()
        for event_id in ack["accepted"]:
            self.acked_at[event_id] = at

    def press(self, message: bytes, events: int, window: int) -> None:
        """Publish one message when fewer than `window` events are unacknowledged."""
        with self.room:
            self.room.wait_for(lambda: self.sent - self.acked < window, GIVE_UP_S)
        self.sent += events
        self.client.publish(self.base + "/event", message, qos=1)

    sent = 0


def at_rate(pressers: list[Presser], rate: float) -> None:
    """One message at a time, in turn, at `rate` events a second in all."""
    start, done = monotonic(), 0
    for presser, i in [(p, i) for i in range(len(pressers[0].messages)) for p in pressers]:
        wait = start + done / rate - monotonic()
        if wait > 0:
            threading.Event().wait(wait)
        message = presser.messages[i]
        said = json.loads(message)
        ids = [event["id"] for event in (said if isinstance(said, list) else [said])]
        presser.sent_at |= dict.fromkeys(ids, monotonic())
        presser.press(message, len(ids), sys.maxsize)
        done += len(ids)


def at_full_speed(pressers: list[Presser], window: int) -> None:
    """Every station as fast as its acks come back."""

    def run(presser: Presser) -> None:
        for message in presser.messages:
            presser.press(message, message.count(b'"boot"'), window)

    threads = [threading.Thread(target=run, args=(p,)) for p in pressers]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def main() -> None:
    """Carry out the plan on standard input."""
    plan = json.load(sys.stdin)
    pressers = [Presser(plan, s) for s in plan["stations"]]
    for p in pressers:
        p.ready.wait(GIVE_UP_S)
    threading.Event().wait(max(0.0, plan.get("begin_at", 0.0) - monotonic()))
    start = monotonic()
    if plan["rate"]:
        at_rate(pressers, plan["rate"])
    else:
        at_full_speed(pressers, plan["window"])
    for p in pressers:
        with p.room:
            p.room.wait_for(lambda p=p: p.acked >= p.sent, GIVE_UP_S)  # type: ignore[misc] # p is bound on purpose
    seen: dict[str, Any] = {
        "seconds": monotonic() - start,
        "sent": sum(p.sent for p in pressers),
        "acked": sum(p.acked for p in pressers),
        "refused": sum(p.refused for p in pressers),
    }
    if plan["rate"]:
        seen["sent_at"] = {k: v for p in pressers for k, v in p.sent_at.items()}
        seen["acked_at"] = {k: v for p in pressers for k, v in p.acked_at.items()}
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
