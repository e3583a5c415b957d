"""The floor on PostgreSQL: what `floor.py` does on SQLite, as a member of a shared subscription.

Run as `python floor_postgresql.py HOST PORT URL`; it prints `ready` once it is subscribed and runs until it is killed.
"""

import sys

import psycopg
from floor import Row, acknowledge, drained, subscribed
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion


def main(host: str, port: int, url: str) -> None:
    """Subscribe, and commit what queued up meanwhile."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    inbox = subscribed(client, host, port, "$share/floor/threenos/v1/+/+/event")
    with psycopg.connect(url) as db:
        while True:
            rows = drained(inbox)
            _commit(db, rows)
            acknowledge(client, rows)


def _commit(db: psycopg.Connection, rows: list[Row]) -> None:
    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO event VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", rows)
    db.commit()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
