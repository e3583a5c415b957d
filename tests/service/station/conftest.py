"""A broker, a server and agents for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service.station.shopfloor import SITE, Broker, FakeServer, MakeAgent, Process, StartAgent, until

from threenos_station import hearing, inputs, link
from threenos_station.agent import Agent
from threenos_station.settings import Page, Server, Settings, StationEntry


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter waits for agents in this process; the real ones are tested without a network, and by agents apart."""
    monkeypatch.setattr(link, "SHORTEST_S", 0.1)
    monkeypatch.setattr(link, "LONGEST_S", 0.3)
    monkeypatch.setattr(inputs, "RESTART_S", 0.2)
    monkeypatch.setattr(hearing, "SILENCE_S", 1.0)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Running."""
    broker = Broker(tmp_path / "broker")
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def server(broker: Broker) -> Iterator[FakeServer]:
    """Connected to the broker, beating and acknowledging."""
    server = FakeServer(broker.port)
    server.start()
    until(server.client.is_connected)
    yield server
    server.stop()


@pytest.fixture
def make_agent(tmp_path: Path) -> Iterator[MakeAgent]:
    """Starts agents of station w2 (or others); stopped at the end when the test has not done it."""
    made: list[Agent] = []

    def make(port: int, *stations: str, data: str = "data", page: Page | None = None, **more: Any) -> Agent:
        server = more.pop("server", None) or Server(host="127.0.0.1", port=port)
        entries = [StationEntry(id=s, site=SITE, username=s, password=f"{s}-secret") for s in stations or ("w2",)]
        page = page or Page(enabled=False)
        agent = Agent(Settings(server=server, station=entries, page=page, data=str(tmp_path / data), **more))
        agent.start()
        made.append(agent)
        return agent

    yield make
    for agent in made:
        if not agent.stopped:
            agent.stop()


@pytest.fixture
def start_agent() -> Iterator[StartAgent]:
    """Starts `threenos-station run` as a real process; whatever still runs is killed at the end."""
    started: list[Process] = []

    def start(config: Path) -> Process:
        started.append(Process(config))
        return started[-1]

    yield start
    for process in started:
        process.kill()
