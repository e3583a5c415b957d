"""The page over TLS: the folder that `threenos ca issue` wrote, read again when it is renewed."""

import hashlib
import logging
import plistlib
import socket
import ssl
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from threenos_station.ends import ANY_TIME, Ending, shaken, until
from threenos_station.errors import BadSettings

log = logging.getLogger("threenos.station.page")

CERTIFICATE, KEY, AUTHORITY = "tls.pem", "tls.key", "ca.pem"
#: The first byte of a TLS connection, which no HTTP request begins with.
_HANDSHAKE = b"\x16"
_NAMESPACE = uuid.UUID("7f6c8d5e-3d1b-4c0e-9a55-1d4f3c2b7a90")


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificate that tablets are to trust."""

    name: str
    der: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 as devices show it."""
        return hashlib.sha256(self.der).digest().hex(":").upper()

    def profile(self) -> bytes:
        """The configuration profile by which iPadOS installs it."""
        name = str(uuid.uuid5(_NAMESPACE, self.fingerprint)).upper()
        inner = str(uuid.uuid5(_NAMESPACE, f"{name}/certificate")).upper()
        payload = {
            "PayloadType": "com.apple.security.root", "PayloadVersion": 1, "PayloadIdentifier": f"threenos.{inner}",
            "PayloadUUID": inner, "PayloadDisplayName": self.name, "PayloadContent": self.der,
        }  # fmt: skip
        whole = {
            "PayloadType": "Configuration", "PayloadVersion": 1, "PayloadIdentifier": f"threenos.{name}",
            "PayloadUUID": name, "PayloadDisplayName": self.name, "PayloadContent": [payload],
            "PayloadDescription": "Trust in the station agents of the plant. 信任工厂的工位代理。",
        }  # fmt: skip
        return plistlib.dumps(whole)


class Certificate:
    """What the agent shows to tablets. BadSettings when the folder does not fit together at the start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_at = self._written()
        try:
            self._context = _context(folder)
            self.authority = _authority(folder / AUTHORITY)
            self.names, self.until = _shown(self._context, folder / AUTHORITY)
        except (OSError, ValueError) as e:  # ssl.SSLError is an OSError
            raise BadSettings("bad-certificate", f"page.tls: {folder} has no certificate that works: {e}") from e

    @property
    def ending(self) -> Ending:
        """The page's certificate as it stands in the folder now, be there a tablet to take it or none."""
        self._renewed()
        return Ending(str(self._folder / CERTIFICATE), self.until)

    def accept(self, connection: socket.socket) -> ssl.SSLSocket | None:
        """The connection under TLS, hands not shaken yet, when the tablet speaks it; None when it speaks plain HTTP."""
        if connection.recv(1, socket.MSG_PEEK) != _HANDSHAKE:
            return None
        self._renewed()
        return self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def _renewed(self) -> None:
        """Take files that were written since; a folder that is half written keeps the old ones working."""
        written = self._written()
        if written == self._read_at:
            return
        try:
            fresh = _context(self._folder)
            names, until = _shown(fresh, self._folder / AUTHORITY)
            authority = _authority(self._folder / AUTHORITY)
        except (OSError, ValueError) as e:
            log.warning("the page's new certificate does not work yet: %s", e)
            return
        self._context, self._read_at, self.names, self.until = fresh, written, names, until
        self.authority = authority

    def _written(self) -> tuple[int, ...]:
        files = [self._folder / name for name in (CERTIFICATE, KEY, AUTHORITY)]
        return tuple(f.stat().st_mtime_ns if f.exists() else 0 for f in files)


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    return context


def _authority(path: Path) -> Authority:
    pem = path.read_text(encoding="ascii")
    found: Any = ssl.create_default_context(cadata=pem).get_ca_certs()
    subject = dict(part[0] for part in found[0]["subject"])
    return Authority(str(subject.get("commonName", "Threenos CA")), ssl.PEM_cert_to_DER_cert(pem))


def _shown(server: ssl.SSLContext, authority: Path) -> tuple[list[str], datetime]:
    """The names and the end of a certificate, as a device sees them that trusts its authority: shaken hands in memory.

    Raises ssl.SSLError when such a device would refuse it, but for the time: an end that has passed, or a clock gone
    wrong, is told and stops no agent.
    """
    client = ssl.create_default_context(cafile=authority)
    client.check_hostname = False
    client.verify_flags |= ANY_TIME
    here, _ = shaken(client, server)
    told: Any = here.getpeercert()  # typeshed makes it a union too wide to use
    return [value for _, value in told["subjectAltName"]], until(here)
