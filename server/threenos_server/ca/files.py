"""Where the authority and its certificates lie: `DATA/ca/` for the authority, any folder for what it issued."""

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from threenos_server import whole
from threenos_server.ca.certificates import ANOTHER, Pair, issue, make_authority, names_of, purpose_of
from threenos_server.ca.revoked import revocation_list
from threenos_server.errors import Conflict, NotFound, ThreenosError

#: What a folder of an issued certificate has; agents, brokers and servers are pointed at the folder or its files.
CERTIFICATE, KEY, AUTHORITY = "tls.pem", "tls.key", "ca.pem"
#: The authority's certificate and key in one file, so that there is never one without the other.
WHOLE = "authority.pem"
#: What it no longer vouches for: there from the beginning, since a broker that is told to look needs something to read.
REVOKED = "crl.pem"


def authority(data: Path, now: datetime) -> Pair:
    """The authority of an installation, made when it is asked for the first time; two that race get the same."""
    folder = data / "ca"
    path = folder / WHOLE
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = make_authority(now)
        with suppress(FileExistsError):  # somebody was faster, and theirs counts
            put(path, made.pem + made.key_pem, 0o600, fresh=True)
    return existing(data, now)


def existing(data: Path, now: datetime) -> Pair:
    """The authority of an installation that has one: who asks for what it did must not be shown a new one.

    Raises NotFound where there is none.
    """
    folder = data / "ca"
    path = folder / WHOLE
    if not path.exists():
        raise NotFound(f"there is no authority in {folder}; --data names another place, `threenos ca issue` makes one")
    pem = path.read_bytes()
    key = load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Conflict(f"{path} is no authority of ours")
    found = Pair(_certificate(path), key)
    if not (folder / AUTHORITY).exists():
        put(folder / AUTHORITY, found.pem, 0o644)
    if not (folder / REVOKED).exists():
        write_revoked(data, found, {}, now)
    return found


def write_revoked(data: Path, signer: Pair, revoked: Mapping[int, datetime], now: datetime) -> None:
    """Put a new revocation list in the place of the one before; brokers take it when they are told to reload."""
    path = data / "ca" / REVOKED
    before = path.read_bytes() if path.exists() else None
    put(path, revocation_list(signer, revoked, now, before), 0o644)


def make_room(folder: Path) -> None:
    """A folder for a certificate, before one is made. Raises ThreenosError, which names it, where we may not write."""
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as e:
        raise ThreenosError(
            f"{folder.absolute()}: {e.strerror}; name a folder that the user of this command may write, such as one in "
            "the data directory"
        ) from e


def write(folder: Path, issued: Pair, signer: Pair) -> None:
    """Put a certificate, its key and the authority's certificate into a folder. The key is its owner's alone.

    Who reads between two of the files finds a pair that does not fit, and keeps what it had. Files that are there keep
    the rights that somebody gave them: a broker may read its key as a member of a group.
    """
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    put(folder / AUTHORITY, signer.pem, 0o644)
    put(folder / KEY, issued.key_pem, _rights(folder / KEY, 0o600))
    put(folder / CERTIFICATE, issued.pem, 0o644)


def renewed(folder: Path, signer: Pair, now: datetime, within: timedelta, days: int) -> Pair | None:
    """A new certificate for the same names when the old one ends within that time; None when it is good for longer.

    It is not written yet. Raises NotFound when the folder has no certificate, Conflict when another authority had
    issued it, or when ours ends no later than the old one.
    """
    old, ends = certificate_in(folder, signer), signer.certificate.not_valid_after_utc
    if old.not_valid_after_utc - now > within:
        return None
    if now < ends <= old.not_valid_after_utc:
        raise Conflict(f"{folder}: it ends on {ends.date()} with its authority; {ANOTHER}")
    return issue(signer, names_of(old), now, days, purpose_of(old))


def certificate_in(folder: Path, signer: Pair) -> x509.Certificate:
    """The certificate of a folder. Raises NotFound when there is none, Conflict when another authority issued it."""
    found = _certificate(folder / CERTIFICATE)
    if found.issuer != signer.certificate.subject:
        raise Conflict(f"{folder}: this certificate is of another authority, {found.issuer.rfc4514_string()}")
    return found


def _rights(path: Path, least: int) -> int:
    """The rights of a file that is there, but nothing for everybody; else `least`."""
    return stat.S_IMODE(path.stat().st_mode) & 0o640 | least if path.exists() else least


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as e:
        raise NotFound(f"{path}: {e.strerror}") from e
    except ValueError as e:
        raise Conflict(f"{path} is no certificate") from e


def put(path: Path, content: bytes, mode: int, fresh: bool = False) -> None:
    """All of it or nothing, and for a secret never readable by others, not for a moment.

    Lasting: devices are told to trust an authority once, and a certificate that was renewed is the only one that fits.
    """
    whole.put(path, content, lasting=True, fresh=fresh, rights=lambda descriptor: _give(descriptor, path, mode))


def _give(descriptor: int, path: Path, mode: int) -> None:
    """The rights whatever the umask, and the group of the file whose place it takes, where we may give it away."""
    if path.exists():
        with suppress(PermissionError):
            os.fchown(descriptor, -1, path.stat().st_gid)
    os.fchmod(descriptor, mode)
