"""The intake on a real broker: what it promises, what it refuses, and that nothing can stop it."""

import json
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from plant import wait_for
from service.station.shopfloor import Broker

from threenos_server.api import Keys
from threenos_server.chain import example, service
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.escalation.tables import StationPresence
from threenos_server.intake import main, receive
from threenos_server.intake.link import BrokerAddress
from threenos_server.intake.tables import Quarantined
from threenos_server.journal.tables import JournalRow
from threenos_wire.ids import new_id

KEYS = Keys(b"p" * 32, b"a" * 32)
SITE, STATION = "lakeside", "leak-1"
BASE = f"threenos/v1/{SITE}/{STATION}"


class Station:
    """A client of the broker, as the contract has it; `said` is what came on each topic, oldest first."""

    def __init__(self, port: int) -> None:
        self.said: dict[str, list[Any]] = {}
        self._ready = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, "a-station")
        self.client.username_pw_set("server", "server-secret")
        self.client.on_connect = lambda c, *_: c.subscribe("threenos/v1/#", 1)
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = lambda _c, _d, m: self.said.setdefault(m.topic, []).append(_decoded(m.payload))
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._ready.wait(10)

    def send(self, payload: bytes | list[Any] | dict[str, Any], topic: str = f"{BASE}/event") -> None:
        self.client.publish(topic, payload if isinstance(payload, bytes) else json.dumps(payload), qos=1)

    def acks(self, base: str = BASE) -> dict[str | None, str]:
        """Each id that was answered: `accepted`, or why not."""
        found: dict[str | None, str] = {}
        for ack in self.said.get(f"{base}/ack", []):
            found |= dict.fromkeys(ack["accepted"], "accepted")
            found |= {r["id"]: r["reason"] for r in ack["refused"]}
        return found

    def answer(self, event: dict[str, Any]) -> str:
        """What became of an event; it is sent again each second, as a station does until it is answered.

        What was on its way to an intake that has just left a shared subscription is lost: only the ack is a promise.
        """
        sent_at = monotonic()

        def answered() -> str | None:
            nonlocal sent_at
            if monotonic() - sent_at > 1:
                sent_at = monotonic()
                self.send(event)
            return self.acks().get(event["id"])

        return wait_for(f"an ack of {event['id']}", answered)


