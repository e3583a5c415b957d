"""Which broker this machine can run for itself, and how it is started and told who may connect."""

import ipaddress
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

from threenos_server.broker import mosquitto
from threenos_server.broker.mosquitto import SERVER_USER, Addresses
from threenos_server.errors import ThreenosError
from threenos_server.people.broker_passwords import verifier

INSTALL = "install mosquitto (Debian, Ubuntu: apt-get install mosquitto), or set mqtt_url to a broker that is there"


class Broker(Protocol):
    """A broker that `up` runs as a child process."""

    remark: str  # what it cannot do, in one line; empty for nothing
    where: Addresses
    command: list[str]
    protocol: Literal["auto", "3.1.1"]  # the MQTT version that our own processes speak to it

    def admit(self, verifiers: Mapping[str, str]) -> bool:
        """Let exactly these users in, besides ourselves. Whether a running broker has to be told by SIGHUP."""
        ...


class Mosquitto:
    """A mosquitto of our own, with its files in `directory`."""

    remark = ""
    protocol: Literal["auto", "3.1.1"] = "auto"

    def __init__(self, program: str, directory: Path, where: Addresses, password: str) -> None:
        self.where = where
        self.command = [program, "-c", str((directory / mosquitto.CONFIG).absolute())]
        self._directory = directory
        self._own = {SERVER_USER: verifier(password)}
        self._admitted: dict[str, str] = {}
        mosquitto.write_files(directory, where, self._own)

    def admit(self, verifiers: Mapping[str, str]) -> bool:
        if self._admitted == verifiers:
            return False
        self._admitted = dict(verifiers)
        mosquitto.write_passwords(self._directory, self._admitted | self._own)
        return True


class SmallBroker:
    """iotcore: it knows neither passwords nor rules, so it never leaves loopback."""

    remark = (
        "mosquitto is not installed: running the small broker iotcore, on this machine only. It checks no passwords "
        "and no access rules, so any program here can speak as any station"
    )
    # It has no MQTT 5 on this port, and does not say so but cuts the connection.
    protocol: Literal["auto", "3.1.1"] = "3.1.1"

    def __init__(self, where: Addresses) -> None:
        self.where = Addresses(where.host, where.port, where.port)
        self.command = [sys.executable, "-m", "threenos_server.broker.small", where.host, str(where.port)]

    def admit(self, verifiers: Mapping[str, str]) -> bool:  # noqa: ARG002 - it admits everybody
        return False


def choose(data: Path, where: Addresses, password: str) -> Broker:
    """The best broker of this machine; its files are written. Raises ThreenosError, saying what to install."""
    program = mosquitto.program()
    if program is not None:
        return Mosquitto(program, data / "broker", where, password)
    if find_spec("iotcore") is None:
        raise ThreenosError(f"there is no MQTT broker on this machine: {INSTALL}")
    if not _is_loopback(where.host):
        raise ThreenosError(f"without mosquitto no station can be heard from outside on {where.host}: {INSTALL}")
    return SmallBroker(where)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
