"""Two hosts' worth: two intakes share the events, two clocks the deadlines, two web workers the boards, on PostgreSQL.

One of the intakes and one of the clocks are killed while people press: nothing is lost, doubled or missed, and what is
told to boards and stations is what the database says.
"""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from chaos.factory import quick
from homes import PostgresqlHome
from hosts import Hosts, hosts
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from plant import wait_for
from service.gateway.conftest import Board

from threenos_server.access import Grant, Role
from threenos_server.board import service as board_service
from threenos_server.chain import example
from threenos_server.chain.service import current, import_chain
from threenos_server.clock import utc_now
from threenos_server.complaints.tables import WaitingEvent
from threenos_server.db import Database
from threenos_server.escalation.model import key_text
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.folds import FOLDS
from threenos_server.intake.state import state_of
from threenos_server.journal import service as journal
from threenos_server.journal.model import Head
from threenos_server.journal.rebuild import compare
from threenos_server.journal.verify import verify
from threenos_server.keys import load
from threenos_server.people import rosters, service, stations, tokens
from threenos_server.people.model import Duty
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant, parse_instant

SITE = "lakeside"
STATIONS = ("mill-1", "leak-1", "pump-1", "wind-1")
#: All that anybody presses, and how long a station waits for an ack before it says everything again.
ROUNDS, AGAIN_S = 50, 1.0


class Station(threading.Thread):
    """Presses, adds a detail to what it has just pressed, takes some back; says again what was not acknowledged."""

    def __init__(self, of: Hosts, station: str, password: str) -> None:
        super().__init__(name=station, daemon=True)
        self.pressed: list[str] = []
        self.details: list[str] = []
        self.refused: list[dict[str, Any]] = []
        self._base, self._boot, self._seq = f"threenos/v1/{SITE}/{station}", new_id(), 0
        self._waiting: dict[str, tuple[bytes, float]] = {}
        self._lock = threading.Lock()
        self._chance = random.Random(station)
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=station)
        self._client.username_pw_set(station, password)
        self._client.on_connect = lambda c, *_: c.subscribe(f"{self._base}/ack", 1)
        self._client.on_message = self._answered
        self._client.connect(of.where.host, of.where.port)
        self._client.loop_start()

    def run(self) -> None:
        for _ in range(ROUNDS):
            kind = self._chance.choice(["reject", "reject", "stop", "call"])
            self.pressed.append(self._say(kind=kind))
            # At once, so that it may be recorded by the other intake before what it is about.
            self.details.append(self._say(kind="detail", complaint=self.pressed[-1], note="seen"))
            if self._chance.random() < 0.2:
                self._say(kind="withdraw", complaint=self._chance.choice(self.pressed), reason="slip")
            self.say_again()
            threading.Event().wait(self._chance.uniform(0.05, 0.25))

    def say_again(self) -> int:
        """Repeat what has waited for too long; how much still waits."""
        now = monotonic()
        with self._lock:
            late = [(named, said) for named, (said, at) in self._waiting.items() if now - at > AGAIN_S]
            self._waiting |= {named: (said, now) for named, said in late}
            count = len(self._waiting)
        for _, said in late:
            self._client.publish(f"{self._base}/event", said, qos=1)
        return count

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _say(self, **what: Any) -> str:
        self._seq += 1
        event = {
            "v": 1, "id": new_id(), "boot": self._boot, "seq": self._seq, "at": format_instant(utc_now()), "age_ms": 0,
        } | what  # fmt: skip
        said = json.dumps(event).encode()
        with self._lock:
            self._waiting[event["id"]] = said, monotonic()
        self._client.publish(f"{self._base}/event", said, qos=1)
        return str(event["id"])

    def _answered(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        ack = json.loads(message.payload)
        with self._lock:
            self.refused += ack["refused"]
            for named in (*ack["accepted"], *(refusal["id"] for refusal in ack["refused"])):
                self._waiting.pop(named, None)


class Onlooker:
    """Hears what all stations are told: the newest of each topic, and how often each intake has said that it lives."""

    def __init__(self, of: Hosts) -> None:
        self.said: dict[str, dict[str, Any]] = {}
        self.hashes: dict[int, set[str]] = {}
        self.beats: Counter[str] = Counter()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="onlooker")
        self._client.username_pw_set(of.settings.mqtt_user, of.settings.mqtt_password)
        self._client.on_connect = lambda c, *_: c.subscribe(f"threenos/v1/{SITE}/#", 1)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", of.where.server_port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        leaf = message.topic.rpartition("/")[2]
        if leaf in ("event", "ack", "presence"):
            return
        self.said[message.topic] = document = json.loads(message.payload)
        if leaf == "_server":
            self.beats[document["intake"]] += 1
            self.hashes.setdefault(document["seq"], set()).add(document["hash"])


@pytest.fixture(scope="module")
def database(postgresql_home: PostgresqlHome) -> Iterator[Database]:
    """The example factory with limits of seconds, and people for every step of its ladders."""
    with postgresql_home.empty.copied() as db:
        with db.write() as session:
            import_chain(session, quick(example.text()), None, utc_now())
        with db.write() as session:
            for name, role in (
                ("leader", Role.TEAM_LEADER), ("supervisor", Role.SUPERVISOR), ("director", Role.DIRECTOR)
            ):  # fmt: skip
                person = service.add(session, name, utc_now(), grants=[Grant(role, SITE)])
                service.set_addresses(session, person.id, ["log:"])
                rosters.put(session, SITE, Duty("", person.id, role))
        yield db


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Iterator[tuple[Hosts, dict[str, str], str]]:
    """Running, with the passwords of the stations and the token of a board."""
    with database.write() as session:
        passwords = {s: stations.enroll(session, SITE, s, utc_now()).password for s in STATIONS}
        _, token = tokens.make(session, SITE, None, "wall", utc_now())
    with hosts(tmp_path / "hosts", database) as running:
        running.start("broker", "web", "intake-1", "intake-2", "clock-1", "clock-2")
        running.wait_until_ready()
        yield running, passwords, token


