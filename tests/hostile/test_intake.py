"""What the broker hands to the intake: whatever it is, it is refused by itself, kept, and delays nobody."""

import hashlib
import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hostile.corpus import messages
from hostile.wire import HERE, Wire, receiving
from plant import wait_for
from service.complaints.works import SITE, begin

from threenos_server.db import Database
from threenos_server.escalation.tables import StationPresence
from threenos_server.intake import quarantine, receive
from threenos_server.intake.tables import Quarantined
from threenos_server.journal.tables import JournalRow


@pytest.fixture
def wire(either_db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """On either database; it ends as soon as the test does."""
    monkeypatch.setattr(receive, "IDLE_S", 0.05)
    begin(either_db)
    with receiving(either_db) as wire:
        yield wire


def kept(db: Database) -> list[Quarantined]:
    with db.read() as session:
        found = list(session.scalars(sa.select(Quarantined).order_by(Quarantined.id)))
        session.expunge_all()
    return found


def test_every_payload_is_refused_and_kept_and_delays_nobody(wire: Wire, either_db: Database) -> None:
    """Alone, and in an array between two presses, which are recorded; the quarantine shows each as it came."""
    for i, raw in enumerate(messages.PAYLOADS.values()):
        wire.say(raw)
        if i % 8 == 0:
            wire.press()
    wire.press()
    assert wire.refusals == len(messages.PAYLOADS)
    here = f"{HERE}/event".encode()
    wanted = {hashlib.sha256(here + b"\n" + raw).hexdigest() for raw in messages.PAYLOADS.values()}
    assert {row.digest for row in kept(either_db)} == wanted
    within = [raw for raw in messages.PAYLOADS.values() if raw[:1] == b"{" and raw[-1:] == b"}"]
    presses = [messages.event() for _ in range(2 * len(within))]
    for i, raw in enumerate(within):
        before, after = (json.dumps(event).encode() for event in presses[2 * i : 2 * i + 2])
        wire.say(b"[" + before + b"," + raw + b"," + after + b"]")
    wait_for("all presses are recorded", lambda: all(wire.acks.get(p["id"]) == "accepted" for p in presses))


def test_no_topic_is_taken_for_a_stations(wire: Wire, either_db: Database) -> None:
    """Kept aside without an answer, whatever it is called; nothing of it is recorded."""
    event = json.dumps(messages.event()).encode()
    for topic in messages.TOPICS.values():
        wire.say(event, topic)
    wire.press()
    assert {row.topic for row in kept(either_db)} == {topic[:500] for topic in messages.TOPICS.values()}
    assert all(row.station is None for row in kept(either_db))


def test_no_presence_is_believed_for_more_than_it_is(wire: Wire, either_db: Database) -> None:
    """Nonsense changes nothing, and a site that is not here has no stations, however many are named."""
    for raw in messages.PRESENCES.values():
        wire.say(raw, f"{HERE}/presence")
    good = b'{"online":true,"boot":"b","version":"1","outbox":3}'
    for i in range(50):
        wire.say(good, f"threenos/v1/elsewhere-{i}/mill-1/presence")
    wire.say(good, f"threenos/v1/{SITE}/pump-1/presence")

    def present() -> list[tuple[str, str]]:
        with either_db.read() as session:
            rows = session.execute(sa.select(StationPresence.site, StationPresence.station))
            return sorted((site, station) for site, station in rows)

    wait_for("presence is written", lambda: (SITE, "pump-1") in present())
    assert present() == [(SITE, "mill-1"), (SITE, "pump-1")]


def test_a_station_cannot_fill_the_disk_with_nonsense(
    wire: Wire, either_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a station that speaks different nonsense without end the first pieces are kept, and the rest is counted."""
    monkeypatch.setattr(quarantine, "ROOM", 5)
    for i in range(40):
        wire.say(b'{"n":%d' % i)
    wire.say(b"{", f"threenos/v1/{SITE}/pump-1/event")
    wire.press()
    assert wire.refusals == 41
    mine = [row for row in kept(either_db) if row.station == "mill-1"]
    assert len(mine) == 6 and sum(row.times for row in mine) == 40
    assert "counts the rest" in max(mine, key=lambda row: row.times).detail
    assert [row.raw for row in kept(either_db) if row.station == "pump-1"] == [b"{"]


def test_nobody_is_recorded_under_no_name(wire: Wire, either_db: Database) -> None:
    """No event stands in the journal without an id, though its own looked like one up to its last character."""
    wire.say(messages.PAYLOADS["an id with a line break"])
    wire.press()
    with either_db.read() as session:
        nameless = sa.select(sa.func.count()).where(JournalRow.kind == "reject", JournalRow.event_id.is_(None))
        assert session.scalar(nameless) == 0
