"""The outbox on a real disk: what it says is saved, is saved."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from plant import at_once

from threenos_station import outbox as outbox_module
from threenos_station.errors import IdReused, NotSaved
from threenos_station.kept import Kept, heads
from threenos_station.outbox import Outbox, Refusal, new_boot
from threenos_station.press import compose
from threenos_station.store import Store, set_aside_if_broken
from threenos_station.ticks import MachineClock
from threenos_wire.ids import new_id

CLOCK = MachineClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "station.db")
    yield store
    store.close()


def press(outbox: Outbox, boot: str, kind: str = "reject", station: str = "w2") -> str:
    made = compose({"kind": kind, "defect": "scratch"}, CLOCK)
    outbox.append(station, boot, made)
    return made.id


def test_a_disk_that_does_not_keep_its_word_is_refused() -> None:
    """The settings are read back: a store that is not WAL and FULL does not open."""
    with pytest.raises(NotSaved, match="not WAL and FULL"):
        Store(Path(":memory:"))


def test_an_appended_event_is_there_for_another_process(store: Store, tmp_path: Path) -> None:
    """Committed before `append` returns."""
    event_id = press(Outbox(store), new_boot())
    with sqlite3.connect(tmp_path / "station.db") as other:
        assert other.execute("SELECT id, state FROM events").fetchall() == [(event_id, "waiting")]
    other.close()


def test_sequence_numbers_count_from_one_in_each_boot(store: Store) -> None:
    """Without a hole, also when earlier events have left already."""
    outbox, boots = Outbox(store), [new_boot(), new_boot()]
    for n, boot in enumerate([boots[0], boots[0], boots[1], boots[0]]):
        event_id = press(outbox, boot)
        if n == 1:
            outbox.accepted("w2", [event_id])
    assert [(r.boot, r.seq) for r in outbox.waiting("w2", 0, 9)] == [(boots[0], 1), (boots[1], 1), (boots[0], 3)]


def test_an_event_leaves_only_by_the_answer_for_its_own_station(store: Store) -> None:
    """An ack on another station's topic says nothing about it."""
    outbox = Outbox(store)
    event_id = press(outbox, new_boot())
    assert outbox.accepted("w1", [event_id]) == 0
    assert outbox.accepted("w2", [event_id, new_id(), event_id]) == 1
    assert outbox.depth("w2").waiting == 0 and outbox.fate(event_id).recorded


def test_a_refused_event_is_parked_with_its_reason_and_can_wait_again(store: Store) -> None:
    """Nothing is given up unless somebody says so."""
    outbox = Outbox(store)
    event_id = press(outbox, new_boot())
    outbox.refused("w2", [Refusal(event_id, "unknown-station", "w2?"), Refusal(None, "malformed")])
    assert [(r.id, r.reason, r.detail) for r in outbox.parked("w2")] == [(event_id, "unknown-station", "w2?")]
    assert outbox.waiting("w2", 0, 9) == []
    assert outbox.retry("w2", event_id) == 1 and len(outbox.waiting("w2", 0, 9)) == 1
    assert outbox.discard("w2", None) == 0  # what waits cannot be discarded
    outbox.refused("w2", [Refusal(event_id, "unknown-station")])
    assert outbox.discard("w2", None) == 1 and outbox.fate(event_id).reason == "discarded"


def test_a_tablet_that_asks_again_does_not_press_twice(store: Store) -> None:
    """Neither while the event waits nor after it was recorded; another press under its id is refused."""
    outbox, boot = Outbox(store), new_boot()
    fields = {"kind": "stop", "id": new_id()}
    assert outbox.append("w2", boot, compose(fields, CLOCK))
    assert not outbox.append("w2", boot, compose(fields | {"age_ms": 900}, CLOCK))
    outbox.accepted("w2", [fields["id"]])
    assert not outbox.append("w2", boot, compose(fields, CLOCK))
    with pytest.raises(IdReused):
        outbox.append("w2", boot, compose(fields | {"note": "other"}, CLOCK))
    with pytest.raises(IdReused):
        outbox.append("w1", boot, compose(fields, CLOCK))


