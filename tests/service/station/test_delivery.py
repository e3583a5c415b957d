"""From the press to the server's word, through a real broker that is there or not."""

import json
import threading
from pathlib import Path

import pytest
from plant import free_port
from service.station.shopfloor import Broker, FakeServer, MakeAgent, until

from threenos_station import window
from threenos_station.connection import Connection
from threenos_station.settings import Server
from threenos_wire.events import MAX_EVENTS, MAX_MESSAGE_BYTES
from threenos_wire.ids import new_id


def test_a_press_is_recorded_and_leaves_the_outbox(server: FakeServer, make_agent: MakeAgent) -> None:
    """Live: no replay, a small age, seq 1, and the tablet sees it recorded."""
    agent = make_agent(server.port)
    event_id = agent.press("w2", "reject", {"defect": "scratch"})
    until(lambda: agent.document("w2").presses[0].recorded)
    event = server.recorded[event_id]
    assert (event["seq"], event["boot"], event["defect"]) == (1, agent.stations["w2"].boot, "scratch")
    assert event["age_ms"] < 10_000 and "replay" not in event
    assert agent.document("w2").outbox.waiting == 0


def test_presses_wait_for_a_broker_that_comes_later(broker: Broker, server: FakeServer, make_agent: MakeAgent) -> None:
    """In one array, in their order, each once; two stations of one agent do not mix."""
    broker.kill()
    agent = make_agent(broker.port, "w1", "w2")
    ids = [agent.press("w2", "reject", {"qty": n}) for n in range(1, 31)]
    other = agent.press("w1", "call", {"supplier": "maintenance"})
    assert agent.document("w2").outbox.waiting == 30
    broker.start()
    until(lambda: len(server.recorded) == 31)
    assert [e["id"] for e in server.receipts if e["station"] == "w2"][:30] == ids
    assert server.recorded[other]["station"] == "w1"
    until(lambda: agent.document("w2").outbox.waiting == 0)


def test_no_message_has_more_than_a_hundred_events_or_240_kib(
    broker: Broker, server: FakeServer, make_agent: MakeAgent
) -> None:
    """A backlog of small and of big events arrives whole."""
    broker.kill()
    agent = make_agent(broker.port)
    small = [agent.press("w2", "count", {"qty": 1}) for _ in range(120)]
    big = [agent.press("w2", "reject", {"serials": ["x" * 64] * 200}) for _ in range(20)]
    broker.start()
    until(lambda: len(server.recorded) == 140)
    assert set(server.recorded) == set(small + big)
    assert max(len(m) for m in server.messages) <= MAX_MESSAGE_BYTES
    assert max(len(json.loads(m)) for m in server.messages if m.startswith(b"[")) == MAX_EVENTS


