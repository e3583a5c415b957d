"""What a broker drops is said aloud: in our log with its cause, and as a metric."""

import json
import threading
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from plant import wait_for
from service.station.shopfloor import Broker
from structlog.testing import capture_logs

from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.gauges import Gauges
from threenos_server.intake.link import BrokerAddress, Link
from threenos_server.intake.tally import Tally

TOPIC = "threenos/v1/plant/_line/l1"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A mosquitto that keeps two messages for who is away, and says each second how it stands."""
    broker = Broker(tmp_path / "broker", "sys_interval 1\nmax_queued_messages 2\nmax_inflight_messages 1")
    (tmp_path / "broker" / "acl").write_text("user server\ntopic readwrite threenos/v1/#\ntopic read $SYS/#\n")
    broker.start()
    yield broker
    broker.kill()


def client(broker: Broker, name: str, keep: bool = False) -> Client:
    """A connected client; `keep`: the broker keeps its queue when it goes."""
    made = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTv5)
    made.username_pw_set("server", "server-secret")
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 600 if keep else 0
    made.connect("127.0.0.1", broker.port, properties=properties)
    made.loop_start()
    wait_for("it is connected", made.is_connected)
    return made


def warnings(said: Sequence[MutableMapping[str, Any]]) -> list[MutableMapping[str, Any]]:
    return [entry for entry in said if entry["event"] == "the broker dropped messages"]


def test_messages_that_the_broker_drops_are_a_warning_and_a_metric(broker: Broker, db: Database) -> None:
    """The warning says how many and why; the metric is what Prometheus and `threenos doctor` read."""
    tally = Tally()
    link = Link(BrokerAddress("127.0.0.1", broker.port, "server", "server-secret"))
    link.on_broker_dropped = tally.broker_dropped
    with capture_logs() as said:
        link.start()
        away = client(broker, "gateway", keep=True)
        subscribed = threading.Event()
        away.on_subscribe = lambda *_: subscribed.set()
        away.subscribe(TOPIC, 1)
        assert subscribed.wait(10)
        away.disconnect()
        away.loop_stop()
        loud = client(broker, "loud")
        for n in range(9):
            loud.publish(TOPIC, json.dumps({"n": n}), qos=1).wait_for_publish(10)
        wait_for("the drop is told", lambda: warnings(said))
        loud.disconnect()
        loud.loop_stop()
        link.close()
    first, last = warnings(said)[0], warnings(said)[-1]
    assert first["dropped"] >= 1 and "queue was full" in first["cause"]
    with db.write() as session:
        tally.write(session, 0)
    found = {m.name: m.samples for m in Gauges(db, utc_now).collect()}
    assert found["threenos_broker_dropped"][0].value == last["total"]


def test_a_broker_that_says_nothing_of_it_has_no_such_figure(db: Database) -> None:
    """Nought would be a claim."""
    with db.write() as session:
        Tally().write(session, 0)
    found = {m.name: m.samples for m in Gauges(db, utc_now).collect()}
    assert found["threenos_broker_dropped"] == []