def test_an_intake_and_a_clock_are_killed_and_nothing_is_missed(two: tuple[Hosts, dict[str, str], str]) -> None:
    """0 lost, 0 doubled, 0 missed escalations; boards of both workers and the retained messages are true."""
    running, passwords, token = two
    onlooker = Onlooker(running)
    boards = [Board(running.http, token=token) for _ in range(6)]
    pressing = [Station(running, station, password) for station, password in passwords.items()]
    for station in pressing:
        station.start()
    wait_for("something is recorded", lambda: _rows(running.db) > 40, 30)
    for name in ("intake-1", "clock-1"):
        running.kill(name)
    before, beats = _rows(running.db), onlooker.beats.copy()
    wait_for("the others go on", lambda: _rows(running.db) > before + 60, 30)
    # One beat of the dead may have been on its way.
    wait_for("the server is heard all the while", lambda: max((onlooker.beats - beats).values(), default=0) > 1, 30)
    running.start("intake-1", "clock-1")
    for station in pressing:
        station.join(60)
    wait_for("everything is acknowledged", lambda: sum(s.say_again() for s in pressing) == 0, 30)
    wait_for("nothing is due or waits", lambda: _left(running.db) == 0, 30)
    _nothing_is_lost_or_twice(running.db, pressing)
    _every_deadline_was_fired_once(running.db)
    for board in boards:
        wait_for("the board is the database's", lambda board=board: _is_true(board, running.db), 10)
        assert board.holes == 0
    wait_for("the stations are told what is so", lambda: _untold(running, onlooker) == [], 15)
    assert all(len(hashes) == 1 for hashes in onlooker.hashes.values())
    for one in (*boards, *pressing, onlooker):
        one.close()


def _rows(db: Database) -> int:
    with db.read() as session:
        return journal.head(session, SITE).seq


def _left(db: Database) -> int:
    """Deadlines that are due and open, and events that wait for others."""
    due = sa.select(DeadlineRow).where(
        DeadlineRow.state == "open", DeadlineRow.due_at <= utc_now() + timedelta(seconds=5)
    )
    with db.read() as session:
        return sum(
            session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
            for query in (due, sa.select(WaitingEvent))
        )


def _nothing_is_lost_or_twice(db: Database, pressing: list[Station]) -> None:
    with db.write() as session:
        rows = list(journal.every(session, SITE))
        assert isinstance(verify(session, SITE), Head)
        assert compare(session, SITE, FOLDS) == []
    counts = Counter(row.event_id for row in rows if row.event_id)
    said = [named for station in pressing for named in (*station.pressed, *station.details)]
    assert [named for named in said if counts[named] != 1] == []
    assert set(counts.values()) == {1}
    # A complaint that was taken back may have been told a detail too late; nothing else is refused.
    refused = [r for station in pressing for r in station.refused]
    assert [r for r in refused if r["id"] in {p for s in pressing for p in s.pressed}] == []


def _every_deadline_was_fired_once(db: Database) -> None:
    """Nobody ever comes: of each complaint that was not taken back every limit and every step was fired, once."""
    with db.read() as session:
        rows = list(journal.every(session, SITE))
    due: dict[str, dict[str, datetime]] = {}
    fired: Counter[str] = Counter()
    for row in rows:
        then = row.body.get("then", {})
        for named, patch in then.get("complaints", {}).items():
            if named not in due:
                due[named] = _due(named, patch)
            elif patch.get("state") in ("withdrawn", "merged"):
                due[named] = {}
        fired.update(key for key, mark in then.get("deadlines", {}).items() if mark["state"] == "fired")
    assert [key for key, count in fired.items() if count != 1] == []
    missed = [key for keys in due.values() for key, at in keys.items() if at < rows[-1].at and not fired[key]]
    assert missed == []
    assert {key.split("/")[2] for key in fired} >= {"acknowledge", "ladder"}


def _due(named: str, opened: dict[str, Any]) -> dict[str, datetime]:
    """When each deadline of a complaint is due, by its name in the journal."""
    limits = {key_text(named, (1, clock, 0)): at for clock, at in opened["due"].items()}
    steps = {key_text(named, (1, "ladder", step["level"])): step["at"] for step in opened["ladder"]}
    return {key: parse_instant(at) for key, at in (limits | steps).items()}


def _is_true(board: Board, db: Database) -> bool:
    with db.read() as session:
        kept = board_service.snapshot(session, SITE, utc_now())
    return all(board.board[name] == kept[name] for name in ("lines", "stations", "complaints"))


def _untold(running: Hosts, onlooker: Onlooker) -> list[str]:
    """The stations and lines of whom something else is retained than what the database says."""
    key = load(running.settings.data).arrival
    wrong = []
    with running.db.read() as session:
        chain = current(session, SITE)
        for station in chain.stations:
            told = onlooker.said.get(f"threenos/v1/{SITE}/{station}/state", {})
            kept = json.loads(json.dumps(state_of(session, chain, station, 0, utc_now(), key, told.get("refused", []))))
            same = ("line", "complaints", "more")
            if any(told.get(name) != kept[name] for name in same):
                wrong.append(station)
        for line in chain.lines:
            status = msgspec.to_builtins(board_service.line_status(session, SITE, line))
            told = onlooker.said.get(f"threenos/v1/{SITE}/_line/{line}", {})
            if any(told.get(name) != status[name] for name in ("state", "complaint", "level")):
                wrong.append(line)
    return wrong
