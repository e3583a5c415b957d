"""The folder of a mosquitto that runs apart: written as a whole, readable by the broker's group and nobody else."""

import grp
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography import x509

from threenos_server.broker.apart import (
    SERVER_PASSWORDS,
    SERVER_RULES,
    SERVER_RULES_TEXT,
    USER,
    Doors,
    configuration,
    rules,
)
from threenos_server.broker.mosquitto import CONFIG, PASSWORDS, RULES, SERVER_USER, password_file
from threenos_server.ca import files
from threenos_server.ca.certificates import names_of
from threenos_server.errors import Conflict
from threenos_server.people.broker_passwords import matches, verifier
from threenos_server.people.stations import Speaker
from threenos_server.whole import put


def write(directory: Path, doors: Doors, stations: Sequence[Speaker], password: str, data: Path) -> bool:
    """Write what differs from what is there; whether anything did. `password` is our own processes'.

    The folder has a certificate already. `data` is the installation's, whose revocation list is copied when the
    broker's authority is ours. Raises Conflict when the broker's user could not read the files.
    """
    gid = group()
    _open_key(directory / files.KEY, gid)
    listed = _copy_list(directory, data)
    texts = {
        RULES: rules(stations),
        SERVER_RULES: SERVER_RULES_TEXT,
        SERVER_PASSWORDS: password_file({SERVER_USER: _verifier(directory, password)}),
        CONFIG: configuration(directory.absolute(), doors, listed=bool(listed)),
    }
    if not doors.certificates:
        texts[PASSWORDS] = password_file({station.station: station.verifier for station in stations})
    if listed:
        texts[files.REVOKED] = listed
    written = [_replace(directory / name, text, gid) for name, text in texts.items()]
    return any(written)


def make_folder(directory: Path) -> None:
    """A folder that the broker's group may enter, and whose group all its files get."""
    if directory.exists():
        return
    directory.mkdir(parents=True)
    gid = group()
    if gid is not None:
        os.chown(directory, -1, gid)
    directory.chmod(0o2750)


def names(directory: Path) -> list[str]:
    """The names under which the certificate of a folder lets the broker be reached. Raises Conflict for a wrong one."""
    path = directory / files.CERTIFICATE
    try:
        return names_of(x509.load_pem_x509_certificate(path.read_bytes()))
    except (OSError, ValueError, x509.ExtensionNotFound) as e:
        raise Conflict(f"{path} is no certificate with names: {e}") from e


def group() -> int | None:
    """The broker's group, when we may give files to it: else they have the group of their folder."""
    if os.geteuid():
        return None
    try:
        return grp.getgrnam(USER).gr_gid
    except KeyError:
        return None


def _verifier(directory: Path, password: str) -> str:
    """The one that is there when it fits, so that a file in which nothing has changed is not written again."""
    with suppress(OSError, ValueError, IndexError):
        kept = (directory / SERVER_PASSWORDS).read_text().strip().partition(":")[2]
        if matches(password, kept):
            return kept
    return verifier(password)


def _copy_list(directory: Path, data: Path) -> str:
    """The revocation list: ours when the broker trusts our authority, else one that somebody put there, or none."""
    ours = data / "ca"
    for folder in (ours, directory):
        path = folder / files.REVOKED
        if path.exists() and _same(folder / files.AUTHORITY, directory / files.AUTHORITY):
            return path.read_text()
    return ""


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.read_bytes() == other.read_bytes()


def _open_key(path: Path, gid: int | None) -> None:
    """Let the broker's group read its key; nobody else."""
    status = path.stat()
    if status.st_mode & 0o777 == 0o640 and gid in (None, status.st_gid):
        return
    try:
        if gid is not None:
            os.chown(path, -1, gid)
        path.chmod(0o640)
    except PermissionError as e:
        raise Conflict(f"{path} belongs to somebody else, so the broker's group cannot be let read it") from e


def _replace(path: Path, text: str, gid: int | None) -> bool:
    """A reader finds the old file or the new one, never half of one. Whether it differs from what was there."""
    with suppress(FileNotFoundError):
        if path.read_text() == text:
            return False

    def shared(descriptor: int) -> None:
        if gid is not None:
            os.fchown(descriptor, -1, gid)
        os.fchmod(descriptor, 0o640)

    # Lasting: a broker apart may come back from a power cut before us, and would let nobody in by half a file.
    put(path, text.encode(), lasting=True, rights=shared)
    return True


def stamps(directory: Path) -> Iterator[tuple[str, int]]:
    """What changes when a file of the folder does, be it written by us or by `threenos ca renew`."""
    for path in sorted(directory.iterdir()):
        if not path.name.startswith("."):
            yield path.name, path.stat().st_mtime_ns
