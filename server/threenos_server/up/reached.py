"""At which addresses stations reach this system, as far as its settings and its run can tell."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

from threenos_server.broker.mosquitto import SERVER_USER
from threenos_server.errors import Conflict
from threenos_server.people.station_file import Reached
from threenos_server.settings import Settings
from threenos_server.up.where import kept_in, read

EVERYWHERE = ("0.0.0.0", "::", "")


def reached(settings: Settings, seen_as: str = "") -> Reached:
    """Under its public name when it has one; the ports are those of the running system, which may be free ones.

    `seen_as` is the address under which somebody's browser reached us just now: better than a guess where we listen
    everywhere.
    """
    running = read(kept_in(settings.data))
    guess = running.http if running else f"http://{_name(settings.host)}:{settings.port}"
    url = settings.public_url or seen_as or guess
    if settings.mqtt_public_url or not _is_ours(settings):
        return _elsewhere(settings, settings.mqtt_public_url or settings.mqtt_url, url)
    port = running.mqtt_port if running else settings.mqtt_port
    known = settings.public_url or (seen_as if settings.mqtt_host in EVERYWHERE else "")
    host = urlsplit(known).hostname or (running.mqtt_host if running else _name(settings.mqtt_host))
    return Reached(host, port, False, url)


def _elsewhere(settings: Settings, broker_url: str, url: str) -> Reached:
    """At a broker that runs apart, with its authority's certificate. Raises Conflict when that cannot be said."""
    broker = urlsplit(broker_url)
    tls = broker.scheme == "mqtts"
    if not settings.mqtt_public_url and settings.mqtt_user == SERVER_USER:
        raise Conflict("say by mqtt_public_url where stations reach the broker: they do not come by the server's door")
    if broker.scheme not in ("mqtt", "mqtts") or not broker.hostname:
        raise Conflict(f"{broker_url!r} does not say where the broker is, as in mqtts://broker.plant:8883")
    try:
        ca = Path(settings.mqtt_ca).read_text() if tls and settings.mqtt_ca else ""
    except OSError as e:
        raise Conflict(f"mqtt_ca: {settings.mqtt_ca} cannot be read: {e.strerror}") from e
    return Reached(broker.hostname, broker.port or (8883 if tls else 1883), tls, url, ca)


def _is_ours(settings: Settings) -> bool:
    """Whether the broker is the one that `up` brings. Its children are told of it by the address of its inner door."""
    if not settings.mqtt_url:
        return True
    return settings.mqtt_user == SERVER_USER and urlsplit(settings.mqtt_url).scheme == "mqtt"


def _name(host: str) -> str:
    """A name by which others reach this machine when it listens everywhere."""
    return socket.getfqdn() if host in EVERYWHERE else host
