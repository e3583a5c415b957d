"""How much one and two intakes take on a PostgreSQL that waits for its disk, each beside the bare parts on the same.

All events are of one site, whose rows are written one transaction after the other: a second intake decodes, decides and
waits for the network meanwhile, and is there when the first is not.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import broker
import psycopg
from figures import Figure
from homes import PostgresqlHome
from hosts import Hosts, hosts
from intake import Place, press
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from plant import next_line, postgres_cluster, wait_for

from threenos_server import beats
from threenos_server.chain import example
from threenos_server.chain import service as chains
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.people import stations as people
from threenos_wire.topics import server_beat

SITE, STATIONS = "lakeside", 20
SINGLES, ARRAYS = 20_000, 60_000
COUNTS = {1: "one intake", 2: "two intakes"}


def run(directory: Path) -> Iterator[Figure]:
    """One, then two; ours and the floor."""
    with postgres_cluster(durable=True) as url:
        home = PostgresqlHome(url)
        for count in COUNTS:
            with _ours(directory / f"ours-{count}", home, count) as place:
                yield from _throughput(place, directory / f"pressed-{count}", count)
            with _floor(directory / f"floor-{count}", home.bare(), count, place) as bare:
                yield from _throughput(bare, directory / f"bare-{count}", count)


def _throughput(place: Place, directory: Path, intakes: int) -> Iterator[Figure]:
    """Durable and acknowledged events a second, generator, broker and database on the same cores."""
    for what, events, array in (("single events", SINGLES, 1), ("events in arrays of 100", ARRAYS, 100)):
        seen = press(place, directory / f"{array}", example.chain(), events, array, None)
        speed = seen["acked"] / seen["seconds"]
        yield Figure(f"{what}, {COUNTS[intakes]}, PostgreSQL", place.name, speed, "events/s")


@contextmanager
def _ours(directory: Path, home: PostgresqlHome, intakes: int) -> Iterator[Place]:
    with home.empty.copied() as db:
        with db.write() as session:
            chains.import_chain(session, example.text(), "bench", utc_now())
        with db.write() as session:
            ids = sorted(example.chain().stations)[:STATIONS]
            made = [people.enroll(session, SITE, station, utc_now()) for station in ids]
        enrolled = [{"station": m.station, "site": m.site, "username": m.station, "password": m.password} for m in made]
        with hosts(directory, db, intakes=intakes, clocks=1) as running:
            running.start("broker", "clock-1", *(f"intake-{n}" for n in range(1, intakes + 1)))
            with _named(running) as names:
                wait_for("all of them beat", lambda: len(names) >= intakes and not _silent(db), 60)
            yield Place("ours", running.where.host, running.where.port, enrolled)


@contextmanager
def _named(running: Hosts) -> Iterator[set[str]]:
    """The intakes that are heard: each says its name with its beats, by the connection on which it has subscribed."""
    names: set[str] = set()
    client = Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(running.settings.mqtt_user, running.settings.mqtt_password)
    client.on_connect = lambda c, *_: c.subscribe(server_beat(SITE))
    client.on_message = lambda _c, _d, message: names.add(json.loads(message.payload)["intake"])
    client.connect("127.0.0.1", running.where.server_port)
    client.loop_start()
    try:
        yield names
    finally:
        client.disconnect()
        client.loop_stop()


def _silent(db: Database) -> bool:
    with db.read() as session:
        return bool(beats.silent(session, ["intake", "clock"], utc_now()))


@contextmanager
def _floor(directory: Path, url: str, members: int, like: Place) -> Iterator[Place]:
    """Bare members of a shared subscription, on a broker of their own and a database of their own."""
    directory.mkdir()
    with psycopg.connect(url) as db:
        db.execute("CREATE TABLE event (id text PRIMARY KEY, topic text, body text)")
    with broker.mosquitto(directory) as port:
        command = [sys.executable, Path(__file__).with_name("floor_postgresql.py"), "127.0.0.1", str(port), url]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(members)]
        try:
            for one in running:
                next_line(one)
            yield Place("floor", "127.0.0.1", port, [{**s, "password": None} for s in like.stations])
        finally:
            for one in running:
                one.kill()
                one.wait()
