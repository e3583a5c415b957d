"""At which addresses stations reach this system, as far as its settings and its run can tell."""

import socket
from urllib.parse import urlsplit

from threenos_server.broker.mosquitto import SERVER_USER
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
    if not _is_ours(settings):
        broker = urlsplit(settings.mqtt_url)
        tls = broker.scheme == "mqtts"
        return Reached(broker.hostname or "", broker.port or (8883 if tls else 1883), tls, url, settings.mqtt_ca)
    port = running.mqtt_port if running else settings.mqtt_port
    known = settings.public_url or (seen_as if settings.mqtt_host in EVERYWHERE else "")
    host = urlsplit(known).hostname or (running.mqtt_host if running else _name(settings.mqtt_host))
    return Reached(host, port, False, url)


def _is_ours(settings: Settings) -> bool:
    """Whether the broker is the one that `up` brings. Its children are told of it by the address of its inner door."""
    return not settings.mqtt_url or settings.mqtt_user == SERVER_USER


def _name(host: str) -> str:
    """A name by which others reach this machine when it listens everywhere."""
    return socket.getfqdn() if host in EVERYWHERE else host
