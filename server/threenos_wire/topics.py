"""Topics name who speaks, not where it stands: `threenos/v1/{site}/{station}/{leaf}`."""

import re
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "threenos/v1"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

EVERY_EVENT = f"{PREFIX}/+/+/event"
EVERY_PRESENCE = f"{PREFIX}/+/+/presence"


class Leaf(StrEnum):
    EVENT = "event"
    ACK = "ack"
    STATE = "state"
    SETUP = "setup"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class Address:
    """Who speaks: a station of a site."""

    site: str
    station: str

    def topic(self, leaf: Leaf) -> str:
        return f"{PREFIX}/{self.site}/{self.station}/{leaf}"


def parse(topic: str) -> tuple[Address, Leaf] | None:
    """The address and leaf of a station's topic, or None when it is not one."""
    parts = topic.split("/")
    if len(parts) != 5 or f"{parts[0]}/{parts[1]}" != PREFIX:
        return None
    site, station, leaf = parts[2:]
    if not ID.fullmatch(site) or not ID.fullmatch(station) or leaf not in set(Leaf):
        return None
    return Address(site, station), Leaf(leaf)


def server_beat(site: str) -> str:
    """Where every live intake says each 2 s that it hears the site."""
    return f"{PREFIX}/{site}/_server"


def line_state(site: str, line: str) -> str:
    """The line's state for stack lights, PLC gateways and dashboards."""
    return f"{PREFIX}/{site}/_line/{line}"
