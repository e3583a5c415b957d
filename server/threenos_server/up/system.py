"""What `up` consists of: the broker, the sockets, and the children with what each is told."""

import dataclasses
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from threenos_server.broker.embedded import Broker, choose
from threenos_server.broker.mosquitto import SERVER_USER, Addresses
from threenos_server.db import Database
from threenos_server.keys import key
from threenos_server.people.stations import broker_users
from threenos_server.settings import PREFIX, STATION_PREFIX, Settings
from threenos_server.up.children import Child
from threenos_server.up.sockets import KeptPort, listen
from threenos_server.up.where import Where

log = structlog.get_logger("up")


#: More children of a system that is otherwise composed, such as the demo's.
Extra = Callable[[Where, dict[str, str], Path], Sequence[Child]]


def no_extra(_where: Where, _environment: dict[str, str], _run: Path) -> Sequence[Child]:
    return ()


class System:
    """The children of one `up`, and what keeps them supplied. `settings.data` is an existing absolute directory."""

    def __init__(self, settings: Settings, db: Database, extra: Extra = no_extra) -> None:
        self._db = db
        self.data = settings.data
        run = settings.data / "run"
        run.mkdir(exist_ok=True)
        self.web_socket = listen(settings.host, settings.port)
        self.ports = () if settings.mqtt_url else _doors(settings)
        self.broker = _embedded(settings, *self.ports) if self.ports else None
        self.where = _where(settings, self.web_socket, self.broker)
        told = environment(settings, self.broker)
        fd = self.web_socket.fileno()
        self._broker_child = Child("broker", self.broker.command, dict(os.environ), run) if self.broker else None
        self.children = [
            *([self._broker_child] if self._broker_child else []),
            Child("web", threenos("web", "--fd", str(fd)), told, run, fds=(fd,)),
            Child("intake", threenos("intake"), told, run),
            Child("clock", threenos("clock"), told, run),
            *extra(self.where, told, run),
        ]

    def tend(self) -> None:
        for child in self.children:
            child.tend()

    def close(self) -> None:
        """Give up the addresses; the children have ended."""
        self.web_socket.close()
        for port in self.ports:
            port.close()

    def admit(self) -> None:
        """Tell the broker of stations that were enrolled or revoked, by whichever process."""
        if self.broker is None or self._broker_child is None:
            return
        with self._db.read() as session:
            valid = broker_users(session)
        if self.broker.admit(valid):
            self._broker_child.signal(signal.SIGHUP)
            log.info("stations admitted", stations=len(valid))


def threenos(*arguments: str) -> list[str]:
    """The command line of one of our own commands, with this Python and nothing of the working directory."""
    return [sys.executable, "-P", "-m", "threenos_server.cli", *arguments]


def environment(settings: Settings, broker: Broker | None) -> dict[str, str]:
    """What a child is told: the settings as they are now, with the address and password of our own broker."""
    if broker is not None:
        url = f"mqtt://{_reached_at(broker.where.server_host)}:{broker.where.server_port}"
        password = key(settings.data, "broker").hex()
        settings = dataclasses.replace(
            settings, mqtt_url=url, mqtt_user=SERVER_USER, mqtt_password=password, mqtt_protocol=broker.protocol
        )
    others = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX) or k.startswith(STATION_PREFIX)}
    return others | settings.environment()


def _doors(settings: Settings) -> tuple[KeptPort, KeptPort]:
    """Of the broker, for the stations and for the server; two numbers, also where their addresses differ."""
    stations, server = KeptPort(settings.mqtt_host, settings.mqtt_port), KeptPort("127.0.0.1")
    while server.number == stations.number:
        server.close()
        server = KeptPort("127.0.0.1")
    return stations, server


def _embedded(settings: Settings, stations: KeptPort, server: KeptPort) -> Broker:
    where = Addresses(settings.mqtt_host, stations.number, server.number)
    return choose(settings.data, where, key(settings.data, "broker").hex())


def _where(settings: Settings, web: socket.socket, broker: Broker | None) -> Where:
    http = f"http://{_in_url(_reached_at(settings.host))}:{web.getsockname()[1]}"
    if broker is not None:
        return Where(http, _reached_at(broker.where.host), broker.where.port)
    url = urlsplit(settings.mqtt_url)
    return Where(http, url.hostname or "", url.port or (8883 if url.scheme == "mqtts" else 1883))


def _reached_at(host: str) -> str:
    """An address of this machine at which what listens on `host` is reached."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
