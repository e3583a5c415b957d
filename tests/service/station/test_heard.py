"""Whether the server hears us, and what the server knows of us."""

import pytest
from service.station.shopfloor import Broker, FakeServer, MakeAgent, until

from threenos_station.kept import heads


def test_not_heard_comes_and_goes_with_the_beats(server: FakeServer, make_agent: MakeAgent) -> None:
    """Connected all the while: a broker without a server hears nobody."""
    agent = make_agent(server.port)
    until(lambda: agent.document("w2").server.heard)
    server.beats = False
    until(lambda: not agent.document("w2").server.heard, 7)
    silent = agent.document("w2")
    assert silent.link.connected and silent.server.since is not None
    server.beats = True
    until(lambda: agent.document("w2").server.heard, 2)


@pytest.mark.usefixtures("server")
def test_a_broker_that_dies_is_not_heard_at_once(broker: Broker, make_agent: MakeAgent) -> None:
    """And is heard again when it comes back."""
    agent = make_agent(broker.port)
    until(lambda: agent.document("w2").server.heard)
    broker.kill()
    until(lambda: not agent.document("w2").server.heard, 2)
    assert not agent.document("w2").link.connected
    broker.start()
    until(lambda: agent.document("w2").server.heard)


def test_the_tablet_is_told_the_servers_clock_while_it_is_heard(server: FakeServer, make_agent: MakeAgent) -> None:
    """Carried on from the last beat, so that deadlines are not judged by the tablet's own clock."""
    agent = make_agent(server.port)
    until(lambda: agent.document("w2").server.heard)
    first = agent.document("w2").server.at
    assert first is not None and first.startswith("2026-11-22T02:1")  # what the server's beats say it is
    until(lambda: (agent.document("w2").server.at or "") > first)
    server.beats = False
    until(lambda: not agent.document("w2").server.heard, 7)
    assert agent.document("w2").server.at is None


def test_presence_says_who_is_there_and_the_end_of_it(server: FakeServer, make_agent: MakeAgent) -> None:
    """Retained, with the boot and the depth of the outbox; a clean stop says goodbye itself."""
    server.acks = False
    agent = make_agent(server.port)
    online = until(lambda: server.presence)[-1]
    assert online["online"] and online["boot"] == agent.stations["w2"].boot and online["outbox"] == 0
    agent.stop()
    assert until(lambda: [p for p in server.presence if not p["online"]])[0]["boot"] == online["boot"]


def test_state_and_setup_reach_the_tablet_and_survive_a_restart_without_a_network(
    broker: Broker, server: FakeServer, make_agent: MakeAgent
) -> None:
    """Retained by the broker, kept by the agent."""
    server.publish("w2", "setup", {"v": 1, "chain": 3})
    server.publish("w2", "state", {"v": 1, "line": {"state": "stopped"}})
    agent = make_agent(broker.port)
    until(lambda: agent.document("w2").setup and agent.document("w2").state)
    agent.stop()
    broker.kill()
    agent = make_agent(broker.port)
    document = agent.document("w2")
    assert bytes(document.setup or b"") == b'{"v":1,"chain":3}' and not document.server.heard


def test_every_tablet_is_a_witness_of_the_journal(server: FakeServer, make_agent: MakeAgent) -> None:
    """What it heard last is on its disk when it stops."""
    agent = make_agent(server.port)
    until(lambda: agent.document("w2").server.heard)
    agent.stop()
    again = make_agent(server.port)
    known = heads(again.store)
    assert known and all(h["hash"] == f"{h['seq']:064x}" and h["site"] == "plant" for h in known)
