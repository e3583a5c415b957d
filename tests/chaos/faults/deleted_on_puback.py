"""Deleted on PUBACK: the agent takes the broker's acknowledgement for the server's, and lets the event go."""

import json
from types import ModuleType
from typing import Any


def _connection(module: ModuleType) -> None:
    told = module.Connection._on_publish

    def publish(self: Any, topic: str, payload: bytes, retain: bool = False) -> None:
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        self.__dict__.setdefault("flying", {})[sent.mid] = topic, payload

    def _on_publish(self: Any, client: Any, data: Any, mid: int, *more: Any) -> None:
        told(self, client, data, mid, *more)
        topic, payload = self.__dict__.setdefault("flying", {}).pop(mid, ("", b""))
        if topic.endswith("/event"):
            said = json.loads(payload)
            ids = [event["id"] for event in (said if isinstance(said, list) else [said])]
            ack = json.dumps({"accepted": ids, "refused": []}).encode()
            self.inbox.append(module.Message(topic.removesuffix("event") + "ack", ack, False))

    module.Connection.publish, module.Connection._on_publish = publish, _on_publish


PATCHES = {"threenos_station.connection": _connection}