def test_an_unanswered_event_goes_again_as_a_replay_with_the_same_id(
    server: FakeServer, make_agent: MakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker's own acknowledgement means nothing. (The five seconds themselves are tested with the window.)"""
    monkeypatch.setattr(window, "FIRST_WAIT_S", 1.0)
    server.acks = False
    agent = make_agent(server.port)
    until(lambda: agent.document("w2").server.heard)
    event_id = agent.press("w2", "stop")
    until(lambda: len(server.receipts) == 1)
    server.acks = True
    until(lambda: event_id in server.recorded, 12)
    first, again = server.receipts[0], server.receipts[-1]
    assert first["id"] == again["id"] and "replay" not in first and again["replay"] is True
    assert again["age_ms"] >= first["age_ms"] + 900


def test_a_refused_event_is_parked_where_the_tablet_sees_it(server: FakeServer, make_agent: MakeAgent) -> None:
    """And does not hold up the next one."""
    server.refuse["release"] = "brand-new-reason"
    agent = make_agent(server.port)
    event_id = agent.press("w2", "release", {"complaint": new_id()})
    good = agent.press("w2", "reject")
    parked = until(lambda: agent.document("w2").parked)
    assert [(p.event, p.reason, p.detail) for p in parked] == [(event_id, "brand-new-reason", "why")]
    until(lambda: good in server.recorded)


def test_the_server_that_comes_back_gets_everything_at_once(server: FakeServer, make_agent: MakeAgent) -> None:
    """Its first beat ends the waiting, not a timer."""
    server.acks = server.beats = False
    agent = make_agent(server.port)
    until(lambda: agent.document("w2").link.connected)
    event_id = agent.press("w2", "stop")
    until(lambda: server.receipts)
    server.acks = server.beats = True
    until(lambda: event_id in server.recorded, 3)
    assert agent.document("w2").server.heard


def test_what_an_intake_took_with_it_is_told_to_the_next_one(server: FakeServer, make_agent: MakeAgent) -> None:
    """One that is killed and started again at once is never NOT HEARD; its name in the beat tells it apart."""
    agent = make_agent(server.port)
    until(lambda: agent.document("w2").server.heard)
    server.acks = False
    event_id = agent.press("w2", "reject")
    until(lambda: server.receipts)
    server.acks, server.intake = True, "intake-2"
    until(lambda: event_id in server.recorded, 3)
    assert agent.document("w2").server.heard


def test_a_broker_that_takes_less_than_it_should_is_found_out(tmp_path: Path, make_agent: MakeAgent) -> None:
    """It ends the connection at a large array; smaller ones get through, on 3.1.1 which has no word for it."""
    broker = Broker(tmp_path / "small", "max_packet_size 20000")
    broker.start()
    server = FakeServer(broker.port)
    server.start()
    try:
        broker.kill()
        agent = make_agent(broker.port, server=Server(host="127.0.0.1", port=broker.port, protocol="3.1.1"))
        ids = [agent.press("w2", "reject", {"note": "n" * 1900}) for _ in range(30)]
        broker.start()
        until(lambda: len(server.recorded) == 30, 30)
        assert set(server.recorded) == set(ids)
    finally:
        server.stop()
        broker.kill()


def test_an_event_that_the_broker_can_never_carry_is_parked(tmp_path: Path, make_agent: MakeAgent) -> None:
    """MQTT 5 says how much the broker takes; what stands behind it gets through."""
    broker = Broker(tmp_path / "small", "max_packet_size 5000")
    broker.start()
    server = FakeServer(broker.port)
    server.start()
    try:
        agent = make_agent(broker.port, server=Server(host="127.0.0.1", port=broker.port, protocol="5"))
        big = agent.press("w2", "reject", {"serials": ["x" * 64] * 100})
        small = agent.press("w2", "stop")
        until(lambda: small in server.recorded)
        assert [(p.event, p.reason) for p in until(lambda: agent.document("w2").parked)] == [(big, "too-large")]
    finally:
        server.stop()
        broker.kill()


def test_what_cannot_be_understood_ends_nothing(server: FakeServer, make_agent: MakeAgent) -> None:
    """Bad acks and documents are named in the log, and the link goes on."""
    agent = make_agent(server.port)
    until(lambda: agent.document("w2").server.heard)
    for leaf, payload in (("ack", b"\xff{"), ("ack", b'{"accepted": 5}'), ("state", b"[1]"), ("setup", b"{")):
        server.publish("w2", leaf, payload, retain=False)
    event_id = agent.press("w2", "reject")
    until(lambda: event_id in server.recorded)
    assert agent.document("w2").state is None


# The second case ends the thread with what nothing catches, as a lack of memory would.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("ends", [RuntimeError, SystemExit])
def test_a_mistake_of_our_own_does_not_end_the_link(
    server: FakeServer, make_agent: MakeAgent, monkeypatch: pytest.MonkeyPatch, ends: type[BaseException]
) -> None:
    """An exception costs one connection; a thread that died all the same is started again."""
    agent = make_agent(server.port)
    until(lambda: agent.document("w2").server.heard)
    real, died = Connection.step, threading.Event()

    def die(*_: object) -> bool:
        monkeypatch.setattr(Connection, "step", real)
        died.set()
        raise ends("a mistake")

    monkeypatch.setattr(Connection, "step", die)
    until(died.is_set)
    event_id = agent.press("w2", "reject")
    until(lambda: event_id in server.recorded)
    assert agent.stations["w2"].link.alive


def test_a_refused_password_is_shown(broker: Broker, make_agent: MakeAgent) -> None:
    """And presses are saved all the same."""
    agent = make_agent(broker.port, "w9")
    agent.press("w9", "stop")
    problem = until(lambda: agent.document("w9").link.problem)
    assert (problem.code, agent.document("w9").outbox.waiting) == ("refused", 1)


def test_a_denied_topic_is_shown_on_mqtt_5(tmp_path: Path, make_agent: MakeAgent) -> None:
    """3.1.1 would call it a success."""
    broker = Broker(tmp_path / "broker")
    rules = tmp_path / "broker" / "acl"
    rules.write_text(rules.read_text().replace("pattern write threenos/v1/+/%u/event\n", ""), encoding="utf-8")
    broker.start()
    try:
        agent = make_agent(broker.port)
        agent.press("w2", "stop")
        problem = until(lambda: agent.document("w2").link.problem)
        assert problem.code == "not-authorized" and "Not authorized" in problem.detail
    finally:
        broker.kill()


def test_the_page_knows_why_there_is_no_connection(make_agent: MakeAgent) -> None:
    """Nobody listens on that port."""
    agent = make_agent(free_port())
    problem = until(lambda: agent.document("w2").link.problem)
    assert (problem.code, problem.detail) == ("no-connection", "Connection refused")