def test_recorded_presses_stay_in_the_list_and_old_ones_are_forgotten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tablet shows what became of its last presses, also after a restart."""
    monkeypatch.setattr(outbox_module, "REMEMBERED", 3)
    outbox, boot = Outbox(store), new_boot()
    ids = [press(outbox, boot) for _ in range(6)]
    outbox.accepted("w2", ids[:5])
    assert [(p.id, p.recorded, p.defect) for p in outbox.recent("w2", 2)] == [
        (ids[5], False, "scratch"),
        (ids[4], True, "scratch"),
    ]
    assert len(outbox.recent("w2", 20)) == 4


def test_a_full_disk_is_told_and_nothing_is_half_saved(store: Store) -> None:
    """Whoever pressed hears at once that it was not saved; when there is room again, the count has no hole."""
    outbox, boot = Outbox(store), new_boot()
    press(outbox, boot)
    pages = store.read("PRAGMA page_count")[0][0]
    store.read(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NotSaved, match="full"):
        for _ in range(200):
            press(outbox, boot)
    saved = outbox.depth("w2").waiting
    store.read("PRAGMA max_page_count = 1000000")
    press(outbox, boot)
    assert [r.seq for r in outbox.waiting("w2", 0, 999)] == list(range(1, saved + 2))


def test_twenty_threads_press_at_once(store: Store) -> None:
    """Each gets its own number."""
    outbox, boot = Outbox(store), new_boot()
    at_once(*[lambda: [press(outbox, boot) for _ in range(10)]] * 20)
    assert [r.seq for r in outbox.waiting("w2", 0, 999)] == list(range(1, 201))


def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    """A station whose disk lied to it can still raise an alarm, and nothing is thrown away."""
    path = tmp_path / "station.db"
    path.write_bytes(b"no database at all" * 1000)
    aside = set_aside_if_broken(path)
    assert aside is not None and aside.read_bytes().startswith(b"no database")
    store = Store(path)
    press(Outbox(store), new_boot())
    store.close()
    assert set_aside_if_broken(path) is None and path.exists()


def test_what_another_process_writes_is_noticed(store: Store, tmp_path: Path) -> None:
    """`threenos-station press` beside a running agent."""
    assert not store.changed_by_others()
    other = Store(tmp_path / "station.db")
    press(Outbox(other), new_boot())
    other.close()
    assert store.changed_by_others() and not store.changed_by_others()


def test_the_witness_keeps_one_head_an_hour_and_the_last(store: Store) -> None:
    """Enough to hold against a journal that was rewritten later."""
    kept = Kept(store)
    for hour, minute, seq in ((1, 0, 10), (1, 30, 11), (2, 0, 12), (2, 1, 13), (2, 2, 13)):
        beat = f'{{"at": "2026-11-22T{hour:02d}:{minute:02d}:00.000Z", "seq": {seq}, "hash": "h{seq}"}}'
        kept.witness("plant", beat.encode())
    kept.save()
    assert [(h["site"], h["seq"], h["hash"]) for h in heads(store)] == [
        ("plant", 10, "h10"), ("plant", 12, "h12"), ("plant", 13, "h13"),
    ]  # fmt: skip


def test_setup_and_state_survive_a_restart_and_can_be_cleared(store: Store) -> None:
    """After a power cut without a network the tablet still has its defect tiles."""
    kept = Kept(store)
    kept.keep("w2", "setup", b'{"v": 1,\n "chain": 3}')
    kept.save()
    assert Kept(store).document("w2", "setup") == b'{"v":1,"chain":3}'
    with pytest.raises(ValueError, match="no JSON object"):
        kept.keep("w2", "setup", b"[]")
    kept.keep("w2", "setup", b"")
    kept.save()
    assert Kept(store).document("w2", "setup") is None
