"""The addresses at which a running system is reached, as the ready file gives them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threenos_server.whole import put


@dataclass(frozen=True, slots=True)
class Where:
    """People and programs come to `http`; stations to the other two."""

    http: str
    mqtt_host: str
    mqtt_port: int

    def document(self) -> dict[str, Any]:
        return {"http": self.http, "mqtt": {"host": self.mqtt_host, "port": self.mqtt_port}}


def kept_in(data: Path) -> Path:
    """Where the system of a data directory leaves its addresses for the other commands."""
    return data / "run" / "where.json"


def write(path: Path, where: Where) -> None:
    """A reader finds nothing, or all of it. Not lasting: after a power cut no such system runs."""

    def readable(descriptor: int) -> None:
        os.fchmod(descriptor, 0o644)  # who waits for a ready file may be another user

    put(path, json.dumps(where.document()).encode(), lasting=False, rights=readable)


def read(path: Path) -> Where | None:
    """What was written there last, or None; also where a power cut has left less than that."""
    try:
        found = json.loads(path.read_text())
        return Where(found["http"], found["mqtt"]["host"], found["mqtt"]["port"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
