"""`threenos broker-config DIR`: the files of a mosquitto that runs apart."""

import ipaddress
import socket
import subprocess
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa
import structlog

from threenos_server.broker import folder
from threenos_server.broker.apart import Door, Doors
from threenos_server.broker.mosquitto import CONFIG, SERVER_USER
from threenos_server.ca import files, service
from threenos_server.ca.certificates import is_name
from threenos_server.cli import logs
from threenos_server.cli.open import database
from threenos_server.cli.show import say
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.errors import Fault, Invalid, ThreenosError
from threenos_server.keys import key
from threenos_server.people.stations import speakers
from threenos_server.settings import Settings
from threenos_server.stopping import stop_on_signal

#: How often --watch looks whether a station was enrolled or revoked.
LOOK_S = 1.0
LOOPBACK = ("localhost", "127.0.0.1")

log = structlog.get_logger("broker-config")


def config(settings: Settings, args: Namespace) -> None:
    """Write configuration, passwords, rules, and a certificate when there is none; with --watch at each change."""
    doors = _doors(args)
    directory = Path(args.directory)
    with database(settings) as db:
        folder.make_folder(directory)
        if not (directory / files.CERTIFICATE).exists():
            service.issue(settings.data, directory, _names(args.names), utc_now())
        writing = _Writing(settings, db, directory, doors)
        if writing.write() and not args.watch and not _told(args.reload):
            raise ThreenosError(f"written, but {args.reload!r} failed: run it again")
        _tell(args, writing)
        if args.watch:
            _watch(writing, args.reload)


class _Writing:
    """What goes into one folder, from one database."""

    def __init__(self, settings: Settings, db: Database, directory: Path, doors: Doors) -> None:
        self.settings, self.directory, self.doors = settings, directory, doors
        self.password = key(settings.data, "broker").hex()
        self.stations = 0
        self._db = db

    def write(self) -> bool:
        """Whether anything was to be written."""
        with self._db.read() as session:
            found = speakers(session)
        self.stations = len(found)
        return folder.write(self.directory, self.doors, found, self.password, self.settings.data)


def _tell(args: Namespace, writing: _Writing) -> None:
    names = folder.names(writing.directory)
    lacking = [name for name in args.names or () if name not in names]
    doors = writing.doors
    near = next((name for name in LOOPBACK if name in names), names[0])
    door = doors.server
    host = "127.0.0.1" if doors.plain else near if _is_loopback(door.host) else names[0]
    url = f"{'mqtt' if doors.plain else 'mqtts'}://{host}:{door.port}"
    public = f"mqtts://{names[0]}:{doors.stations.port}"
    # Also with --plain: what stations get at their enrolment has the authority's certificate in it.
    ca = str((writing.directory / files.AUTHORITY).absolute())
    server = {"url": url, "user": SERVER_USER, "password": writing.password, "ca": ca}
    chosen = {"mqtt_url": url, "mqtt_user": SERVER_USER, "mqtt_ca": ca, "mqtt_public_url": public}
    say(
        args,
        {
            "directory": str(writing.directory),
            "stations": writing.stations,
            "server": server,
            "public_url": public,
            "lacking": lacking,
        },
        f"Written to {writing.directory}, for {writing.stations} stations: "
        f"mosquitto -c {writing.directory / CONFIG}\nThe server's settings, with the same --data:\n\n"
        + "\n".join(f'{name} = "{value}"' for name, value in chosen.items())
        + _said_of(lacking, names, writing.directory),
    )


def _said_of(lacking: list[str], names: list[str], directory: Path) -> str:
    """A certificate that is there stays, whatever --name says; who asks for a name is told that it has it not."""
    if not lacking:
        return ""
    every = " ".join([*lacking, *names])
    return (
        f"\n\nThe certificate that is there is for {', '.join(names)}, and not for {', '.join(lacking)}: "
        f"`threenos ca issue {every} --into {directory}` makes one, and the broker reads it when it is told"
    )


def _watch(writing: _Writing, command: str | None) -> None:
    """Until SIGTERM. The command is run at the start too, since what changed while nobody watched is not known."""
    logs.configure(writing.settings.log_level)
    stop = stop_on_signal()
    told: list[tuple[str, int]] = []
    while not stop.is_set():
        try:
            writing.write()
            found = list(folder.stamps(writing.directory))
            if found != told and _told(command):
                log.info("broker told", stations=writing.stations)
                told = found
            elif found != told:
                log.warning("the broker could not be told; tried again", command=command)
        except (sa.exc.SQLAlchemyError, OSError) as e:
            log.warning("the broker's files could not be written; tried again", error=str(e))
        stop.wait(LOOK_S)


def _told(command: str | None) -> bool:
    """Whether the broker's reload went well; without a command somebody else watches the files."""
    if not command:
        return True
    return subprocess.run(["/bin/sh", "-c", command], check=False).returncode == 0


def _doors(args: Namespace) -> Doors:
    doors = Doors(_door(args.listen), _door(args.server_listen), args.certificates, args.plain)
    if doors.stations.port == doors.server.port and _overlap(doors.stations.host, doors.server.host):
        raise Invalid(
            f"--listen and --server-listen cannot both be port {doors.server.port} of one address: the broker would "
            "not start, or hear stations and our own processes at one door"
        )
    if doors.plain and not _is_loopback(doors.server.host):
        raise Invalid("--plain is for loopback only: the server's password would cross the network for all to read")
    return doors


def _door(text: str) -> Door:
    host, _, port = text.rpartition(":")
    try:
        return Door(str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))), _port(port))
    except ValueError as e:
        raise Invalid(f"{text!r} is no address and port, as in 0.0.0.0:8883", Fault("", str(e))) from e


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65_536:
        raise ValueError(f"{port} is no port")
    return port


def _overlap(one: str, other: str) -> bool:
    """Whether a listener on one address takes the other's connections: every address is also each of them."""
    return one == other or any(ipaddress.ip_address(host).is_unspecified for host in (one, other))


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback


def _names(given: Iterable[str]) -> list[str]:
    """What the broker's certificate is for: the names that were given, else this machine's; and this machine itself."""
    own = (name.lower() for name in (socket.getfqdn(), socket.gethostname()) if is_name(name.lower()))
    return list(dict.fromkeys([*(given or own), *LOOPBACK]))