def _decoded(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def reject(seq: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "v": 1, "id": new_id(), "boot": new_id(), "seq": seq, "at": "2026-11-22T02:11:09.512Z", "age_ms": 5,
        "kind": "reject", "defect": "porosity",
    } | fields  # fmt: skip


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    started = Broker(tmp_path_factory.mktemp("intake") / "broker")
    started.start()
    yield started
    started.kill()


@pytest.fixture
def factory(db: Database) -> Database:
    """The database with the example factory in it."""
    with db.write() as session:
        service.import_chain(session, example.text(), "test", utc_now())
    return db


@pytest.fixture
def run(factory: Database, broker: Broker) -> Iterator[Callable[..., None]]:
    """Start an intake; it is stopped after the test."""
    stop, threads = threading.Event(), []

    def start(protocol: int | None = None) -> None:
        address = BrokerAddress("127.0.0.1", broker.port, "server", "server-secret", protocol=protocol)
        threads.append(threading.Thread(target=main.run, args=(factory, KEYS, address, stop), daemon=True))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def station(broker: Broker, run: Callable[..., None]) -> Iterator[Station]:
    """A station at a running intake, which it hears."""
    client = Station(broker.port)
    run()
    beats = f"threenos/v1/{SITE}/_server"
    old = len(client.said.get(beats, []))
    wait_for("a beat", lambda: len(client.said.get(beats, [])) > old)
    yield client
    client.client.disconnect()
    client.client.loop_stop()


def quarantined(db: Database) -> list[Quarantined]:
    with db.read() as session:
        found = list(session.scalars(sa.select(Quarantined).order_by(Quarantined.id)))
        session.expunge_all()
    return found


def rows_of(db: Database, *ids: str) -> int:
    with db.read() as session:
        query = sa.select(sa.func.count()).where(JournalRow.event_id.in_(ids))
        return int(session.scalar(query) or 0)


@pytest.mark.parametrize("protocol", [None, 4])
def test_a_press_is_recorded_and_then_acknowledged(
    factory: Database, broker: Broker, run: Callable[..., None], protocol: int | None
) -> None:
    """Over MQTT 5, which the broker has, and over 3.1.1: when the ack comes the row is there."""
    client = Station(broker.port)
    run(protocol)
    event = reject()

    def acknowledged() -> str | None:
        client.send(event)  # as a station does until it is answered
        return client.acks().get(event["id"])

    assert wait_for("an ack", acknowledged) == "accepted"
    assert rows_of(factory, event["id"]) == 1
    client.client.disconnect()
    client.client.loop_stop()


def test_a_poison_event_refuses_itself_only(factory: Database, station: Station) -> None:
    """Its neighbours in the array are recorded; what it was is kept, once, however often it comes."""
    good, bad, also_good = reject(), reject(kind="scold"), reject()
    for _ in range(3):
        station.send([good, bad, also_good, 7])
    assert station.answer(also_good) == "accepted"
    assert station.answer(good) == "accepted"
    assert station.answer(bad) == "schema"
    wait_for("three deliveries counted", lambda: [q.times for q in quarantined(factory)] == [3, 3])
    assert rows_of(factory, good["id"], also_good["id"]) == 2
    assert json.loads(quarantined(factory)[0].raw) == bad


def test_what_has_no_id_is_refused_without_one(factory: Database, station: Station) -> None:
    """Garbage is answered too, with `"id": null`, and the intake goes on."""
    station.send(b"\xff\xfe not JSON")
    wait_for("a refusal", lambda: station.acks().get(None) == "malformed")
    assert quarantined(factory)[0].raw == b"\xff\xfe not JSON"
    event = reject()
    station.send(event)
    assert station.answer(event) == "accepted"


def test_a_topic_of_nobody_is_kept_aside(factory: Database, station: Station) -> None:
    """A station of no chain is refused as unknown; an id that can be none is kept without an answer."""
    unknown, event = "threenos/v1/lakeside/ghost-1", reject()
    station.send(event, f"{unknown}/event")
    wait_for("a refusal", lambda: station.acks(unknown).get(event["id"]) == "unknown-station")
    station.send(event, "threenos/v1/LAKESIDE/ghost/event")
    wait_for("both aside", lambda: len(quarantined(factory)) == 2)
    assert rows_of(factory, event["id"]) == 0


def test_nothing_is_acknowledged_while_the_database_is_away(
    factory: Database, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch is kept and tried again; the ack comes after the commit that succeeded."""
    away, tries = threading.Event(), []
    take = receive.take

    def failing(*args: Any, **kwargs: Any) -> Any:
        tries.append(1)
        if not away.is_set():
            raise sa.exc.OperationalError("BEGIN", None, Exception("disk I/O error"))
        return take(*args, **kwargs)

    monkeypatch.setattr(receive, "take", failing)
    event = reject()
    station.send(event)
    wait_for("a second try", lambda: len(tries) >= 2)
    assert station.acks().get(event["id"]) is None
    assert rows_of(factory, event["id"]) == 0
    away.set()
    assert station.answer(event) == "accepted"
    assert rows_of(factory, event["id"]) == 1


def test_what_the_database_will_not_have_goes_alone(
    factory: Database, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that breaks is tried one by one: its poison is quarantined and refused, the rest is recorded."""
    take = receive.take

    def breaking(session: Any, site: str, arrivals: Any, *rest: Any) -> Any:
        if any(a.event.note == "poison" for a in arrivals):
            raise ValueError("the driver cannot encode this")
        return take(session, site, arrivals, *rest)

    monkeypatch.setattr(receive, "take", breaking)
    good, bad, also_good = reject(), reject(note="poison"), reject()
    station.send([good, bad, also_good])
    assert station.answer(bad) == "broken"
    assert (station.answer(good), station.answer(also_good)) == ("accepted", "accepted")
    assert [q.reason for q in quarantined(factory)] == ["broken"]


def test_a_station_is_told_its_setup_and_its_state(station: Station, broker: Broker) -> None:
    """Retained: what it shows, and its complaint with the three digits for the responder's phone."""
    setup = wait_for("a setup", lambda: station.said.get(f"{BASE}/setup"))[-1]
    assert [s["id"] for s in setup["suppliers"]] == ["washing"]
    assert setup["defects"]
    event = reject(supplier="washing")
    station.send(event)

    def shown() -> list[Any]:
        states = station.said.get(f"{BASE}/state", [])
        return [c for c in states[-1]["complaints"] if c["id"] == event["id"]] if states else []

    (card,) = wait_for("the complaint in the state", shown)
    assert (card["supplier"], card["state"], len(card["code"])) == ("washing", "open", 3)
    late = Station(broker.port)
    wait_for("the retained state", lambda: late.said.get(f"{BASE}/state"))
    late.client.disconnect()
    late.client.loop_stop()


def test_a_stop_is_told_to_every_station_of_its_line(station: Station) -> None:
    """The line's own topic, for lights and gateways, and the state of a neighbour who did not press."""
    stop = reject(kind="stop", defect=None)
    station.send(stop)
    line = f"threenos/v1/{SITE}/_line/housing"
    state = wait_for(
        "a stop on the line", lambda: [s for s in station.said.get(line, []) if s["complaint"] == stop["id"]]
    )
    assert state[-1]["state"] in ("stopped", "stop-pending")
    neighbour = f"threenos/v1/{SITE}/mill-1/state"
    wait_for("the neighbour told", lambda: station.said[neighbour][-1]["line"]["state"] == state[-1]["state"])


def test_presence_is_kept_and_nonsense_is_not(factory: Database, station: Station) -> None:
    """Who is there is written within a second or two; what is no presence changes nothing."""

    def present() -> int | None:
        # Again and again, since the beat that was waited for may be one that the broker kept of the intake before.
        station.send(b"\xff", f"{BASE}/presence")
        station.send({"online": True, "boot": new_id(), "version": "1", "outbox": 3}, f"{BASE}/presence")
        with factory.read() as session:
            return session.scalar(sa.select(StationPresence.outbox).where(StationPresence.station == STATION))

    assert wait_for("presence", present) == 3


def test_no_beat_is_sent_for_a_deaf_receiver(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a batch cannot be recorded the pulse stops, and the beats with it: every tablet shows NOT HEARD."""
    hold, hangs = threading.Event(), threading.Event()
    take = receive.take

    def hanging(*args: Any, **kwargs: Any) -> Any:
        hangs.set()
        hold.wait(30)
        return take(*args, **kwargs)

    monkeypatch.setattr(receive, "take", hanging)
    monkeypatch.setattr(main, "PULSE_S", 0.2)
    event = reject()
    wait_for("the receiver hangs", lambda: station.send(event) or hangs.wait(0.5))
    beats = station.said[f"threenos/v1/{SITE}/_server"]

    def silent() -> bool:
        before = len(beats)
        return not threading.Event().wait(2.5) and len(beats) == before

    try:
        assert wait_for("no beat for 2.5 s", silent)
    finally:
        hold.set()
    assert station.answer(event) == "accepted"
