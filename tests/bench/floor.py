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

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

Inbox = queue.SimpleQueue[tuple[str, bytes]]
#: An event: its id, its topic and its body.
Row = tuple[str, str, str]


def main(host: str, port: int, database: str) -> None:
    """Subscribe, and commit what queued up meanwhile."""
    client = Client(CallbackAPIVersion.VERSION2, "floor")
    inbox = subscribed(client, host, port, "threenos/v1/+/+/event")
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, topic TEXT, body TEXT)")
    while True:
        rows = drained(inbox)
        _commit(db, rows)
        acknowledge(client, rows)


def subscribed(client: Client, host: str, port: int, topics: str) -> Inbox:
    """What the client hears from now on; it says `ready` as soon as it does."""
    inbox: Inbox = queue.SimpleQueue()
    client.max_inflight_messages_set(1000)
    client.on_socket_open = lambda _c, _d, s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.on_message = lambda _c, _d, m: inbox.put((m.topic, m.payload))
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.on_connect = lambda c, *_: c.subscribe(topics, 1)
    client.connect(host, port)
    client.loop_start()
    return inbox


def drained(inbox: Inbox) -> list[Row]:
    """Wait for a message; the events of all that have queued up by then, at most of 2000 messages."""
    batch = [inbox.get()]
    try:
        while len(batch) < 2000:
            batch.append(inbox.get_nowait())
    except queue.Empty:
        pass
    rows: list[Row] = []
    for topic, payload in batch:
        said = json.loads(payload)
        rows += [(e["id"], topic, json.dumps(e)) for e in (said if isinstance(said, list) else [said])]
    return rows


def _commit(db: sqlite3.Connection, rows: list[Row]) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT OR IGNORE INTO event VALUES (?, ?, ?)", rows)
    db.execute("COMMIT")


def acknowledge(client: Client, rows: list[Row]) -> None:
    """One ack for each event, as a station waits for it."""
    for event_id, topic, _ in rows:
        ack = json.dumps({"accepted": [event_id], "refused": []})
        client.publish(topic.removesuffix("event") + "ack", ack, qos=1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
