"""The floor: what the same parts cost with nothing of ours in between.

A bare paho subscriber, one row per event into SQLite with synchronous=FULL in group commits, one ack per event. It
parses the JSON for its id and does nothing else: no schema, no attribution, no journal, no complaint.

Run as `python floor.py HOST PORT DATABASE`; it prints `ready` once it is subscribed and runs until it is killed.
"""

import json
import queue
import socket
import sqlite3
import sys
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion


def main(host: str, port: int, database: str) -> None:
    """Subscribe, and commit what queued up meanwhile."""
    inbox: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, "floor")
    client.max_inflight_messages_set(1000)
    client.on_socket_open = lambda _c, _d, s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.on_message = lambda _c, _d, m: inbox.put((m.topic, m.payload))
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.on_connect = lambda c, *_: c.subscribe("threenos/v1/+/+/event", 1)
    client.connect(host, port)
    client.loop_start()
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, topic TEXT, body TEXT)")
    while True:
        _commit(client, db, _drain(inbox))


def _drain(inbox: "queue.SimpleQueue[tuple[str, bytes]]") -> list[tuple[str, bytes]]:
    batch = [inbox.get()]
    try:
        while len(batch) < 2000:
            batch.append(inbox.get_nowait())
    except queue.Empty:
        pass
    return batch


def _commit(client: Client, db: sqlite3.Connection, batch: list[tuple[str, bytes]]) -> None:
    rows: list[tuple[Any, str, str]] = []
    for topic, payload in batch:
        said = json.loads(payload)
        rows += [(e["id"], topic, json.dumps(e)) for e in (said if isinstance(said, list) else [said])]
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT OR IGNORE INTO event VALUES (?, ?, ?)", rows)
    db.execute("COMMIT")
    for event_id, topic, _ in rows:
        ack = json.dumps({"accepted": [event_id], "refused": []})
        client.publish(topic.removesuffix("event") + "ack", ack, qos=1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
