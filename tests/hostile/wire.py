"""A receiver without a broker: what is said is put into its hand, and what it answers is kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Stop
from typing import Any

from hostile.corpus import messages
from plant import beside, wait_for
from service.complaints.works import KEYS, SITE, START

from threenos_server.db import Database
from threenos_server.intake.inbox import Message
from threenos_server.intake.link import BrokerAddress, Link
from threenos_server.intake.receive import Receiver

HERE = f"threenos/v1/{SITE}/mill-1"


class Wire(Link):
    """A link without a broker: `say` is what came, `acks` what would have gone out."""

    def __init__(self) -> None:
        super().__init__(BrokerAddress("nowhere.invalid", 1))
        self.acks: dict[str, str] = {}
        self.refusals = 0

    def say(self, payload: bytes, topic: str = f"{HERE}/event") -> None:
        self.inbox.put(Message(topic, payload, START), 10)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:  # noqa: ARG002 - Link's signature
        said: dict[str, Any] = json.loads(payload)
        self.refusals += len(said["refused"])
        self.acks |= {r["id"]: r["reason"] for r in said["refused"]} | dict.fromkeys(said["accepted"], "accepted")

    def press(self, topic: str = f"{HERE}/event") -> None:
        """A valid event is acknowledged, behind all that was said before; how soon is told by `make fuzz`."""
        event = messages.event()
        self.say(json.dumps(event).encode(), topic)
        wait_for("a valid event is acknowledged", lambda: self.acks.get(event["id"]) == "accepted", 20)


@contextmanager
def receiving(db: Database) -> Iterator[Wire]:
    """A receiver that runs on `db`; it must still run when the block ends."""
    wire, stop = Wire(), Stop()
    receiver = Receiver(db, KEYS, wire, lambda *_: None, lambda: START)
    with beside(lambda: receiver.run(stop), stop) as thread:
        yield wire
        assert thread.is_alive(), "the receiver ended"
