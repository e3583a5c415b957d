"""The addresses at which a running system is reached, as the ready file gives them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
    """A reader finds nothing, or all of it."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps(where.document()))
    fresh.replace(path)


def read(path: Path) -> Where | None:
    """What was written there last, or None."""
    try:
        found = json.loads(path.read_text())
    except OSError:
        return None
    return Where(found["http"], found["mqtt"]["host"], found["mqtt"]["port"])
