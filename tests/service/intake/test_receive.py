"""The receiver on a database, with the messages put into its hand: nothing that a station sends ends it."""

import json
import sqlite3
from collections.abc import Iterator
from threading import Event as Stop
from typing import Any

import pytest
import sqlalchemy as sa
from plant import beside, wait_for
from service.complaints.works import KEYS, SITE, START, begin
from service.db.failing import failing_begins

from threenos_server.db import Database
from threenos_server.escalation.tables import StationPresence
from threenos_server.intake import receive
from threenos_server.intake.inbox import Message
from threenos_server.intake.link import BrokerAddress, Link
from threenos_server.intake.receive import Receiver
from threenos_server.intake.tables import Quarantined
from threenos_wire.ids import new_id

HERE = f"threenos/v1/{SITE}/mill-1"


class Wire(Link):
    """A link without a broker: `say` is what came, `acks` what would have gone out."""

    def __init__(self) -> None:
        super().__init__(BrokerAddress("nowhere.invalid", 1))
        self.acks: list[dict[str, Any]] = []

    def say(self, topic: str, payload: bytes) -> None:
        self.inbox.put(Message(topic, payload, START))

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:  # noqa: ARG002 - Link's signature
        self.acks.append({"topic": topic} | json.loads(payload))

    def outcome(self, event_id: str) -> Any:
        """True when it was accepted, the reason when it was refused, None while nothing was said of it."""
        for ack in self.acks:
            if event_id in ack["accepted"]:
                return True
            for refusal in ack["refused"]:
                if refusal["id"] == event_id:
                    return refusal["reason"]
        return None


@pytest.fixture
def wire(either_db: Database) -> Iterator[Wire]:
    """A receiver that runs; it must still run when the test is over."""
    begin(either_db)
    wire, stop = Wire(), Stop()
    receiver = Receiver(either_db, KEYS, wire, lambda *_: None, lambda: START)
    with beside(lambda: receiver.run(stop), stop) as thread:
        yield wire
        assert thread.is_alive(), "the receiver ended"


def reject(**fields: Any) -> dict[str, Any]:
    return {
        "v": 1, "id": new_id(), "boot": new_id(), "seq": 1, "at": "2026-11-23T02:00:00.000Z", "age_ms": 0,
        "kind": "reject",
    } | fields  # fmt: skip


def taken(wire: Wire, said: dict[str, Any], topic: str = f"{HERE}/event") -> Any:
    wire.say(topic, json.dumps(said).encode())
    return wait_for("the event is answered", lambda: wire.outcome(said["id"]))


def test_an_instant_of_no_year_is_refused_and_the_next_press_taken(wire: Wire) -> None:
    """One such event must not end the process, again and again as its station sends it again."""
    assert taken(wire, reject(at="0001-01-01T00:00:00+14:00")) == "schema"
    assert taken(wire, reject()) is True


@pytest.mark.parametrize(
    "said",
    [
        b'{"online":true,"boot":"\xff","version":"1","outbox":0}',
        b'{"online":true,"boot":"b","version":"1\\u0000","outbox":0}',
        b'{"online":true,"boot":"b","version":"1","outbox":1234567890123456789012345}',
        b"",
    ],
    ids=["no-text", "nul", "huge", "empty"],
)
def test_no_presence_ends_the_receiver_or_silences_a_neighbour(wire: Wire, either_db: Database, said: bytes) -> None:
    """It is retained, so the broker would say it again to every receiver that begins."""
    wire.say(f"{HERE}/presence", said)
    wire.say(f"threenos/v1/{SITE}/pump-1/presence", b'{"online":true,"boot":"b","version":"1","outbox":0}')
    assert taken(wire, reject()) is True

    def present() -> list[str]:
        with either_db.read() as session:
            return list(session.scalars(sa.select(StationPresence.station)))

    assert "pump-1" in wait_for("presence is written", present)


def test_what_nobody_can_place_is_kept(wire: Wire, either_db: Database) -> None:
    """Of an unknown site, of an unknown station, and what is no event: refused, and in quarantine as it came."""
    elsewhere, ghost = reject(), reject()
    assert taken(wire, elsewhere, "threenos/v1/nowhere/mill-1/event") == "unknown-station"
    assert taken(wire, ghost, f"threenos/v1/{SITE}/ghost/event") == "unknown-station"
    wire.say(f"{HERE}/event", b"{")
    wait_for("it is answered", lambda: any(r["reason"] == "malformed" for a in wire.acks for r in a["refused"]))
    with either_db.read() as session:
        kept = session.execute(sa.select(Quarantined.site, Quarantined.station, Quarantined.raw)).all()
    assert [(k.site, k.station) for k in kept] == [("nowhere", "mill-1"), (SITE, "ghost"), (SITE, "mill-1")]
    assert json.loads(kept[0].raw)["id"] == elsewhere["id"]
    assert kept[2].raw == b"{"


def test_who_cannot_record_leaves_its_part_to_the_others(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database is away for longer; the first batch that is recorded takes part again."""
    parts: list[bool] = []
    away, take = Stop(), receive.take

    def failing(*args: Any, **kwargs: Any) -> Any:
        if not away.is_set():
            raise sa.exc.OperationalError("BEGIN", None, Exception("the network is down"))
        return take(*args, **kwargs)

    monkeypatch.setattr(receive, "take", failing)
    monkeypatch.setattr(receive, "LEAVE_AFTER_S", 0.0)
    monkeypatch.setattr(wire, "take_part", parts.append)
    said = reject()
    wire.say(f"{HERE}/event", json.dumps(said).encode())
    wait_for("it leaves", lambda: parts and parts[-1] is False)
    away.set()
    assert wait_for("the event is answered", lambda: wire.outcome(said["id"])) is True
    wait_for("it takes part again", lambda: parts[-1] is True)


def test_presences_are_written_in_one_order(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two intakes hear the same stations, each in its own order: they must not wait for each other's rows."""
    begin(db)
    written: list[str] = []
    monkeypatch.setattr(receive.presence, "heard", lambda _s, _site, station, *_: written.append(station))
    receiver = Receiver(db, KEYS, Wire(), lambda *_: None, lambda: START)
    said = b'{"online":true,"boot":"b","version":"1","outbox":0}'
    names = ("pump-1", "leak-1", "mill-1")
    receiver._decode([Message(f"threenos/v1/{SITE}/{name}/presence", said, START) for name in names])
    receiver._note_presence()
    assert written == sorted(names)


def test_a_disk_that_fails_for_a_moment_refuses_no_stop(sqlite_db: Database) -> None:
    """The batch is kept and recorded when the disk is well again, and a presence that it met is no end of the loop."""
    begin(sqlite_db)
    wire, stop = Wire(), Stop()
    receiver = Receiver(sqlite_db, KEYS, wire, lambda *_: None, lambda: START)
    with failing_begins(sqlite_db, *[sqlite3.SQLITE_IOERR_WRITE] * 2) as left:
        wire.say(f"{HERE}/presence", b'{"online":true,"boot":"b","version":"1","outbox":0}')
        receiver._decode(wire.inbox.take(0))
        receiver._note_presence()
        assert len(left) == 1
        with beside(lambda: receiver.run(stop), stop) as thread:
            assert taken(wire, reject(kind="stop")) is True
            assert thread.is_alive()
        assert left == []
    assert [ack["refused"] for ack in wire.acks] == [[]]
