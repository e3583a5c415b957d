"""The floor on PostgreSQL: what `floor.py` does on SQLite, as a member of a shared subscription.

Run as `python floor_postgresql.py HOST PORT URL`; it prints `ready` once it is subscribed and runs until it is killed.
"""

import json
import queue
import socket
import sys

import psycopg
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

Inbox = queue.SimpleQueue[tuple[str, bytes]]


def main(host: str, port: int, url: str) -> None:
    """Subscribe, and commit what queued up meanwhile."""
    inbox: Inbox = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    client.max_inflight_messages_set(1000)
    client.on_socket_open = lambda _c, _d, s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.on_message = lambda _c, _d, m: inbox.put((m.topic, m.payload))
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.on_connect = lambda c, *_: c.subscribe("$share/floor/threenos/v1/+/+/event", 1)
    client.connect(host, port)
    client.loop_start()
    with psycopg.connect(url) as db:
        while True:
            _commit(client, db, _drain(inbox))


def _drain(inbox: Inbox) -> list[tuple[str, bytes]]:
    batch = [inbox.get()]
    try:
        while len(batch) < 2000:
            batch.append(inbox.get_nowait())
    except queue.Empty:
        pass
    return batch


def _commit(client: Client, db: psycopg.Connection, batch: list[tuple[str, bytes]]) -> None:
    rows = []
    for topic, payload in batch:
        said = json.loads(payload)
        rows += [(e["id"], topic, json.dumps(e)) for e in (said if isinstance(said, list) else [said])]
    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO event VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", rows)
    db.commit()
    for event_id, topic, _ in rows:
        ack = json.dumps({"accepted": [event_id], "refused": []})
        client.publish(topic.removesuffix("event") + "ack", ack, qos=1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
