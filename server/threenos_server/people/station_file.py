"""The file from which a station's agent starts: where the server is, and the credentials of its station. Pure."""

import json
from dataclasses import dataclass

from threenos_server.people.stations import Enrolment


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a station finds the broker, and where it sends its photos.

    `ca` is the certificate of the broker's authority itself, as PEM: so one file is all that is carried to the station.
    """

    host: str
    port: int
    tls: bool
    url: str
    ca: str = ""


def station_toml(given: Enrolment, reached: Reached, certificate: tuple[str, str] | None = None) -> str:
    """A station.toml for the agent, with the files of its client certificate and key if it has them.

    JSON strings are TOML strings.
    """
    server: dict[str, str | int] = {"host": reached.host, "port": reached.port, "tls": reached.tls, "url": reached.url}
    if reached.tls and reached.ca:
        server["ca"] = reached.ca
    server["upload_token"] = given.upload_token
    station: dict[str, str | int] = {"id": given.station, "site": given.site, "password": given.password}
    if certificate:
        station["cert"], station["key"] = certificate
    sections: list[tuple[str, dict[str, str | int]]] = [("[server]", server), ("[[station]]", station)]
    return "\n".join(
        f"{title}\n" + "".join(f"{k} = {_value(v)}\n" for k, v in keys.items()) for title, keys in sections
    )


def _value(value: str | int) -> str:
    """A certificate in lines of its own, so that a person sees what it is."""
    if isinstance(value, str) and value.startswith("-----BEGIN"):
        return f'"""\n{value}"""'
    return json.dumps(value)
