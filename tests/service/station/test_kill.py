"""The agent is killed between presses: what it said was saved is recorded, once."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from service.station.shopfloor import Broker, FakeServer, StartAgent, until, write_config


@pytest.mark.parametrize("seed", [1, 2])
def test_every_saved_press_is_recorded_once(
    broker: Broker, server: FakeServer, tmp_path: Path, seed: int, start_agent: StartAgent
) -> None:
    """kill -9 at random moments, with the broker gone half of the time; each boot keeps its numbers."""
    rng, config, saved = random.Random(seed), write_config(tmp_path, broker.port), []
    for round_ in range(4):
        agent = start_agent(config)
        if round_ % 2:
            broker.kill()
        for n in range(rng.randint(1, 12)):
            saved.append(agent.press(kind="reject", defect="scratch", qty=n + 1))
        agent.kill()
        if round_ % 2:
            broker.start()
    agent = start_agent(config)
    until(lambda: set(saved) <= set(server.recorded), 20)
    agent.kill()
    assert set(server.recorded) == set(saved), "nothing that was not pressed"
    by_boot: dict[str, list[int]] = {}
    for event in server.recorded.values():
        by_boot.setdefault(event["boot"], []).append(event["seq"])
    assert all(sorted(seqs) == list(range(1, len(seqs) + 1)) for seqs in by_boot.values())
    assert len(by_boot) == 4


def test_the_will_speaks_for_a_killed_agent(
    broker: Broker, server: FakeServer, tmp_path: Path, start_agent: StartAgent
) -> None:
    """The server learns that the station is gone."""
    agent = start_agent(write_config(tmp_path, broker.port))
    until(lambda: [p for p in server.presence if p["online"]])
    agent.kill()
    assert until(lambda: [p for p in server.presence if not p["online"]])[0]["station"] == "w2"


def test_a_restart_of_the_agent_still_knows_how_old_a_press_is(
    broker: Broker, server: FakeServer, tmp_path: Path, start_agent: StartAgent
) -> None:
    """The machine ran on: the age goes on counting, and the earlier boot keeps its own seq."""
    broker.kill()
    config = write_config(tmp_path, broker.port)
    first = start_agent(config)
    event_id = first.press(kind="stop", age_ms=60_000)
    first.kill()
    second = start_agent(config)
    later = second.press(kind="reject")
    broker.start()
    until(lambda: {event_id, later} <= set(server.recorded))
    second.kill()
    old, new = server.recorded[event_id], server.recorded[later]
    assert 60_000 <= old["age_ms"] < 600_000 and old["replay"] is True
    assert (old["seq"], new["seq"]) == (1, 1) and old["boot"] != new["boot"]
    assert [r["id"] for r in server.receipts][:2] == [event_id, later]


def test_two_agents_on_one_folder_are_refused(broker: Broker, tmp_path: Path, start_agent: StartAgent) -> None:
    """They would throw each other off the broker for ever."""
    config = write_config(tmp_path, broker.port)
    agent = start_agent(config)
    command = [sys.executable, "-m", "threenos_station.cli", "run", "--config", str(config)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    agent.kill()
    assert second.returncode == 1 and "another agent" in second.stderr


def test_a_power_cut_leaves_the_age_unknown(
    broker: Broker, server: FakeServer, tmp_path: Path, start_agent: StartAgent
) -> None:
    """Another run of the machine: nobody knows how long it was off, so the age is null and `at` is left."""
    import sqlite3

    broker.kill()
    config = write_config(tmp_path, broker.port)
    agent = start_agent(config)
    event_id = agent.press(kind="stop")
    agent.kill()
    with sqlite3.connect(tmp_path / "data" / "station.db") as db:
        db.execute("UPDATE events SET scope = 'the run before the power cut'")
    db.close()
    broker.start()
    agent = start_agent(config)
    until(lambda: event_id in server.recorded)
    agent.kill()
    assert server.recorded[event_id]["age_ms"] is None and server.recorded[event_id]["replay"] is True
