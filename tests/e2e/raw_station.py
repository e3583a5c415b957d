"""A station that somebody else wrote: whatever is sent here goes to the broker as it is."""

import json
from threading import Event
from typing import Any

from e2e.floor import Floor
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from threenos_server.clock import utc_now
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant


class RawStation:
    """Enrolled and connected; `close` leaves without a word."""

    def __init__(self, floor: Floor, station: str) -> None:
        given = floor.ask("POST", f"/stations/{station}/credentials", None, "admin")
        self._base = f"threenos/v1/{given['site']}/{station}"
        self.boot = new_id()
        ready = Event()
        self._client = Client(CallbackAPIVersion.VERSION2, given["username"])
        self._client.username_pw_set(given["username"], given["password"])
        # The broker may learn of a new password a moment later; the client tries again by itself.
        self._client.on_connect = lambda _c, _d, _f, answer, _p: None if answer.is_failure else ready.set()
        self._client.connect(*floor.system.mqtt)
        self._client.loop_start()
        assert ready.wait(30), f"the broker does not let {station} in"

    def send(self, leaf: str, content: bytes) -> None:
        self._client.publish(f"{self._base}/{leaf}", content, qos=1, retain=leaf == "presence").wait_for_publish(10)

    def event(self, seq: int, **fields: Any) -> str:
        """One event of this boot; its id."""
        said = {"v": 1, "id": new_id(), "boot": self.boot, "seq": seq, "at": format_instant(utc_now()), "age_ms": 0}
        self.send("event", json.dumps(said | fields).encode())
        return str(said["id"])

    def present(self, outbox: int) -> None:
        said = {"online": True, "boot": self.boot, "version": "9.9", "outbox": outbox}
        self.send("presence", json.dumps(said).encode())

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
