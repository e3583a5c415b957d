"""The station's disk takes nothing any more, while the agent runs."""

import json
import resource
import urllib.error
from pathlib import Path

import pytest
from service.station.shopfloor import Broker, FakeServer, Process, StartAgent, until, write_config


def _may_write(agent: Process, size: int) -> None:
    """Files of the agent may grow to that size and no further; what is more fails as on a full disk."""
    _, hard = resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def test_a_full_disk_is_told_at_once_and_is_over_by_itself(
    broker: Broker, server: FakeServer, tmp_path: Path, start_agent: StartAgent
) -> None:
    """NOT SAVED on the tablet, nothing half done; with room again the next press is saved, without a restart."""
    agent = start_agent(write_config(tmp_path, broker.port))
    before = agent.press(kind="reject")
    until(lambda: before in server.recorded)
    _may_write(agent, 0)
    for _ in range(3):
        with pytest.raises(urllib.error.HTTPError) as refused:
            agent.press(kind="stop")
        with refused.value as answer:
            assert (answer.code, json.load(answer)["code"]) == (507, "disk")
    _may_write(agent, resource.RLIM_INFINITY)
    after = agent.press(kind="stop")
    until(lambda: after in server.recorded)
    assert set(server.recorded) == {before, after}
    assert server.recorded[after]["seq"] == server.recorded[before]["seq"] + 1
