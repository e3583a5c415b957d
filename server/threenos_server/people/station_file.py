"""The file from which a station's agent starts: where the server is, and the credentials of its station. Pure."""

import json
from dataclasses import dataclass

from threenos_server.people.stations import Enrolment


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a station finds the broker, and where it sends its photos. `ca` is the file of the broker's authority."""

    host: str
    port: int
    tls: bool
    url: str
    ca: str = ""


def station_toml(given: Enrolment, reached: Reached) -> str:
    """A station.toml for the agent. JSON strings are TOML strings."""
    server: dict[str, str | int] = {"host": reached.host, "port": reached.port, "tls": reached.tls, "url": reached.url}
    if reached.tls and reached.ca:
        server["ca"] = reached.ca
    server["upload_token"] = given.upload_token
    station: dict[str, str | int] = {"id": given.station, "site": given.site, "password": given.password}
    sections: list[tuple[str, dict[str, str | int]]] = [("[server]", server), ("[[station]]", station)]
    return "\n".join(
        f"{title}\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items()) for title, keys in sections
    )
