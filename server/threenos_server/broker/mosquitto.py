"""The files of a mosquitto that serves Threenos: configuration, passwords, access rules."""

import os
import pwd
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from threenos_server.whole import put
from threenos_wire.topics import PREFIX

#: The user of our own processes. A station's id begins with a letter or digit, so none can have this name.
SERVER_USER = "_server"
PASSWORDS, RULES, CONFIG = "passwords", "rules", "mosquitto.conf"

# What a station may do, as its own user name (%u) says: publish what it presses, hear what is said to it.
_RULES = f"""\
user {SERVER_USER}
topic readwrite {PREFIX}/#
topic read $SYS/#

pattern write {PREFIX}/+/%u/event
pattern write {PREFIX}/+/%u/presence
pattern read {PREFIX}/+/%u/ack
pattern read {PREFIX}/+/%u/state
pattern read {PREFIX}/+/%u/setup
pattern read {PREFIX}/+/_server
pattern read {PREFIX}/+/_line/+
"""

#: What every mosquitto of ours is told, whoever its clients are.
LIMITS = """\
# The defaults drop messages without a word, and 0 is not "without limit" but drops connections.
max_queued_messages 1000000
max_inflight_messages 200
max_packet_size 262144
# Without this an acknowledged press takes 40 ms instead of 2.
set_tcp_nodelay true
"""

_CONFIG = """\
# Written by Threenos. Nothing here is kept by the broker: what was not acknowledged by the server is sent again.
persistence false
allow_anonymous false
password_file {directory}/passwords
acl_file {directory}/rules
log_dest stderr
log_type error
log_type notice
connection_messages false
{user}
{limits}
# For the stations. The client id is the user name, so that no station can throw another one off.
listener {port} {host}
use_username_as_clientid true

# For the server's own processes, of which there may be several.
listener {server_port} 127.0.0.1
"""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the broker hears the stations, and on which port of loopback our own processes."""

    host: str
    port: int
    server_port: int

    @property
    def server_host(self) -> str:
        """Where our own processes find their door: on loopback, unless there is one for all."""
        return self.host if self.server_port == self.port else "127.0.0.1"


def program() -> str | None:
    """The mosquitto of this machine; Debian keeps it off the PATH of ordinary users."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/local/sbin:/usr/sbin:/opt/homebrew/sbin")


def write_files(directory: Path, where: Addresses, verifiers: Mapping[str, str]) -> None:
    """Write all three, for a broker that runs as ourselves."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    user = pwd.getpwuid(os.geteuid()).pw_name
    text = _CONFIG.format(
        directory=directory.absolute(), user=f"user {user}", limits=LIMITS, host=where.host, port=where.port,
        server_port=where.server_port,
    )  # fmt: skip
    _put(directory / CONFIG, text)
    _put(directory / RULES, _RULES)
    write_passwords(directory, verifiers)


def write_passwords(directory: Path, verifiers: Mapping[str, str]) -> None:
    """Write who may connect. mosquitto reads it again on SIGHUP."""
    _put(directory / PASSWORDS, password_file(verifiers))


def password_file(verifiers: Mapping[str, str]) -> str:
    """What a password file says for these users."""
    return "".join(f"{name}:{kept}\n" for name, kept in sorted(verifiers.items()))


def _put(path: Path, text: str) -> None:
    """For the eyes of our own broker. Not lasting: each start of it writes them again."""
    put(path, text.encode(), lasting=False)
