"""What the files say of a mosquitto that runs apart, heard by the whole plant: TLS, and rules for each station.

It has two doors. At the stations' door the client id is the user name, so that none can throw another off. At the
server's door it is free, since two intakes share a user; only they have a password there, so that no station can throw
them off either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from threenos_server.broker.mosquitto import LIMITS, PASSWORDS, RULES, SERVER_USER
from threenos_server.ca import files
from threenos_server.people.stations import Speaker
from threenos_wire.topics import PREFIX, Address, Leaf, line_state, server_beat

SERVER_PASSWORDS, SERVER_RULES = "server-passwords", "server-rules"
#: The user and group as which distributions run mosquitto.
USER = "mosquitto"
_WRITES = (Leaf.EVENT, Leaf.PRESENCE)
_READS = (Leaf.ACK, Leaf.STATE, Leaf.SETUP)

_CONFIG = """\
# Written by `threenos broker-config`, and written again by it: change what you call it with, not this file.
# Every comment has a line of its own, since mosquitto takes one behind a value for a part of the value.
#
# Nothing is kept by this broker, and nothing needs to be: an event counts when the server has acknowledged it, and
# until then its station keeps it.
persistence false
user {user}

# Who came and went, what was refused, and that messages are dropped. It goes to the journal of the system.
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages true

{limits}
# Each listener has passwords and rules of its own.
per_listener_settings true

# The stations' door. The client id is the user name, so that no station can throw another one off.
listener {stations.port} {stations.host}
allow_anonymous false
use_username_as_clientid true
acl_file {directory}/{rules}
{who}
{tls}
# The server's door, for our own processes. No station has a password here.
listener {server.port} {server.host}
allow_anonymous false
password_file {directory}/{server_passwords}
acl_file {directory}/{server_rules}
{server_tls}"""

_TLS = """\
# TLS 1.2 or 1.3.
tls_version tlsv1.2
cafile {directory}/{authority}
certfile {directory}/{certificate}
keyfile {directory}/{key}
"""

_BY_PASSWORD = """\
# Stations come with passwords. `threenos broker-config` writes these two files again after an enrolment.
password_file {directory}/{passwords}
"""

_BY_CERTIFICATE = """\
# Stations come with certificates, whose common name is their user name. The rules are written again after an enrolment.
require_certificate true
use_identity_as_username true
"""

SERVER_RULES_TEXT = f"""\
user {SERVER_USER}
topic readwrite {PREFIX}/#
# Where the broker says that it dropped messages.
topic read $SYS/#
"""


@dataclass(frozen=True, slots=True)
class Door:
    """An address and a port of this machine."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the broker is heard. `certificates`: stations come with these; `plain`: the server's door has no TLS."""

    stations: Door
    server: Door
    certificates: bool = False
    plain: bool = False


def configuration(directory: Path, doors: Doors, *, listed: bool) -> str:
    """mosquitto.conf for a folder, which is absolute. `listed`: there is a revocation list in it."""
    tls = _TLS.format(directory=directory, authority=files.AUTHORITY, certificate=files.CERTIFICATE, key=files.KEY)
    by = _BY_CERTIFICATE if doors.certificates else _BY_PASSWORD
    who = by.format(directory=directory, passwords=PASSWORDS)
    if doors.certificates and listed:
        who += f"crlfile {directory / files.REVOKED}\n"
    return _CONFIG.format(
        directory=directory, user=USER, limits=LIMITS, stations=doors.stations, server=doors.server, who=who, tls=tls,
        rules=RULES, server_passwords=SERVER_PASSWORDS, server_rules=SERVER_RULES,
        server_tls="" if doors.plain else tls,
    )  # fmt: skip


def rules(speakers: Sequence[Speaker]) -> str:
    """The access rules of the stations' door."""
    return "\n".join(map(_of_one, speakers))


def _of_one(speaker: Speaker) -> str:
    """What a station may do: say its own, hear what is said to it and to its site. All else is refused."""
    address = Address(speaker.site, speaker.station)
    return "\n".join(
        [
            f"user {speaker.station}",
            *(f"topic write {address.topic(leaf)}" for leaf in _WRITES),
            *(f"topic read {address.topic(leaf)}" for leaf in _READS),
            f"topic read {server_beat(speaker.site)}",
            f"topic read {line_state(speaker.site, '+')}\n",
        ]
    )
